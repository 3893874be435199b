"""What a run leaves that was killed: some of what is asked for stands, and some stands as it was before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Final

from platformctl.commands import undo
from platformctl.locks import held
from platformctl.model import Drift
from tests.drifts import people
from tests.drifts.case import Kind, Move, Planted
from tests.drifts.stand import ANSWERS, SERVICE, Stand
from tests.drifts.terraform_state import ADDRESS, FOLDER

_KILLED: Final = Path(__file__).parents[1] / "e2e" / "killed.py"
_CHANGE: Final = ("tier=batch", "description=Batches", "slo.latency_seconds=2.5")
_WORKING: Final = f"locks/workspace-acme-{SERVICE}-staging"
_POINTS: Final = 20
"""Points of the journal at which a run can be killed; there are more of them."""


def _kill(stand: Stand, point: int, *arguments: str) -> None:
    """Run platformctl and kill it at a point of its journal."""
    command = [sys.executable, str(_KILLED), str(stand.home.parent / "reached"), str(point), *arguments]
    path = os.pathsep.join(map(str, (Path(__file__).parents[2], *sys.path)))
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False, capture_output=True, timeout=120)
    with held(stand.path(_WORKING), timeout=60):
        """A Terraform that was left alone has ended."""


def _configured(stand: Stand, chance: Random) -> Planted:
    settings = [part for answer in _CHANGE for part in ("--set", answer)]
    before = stand.content(".platformctl.yaml")
    _kill(stand, chance.randrange(2, _POINTS), "configure", SERVICE, *settings, "--no-input")
    # Where the record was not written, nothing else is asked for, and what was made already is too much.
    return _aside(stand, moved=stand.content(".platformctl.yaml") != before)


def _aside(stand: Stand, *, moved: bool = True) -> Planted:
    """Where Terraform was killed with its state in its hands, that stands aside, and nothing else is told of it."""
    if not (stand.path(FOLDER) / "errored.tfstate").exists():
        return Planted(moved=moved)
    return Planted({(ADDRESS, "state"): Drift.BEHIND}, (ADDRESS,), moved)


def _made(stand: Stand, chance: Random) -> Planted:
    """The service was being made when the run was killed, and its record was there."""
    undo.undo("last", stand.session("undo"), lambda *_: True)
    settings = [part for answer in ANSWERS for part in ("--set", answer)]
    for point in range(chance.randrange(6, _POINTS), 2 * _POINTS):
        _kill(stand, point, "new", "service", SERVICE, *settings, "--no-input")
        if ".platformctl.yaml" in people.entries(stand.repository()):
            return _aside(stand)
    raise AssertionError("the record never came")


def _kinds() -> Iterator[Kind]:
    behind = Drift.BEHIND
    asked: Callable[[Random], Move] = lambda chance: Move("record: what is configured", _CHANGE)  # noqa: E731
    yield Kind("a run was killed that changes it", _configured, "", behind, gone=behind, move=asked, times=8)
    yield Kind("a run was killed that makes it", _made, "", Drift.BEHIND, times=6)


KINDS: Final = tuple(_kinds())
