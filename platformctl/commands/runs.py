"""`platformctl runs list` and `show`: what was done, when, and how it ended."""

from __future__ import annotations

from itertools import islice

from platformctl import journal
from platformctl.commands.session import Session
from platformctl.journal import Run


def listed(session: Session, service: str, limit: int) -> list[Run]:
    """The newest runs, newest first."""
    return list(islice(journal.runs(session.home.runs, service), limit))


def show(name: str, session: Session) -> Run:
    """One run. Raises `NotFound`."""
    return journal.find(session.home.runs, name)
