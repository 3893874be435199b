"""kill -9 at every journal point of a campaign: the next call goes on, and the end is that of an undisturbed one.

The points are those of the campaign's own journal and of the runs by which its services move: what proposes, and what
follows the merge on the other planes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.forked import Forked
from tests.e2e.kept import keep, restore
from tests.e2e.note_fleet import TEAMS, Fleet, events, name
from tests.e2e.points import points

UP = ("upgrade", "--all", "--to", "2.0.0", "--path", "note", "--yes")
POINTS = 2 * 25
"""Two services: the campaign's first and last line and its second wave; of each service three lines there, and two runs
of four lines."""


class Stage:
    """Two services to start from, and how an undisturbed campaign ends."""

    def __init__(self, root: Path) -> None:
        (root / "root" / "work").mkdir(parents=True)
        self._root = root / "root"
        Fleet.made(self._cli(), 2, "1.1.0", "2.0.0", automerge=TEAMS[:2], waves=[1, "100%"])
        keep(self._root)
        fleet = self.restored()
        self.points = fleet.cli.kill_at(-1, *UP)
        self.end = (fleet.world(), end(fleet))

    def _cli(self) -> Forked:
        return Forked(self._root / "home", self._root / "work")

    def restored(self) -> Fleet:
        """At the same place every time."""
        restore(self._root)
        return Fleet(self._cli())


def end(fleet: Fleet) -> dict[str, Any]:
    """How every service stands, and that each was proposed and merged once."""
    states = fleet.states()
    commits = {
        service: fleet.git(service, "log", "--topo-order", "--format=%s", "main").decode().splitlines()
        for service in states
    }
    return {"states": states, "commits": commits}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("stage"))


def test_the_points_are_all_there_are(stage: Stage) -> None:
    assert stage.points == POINTS
    assert stage.end[1]["states"] == {name(0): "done", name(1): "done"}


@pytest.mark.parametrize("point", points(POINTS))
def test_the_next_call_goes_on(point: int, stage: Stage) -> None:
    fleet = stage.restored()
    cli = fleet.cli
    assert isinstance(cli, Forked) and cli.kill_at(point, *UP) == -1
    cli.run(*UP)
    assert (fleet.world(), end(fleet)) == stage.end
    story = [(one.get("service"), one["status"]) for one in events(cli, "note-2.0.0") if "status" in one]
    assert len(story) == len(set(story)), "nothing is noted twice"
