"""`platformctl undo`: take back what a run did, where the world still is as the run left it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from platformctl.commands import run
from platformctl.commands.session import Session
from platformctl.engine.undo import undo as take_back
from platformctl.errors import BadInput
from platformctl.events import Stream, Type
from platformctl.journal import Journal, Run
from platformctl.model import Change


@dataclass(frozen=True)
class Undoing:
    """What was taken back, and what was left where it is, with the reason."""

    run: Run
    undone: tuple[Change, ...]
    left: tuple[tuple[Change, str], ...]


def undo(name: str, session: Session, approve: Callable[[Run], bool]) -> Undoing | None:
    """Undo a run; None when it was not approved. Raises `NotFound`, or `BadInput` when nothing is to be undone."""
    found = session.changing_run(name)
    held = run.lock(session, found.service)
    try:
        found = session.run(found.id)
        if not found.changes and found.status != "unfinished":
            raise BadInput(f"run {found.id} has nothing to take back")
        if later := _later(session, found):
            raise BadInput(
                f"{found.service} was changed by a later run",
                hint=f"Take that back first: platformctl undo {later}",
            )
        if not approve(found):
            return None
        about = {"service": found.service, "path": found.first.path, "version": found.first.version}
        with closing(Journal(session.home.runs, found.id)) as written:
            stream = Stream([written, *session.readers], run=found.id, **about)
            left = take_back(found, session.wiring.action, stream)
            stream.emit(Type.RUN_FINISHED, status="partly undone" if left else "undone", duration=stream.elapsed)
    finally:
        held.release()
    kept = {change.address for change, _ in left}
    return Undoing(found, tuple(change for change in found.changes if change.address not in kept), tuple(left))


def _later(session: Session, found: Run) -> str:
    """The newest run after this one that still has changes in the world."""
    for other in session.runs(found.service):
        if other.id == found.id:
            return ""
        if other.changes:
            return other.id
    return ""
