"""`platformctl runs list` and `show`: what was done, when, and how it ended."""

from __future__ import annotations

from itertools import islice

from platformctl.commands.session import Session
from platformctl.journal import Run


def listed(session: Session, service: str, limit: int) -> list[Run]:
    """The newest runs, newest first."""
    return list(islice(session.runs(service), limit))


def show(name: str, session: Session) -> Run:
    """One run. Raises `NotFound`."""
    return session.run(name)
