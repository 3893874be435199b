"""kill -9 at every journal point: nothing is lost, nothing is left behind.

The points are found by counting them in an undisturbed run. At each, platformctl is killed; then running the same
command again gives the end state of an undisturbed run, doctor finds nothing, and undo leaves nothing. A second set
undoes at once, without finishing first; a third kills undo itself.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.e2e import world
from tests.e2e.points import points

NEW = ("new", "service", "payments-api", "--team", "payments", "--yes")
CONFIGURE = ("configure", "payments-api", "--set", "tier=batch", "--yes")
UNDO = ("undo", "last", "--yes")

FIRST_USE_POINTS = 2 * 20
"""`new` on an empty home, until the organisation is prepared: nine changes, each with its intent and its outcome,
and the run's first and last word; a point before and one after each of them."""
NEW_POINTS = 2 * 18
CONFIGURE_POINTS = 2 * 16
UNDO_POINTS = 2 * 9


@dataclass
class Stage:
    """A prepared home to start from, and the end states of undisturbed runs."""

    home: Path
    ends: dict[str, Any]
    points: dict[str, int]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Every command once, undisturbed, with its journal points counted."""
    root = tmp_path_factory.mktemp("stage")
    cli = Cli(root / "home", root)
    points = {"first use": kill_at(cli, -1, *NEW)}
    ends = {"new": world.state(cli.home)}
    points["configure"] = kill_at(cli, -1, *CONFIGURE)
    ends["configure"] = world.state(cli.home)
    cli.run(*UNDO)
    points["undo"] = kill_at(cli, -1, "undo", standing(cli)[0], "--yes")
    ends["prepared"] = world.state(cli.home)
    copy = root / "prepared"
    shutil.copytree(cli.home, copy, symlinks=True, ignore=shutil.ignore_patterns("*.ndjson"))
    points["new"] = kill_at(cli, -1, *NEW)
    assert world.state(cli.home) == ends["new"]
    return Stage(copy, ends, points)


@pytest.fixture
def prepared(stage: Stage, tmp_path: Path) -> Cli:
    """platformctl on a copy of the prepared home."""
    shutil.copytree(stage.home, tmp_path / "home", symlinks=True)
    return Cli(tmp_path / "home", tmp_path)


def kill_at(cli: Cli, point: int, *arguments: str) -> int:
    """Run until the point and die there: gives -1. A point that does not come gives how many there were."""
    count = cli.cwd / "count"
    command = [sys.executable, str(Path(__file__).with_name("killed.py")), str(count), str(point), *arguments]
    done = subprocess.run(
        command, env=cli.environment(), cwd=cli.cwd, capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode == -signal.SIGKILL:
        return -1
    assert done.returncode == 0, done.stderr
    return int(count.read_text())


def standing(cli: Cli) -> list[str]:
    """The runs on the service that are not undone, the newest first."""
    runs = cli.result("runs", "list", "--service", "payments-api")["runs"]
    return [run["run"] for run in runs if run["status"] != "undone"]


def undo_all(cli: Cli) -> None:
    """Take back every run on the service; one that died before its first change has nothing to take back."""
    for run in standing(cli):
        cli.run("undo", run, "--yes", code=None)


def test_the_points_are_all_there_are(stage: Stage) -> None:
    """A new event must get its own tests below."""
    assert stage.points == {
        "first use": FIRST_USE_POINTS + NEW_POINTS,
        "new": NEW_POINTS,
        "configure": CONFIGURE_POINTS,
        "undo": UNDO_POINTS,
    }


@pytest.mark.parametrize("point", points(FIRST_USE_POINTS))
def test_first_use_is_finished_by_running_it_again(point: int, cli: Cli, stage: Stage) -> None:
    assert kill_at(cli, point, *NEW) == -1
    cli.run(*NEW)
    assert world.state(cli.home) == stage.ends["new"]


@pytest.mark.parametrize("point", points(NEW_POINTS))
def test_new_is_finished_by_running_it_again_and_undone_without_a_trace(
    point: int, prepared: Cli, stage: Stage
) -> None:
    assert kill_at(prepared, point, *NEW) == -1
    prepared.run(*NEW)
    assert world.state(prepared.home) == stage.ends["new"]
    prepared.run("doctor", "payments-api")
    undo_all(prepared)
    assert world.state(prepared.home) == stage.ends["prepared"]


@pytest.mark.parametrize("point", points(NEW_POINTS))
def test_a_killed_new_is_undone_at_once_without_a_trace(point: int, prepared: Cli, stage: Stage) -> None:
    assert kill_at(prepared, point, *NEW) == -1
    undo_all(prepared)
    assert world.state(prepared.home) == stage.ends["prepared"]


@pytest.mark.parametrize("point", points(CONFIGURE_POINTS))
def test_configure_is_resumed_and_undone(point: int, prepared: Cli, stage: Stage) -> None:
    prepared.run(*NEW)
    assert kill_at(prepared, point, *CONFIGURE) == -1
    if point > 0:
        prepared.run("resume", "last", "--yes", code=None if point == CONFIGURE_POINTS - 1 else 0)
    else:
        prepared.run(*CONFIGURE)
    assert world.state(prepared.home) == stage.ends["configure"]
    prepared.run("doctor", "payments-api")
    prepared.run(*UNDO)
    assert world.state(prepared.home) == stage.ends["new"]


@pytest.mark.parametrize("point", points(UNDO_POINTS))
def test_undo_is_finished_by_running_it_again(point: int, prepared: Cli, stage: Stage) -> None:
    prepared.run(*NEW)
    assert kill_at(prepared, point, *UNDO) == -1
    prepared.run(*UNDO, code=None if point >= UNDO_POINTS - 2 else 0)
    assert world.state(prepared.home) == stage.ends["prepared"]
