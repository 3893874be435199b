"""A small Grafana for tests: folders, dashboards and permissions behind both of its APIs, with bad weather on command.

    with FakeGrafana("13.1.0") as grafana:
        token = grafana.token("a-token", role="admin")

`python -m platformctl.testing.grafana` is the same as a server. Faults are those of `platformctl.testing.github`.
"""

from __future__ import annotations

from platformctl.testing.github import Exchange, Fault, Request
from platformctl.testing.grafana.fake import FakeGrafana

__all__ = ["Exchange", "FakeGrafana", "Fault", "Request"]
