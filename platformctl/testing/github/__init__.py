"""A small GitHub for tests: the REST API with state, git over HTTP, and bad weather on command.

How to use it is in docs/how-to/test-against-github.md.
"""

from __future__ import annotations

from platformctl.testing.github.fake import FakeGitHub
from platformctl.testing.wire.exchange import Exchange, Request
from platformctl.testing.wire.faults import Fault

__all__ = ["Exchange", "FakeGitHub", "Fault", "Request"]
