"""An undo that is killed at any touch of the disk is finished by undoing again: nothing is left, nothing is refused.

Over the resources whose backends keep files; the crash matrix kills undo in all of them, between its events.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from platformctl.action import Undone
from platformctl.model import Change, Kind, Owner, Plane
from tests.contract.cases import CASES

OWNER = Owner("svc", "run-1")


class Killed(BaseException):
    """Nobody catches it."""


class Touches:
    """Lets so many touches of the disk through, and dies before the next."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 10**9
        for name in ("unlink", "replace", "rmdir"):
            monkeypatch.setattr(Path, name, self._counted(getattr(Path, name)))

    def _counted(self, touch: Any) -> Any:
        def counted(*arguments: Any, **options: Any) -> Any:
            if self.left == 0:
                raise Killed
            self.left -= 1
            return touch(*arguments, **options)

        return counted


@pytest.mark.parametrize("name", ["alert_rules", "catalog_registration", "grafana_dashboard"])
def test_it_is_undone_again(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[name]
    touches = Touches(monkeypatch)
    for moment in count():
        folder = tmp_path / str(moment)
        action = case.action(case.port(folder))
        ((address, wanted),) = action.desired(case.inputs).items()
        change = Change(address, Kind.CREATE, "step", Plane.MONITORING, name, after=wanted, owner=OWNER)
        applied = action.apply(case.inputs, change)
        change = replace(change, left=applied.observed.revision)
        touches.left = moment
        try:
            assert action.undo(change) == Undone()
            ended = True
        except Killed:
            ended = False
        touches.left = 10**9
        assert case.action(case.port(folder)).undo(change) == Undone(), f"killed before touch {moment + 1}"
        found = [file for file in folder.rglob("*") if file.is_file() and "locks" not in file.parts]
        assert found == [], f"killed before touch {moment + 1}"
        if ended:
            break
    assert moment > 5
