"""A kill between any two writes: running again finishes, and undo leaves nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from platformctl.model import Json
from platformctl.testing.case import Broken, ResourceCase
from platformctl.testing.process import Countdown, forked
from platformctl.testing.stage import FIRST, SECOND, Stage, differing

_NEVER: Final = -1


def a_kill_between_any_two_writes_is_recovered(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    _sweep(stage, case.inputs, FIRST)
    if case.other is not None:
        stage.apply(case.inputs, FIRST)
        _sweep(stage, case.other, SECOND)


def _sweep(stage: Stage, inputs: Mapping[str, Any], run: str) -> None:
    """Kill an apply at every moment, each time from the world as it is now, which is left as it was."""
    start, kept = stage.look(), f"before {run}"
    stage.keep(kept)
    count = _apply_and_die(stage, inputs, run, _NEVER)
    end = stage.look()
    for moment in _chosen(count, stage.case.kills):
        try:
            stage.restore(kept)
            _apply_and_die(stage, inputs, run, moment)
            stage.apply(inputs, run)
            _expect(end, stage, "running it again")
            if stage.plan(inputs).changes:
                raise Broken("running it again does not finish")
            stage.undo(stage.run(run))
            _expect(start, stage, "running it again and undo")
            stage.restore(kept)
            _apply_and_die(stage, inputs, run, moment)
            stage.undo(stage.run(run))
            _expect(start, stage, "undo at once")
        except Broken as broken:
            raise Broken(f"killed at moment {moment + 1} of {count}: {broken}") from None
    stage.restore(kept)


def _apply_and_die(stage: Stage, inputs: Mapping[str, Any], run: str, moment: int) -> int:
    """Apply in a process that is killed at a moment; one that is not killed says how many there are."""
    scratch = stage.folder / "scratch"
    scratch.mkdir(exist_ok=True)

    def child() -> Json:
        tempfile.tempdir = str(scratch)
        countdown = Countdown(moment)
        stage.apply(inputs, run, countdown)
        return countdown.passed

    return int(forked(child) or 0)


def _chosen(count: int, most: int | None) -> Iterator[int]:
    """All moments, or so many of them with the same distance between them, the last one included."""
    number = count if most is None else min(most, count)
    for index in range(number):
        yield (index + 1) * count // number - 1


def _expect(wanted: Any, stage: Stage, after: str) -> None:
    if (found := stage.look()) != wanted:
        raise Broken(f"after {after}, {differing(wanted, found)}")
