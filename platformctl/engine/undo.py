"""Undoing a run: its journal read backwards."""

from __future__ import annotations

from platformctl.action import Left
from platformctl.engine.request import MakeAction
from platformctl.events import Stream, Type
from platformctl.journal import Run
from platformctl.model import Change


def undo(run: Run, action: MakeAction, stream: Stream) -> list[tuple[Change, str]]:
    """Take back every change of a run that the world still shows as the run left it.

    The result names the changes that were left in place, each with the reason.
    """
    left: list[tuple[Change, str]] = []
    for change in reversed(run.changes):
        result = action(change.uses, ()).undo(change)
        if isinstance(result, Left):
            left.append((change, result.why))
            stream.emit(Type.CHANGE_LEFT, step=change.step, plane=change.plane, change=change, message=result.why)
        else:
            stream.emit(Type.CHANGE_UNDONE, step=change.step, plane=change.plane, change=change)
    return left
