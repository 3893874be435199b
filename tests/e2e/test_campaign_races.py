"""What others do while a campaign is on its way: nothing of theirs is merged, and nothing stale is noted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.forked import Forked
from tests.e2e.note_fleet import HEAD, TEAMS, Fleet, name

UP = ("upgrade", "--all", "--to", "1.1.0", "--path", "note")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three services of three teams on `note` 1.0.0, while 1.1.0 and 2.0.0 are there."""
    folder = tmp_path_factory.mktemp("three")
    (folder / "root" / "work").mkdir(parents=True)
    Fleet.made(Forked(folder / "root" / "home", folder / "root" / "work"), 3, "1.1.0", "2.0.0")
    shutil.copytree(folder / "root", folder / "kept", symlinks=True)
    return folder


@pytest.fixture
def fleet(made: Path) -> Fleet:
    """Those, at the same place every time."""
    shutil.rmtree(made / "root")
    shutil.copytree(made / "kept", made / "root", symlinks=True)
    return Fleet(Forked(made / "root" / "home", made / "root" / "work"))


def goes_on(fleet: Fleet, service: str) -> None:
    """A person adds a file to what is proposed."""
    ref, said = f"refs/heads/{HEAD}{service}", "committer Team <team@localhost> now\ndata 4\nwork"
    stream = f"commit {ref}\n{said}\nfrom {ref}^0\nM 100644 inline mine\ndata 5\nmine\n\n"
    fleet.git(service, "fast-import", "--quiet", "--date-format=now", stdin=stream.encode())


def test_what_a_person_has_committed_to_is_not_merged_by_any_later_call(fleet: Fleet) -> None:
    fleet.cli.run(*UP, "--yes", "--wave", "1,100%", code=3)
    goes_on(fleet, name(0))
    fleet.configure(automerge=TEAMS)
    for _ in range(3):
        waits = fleet.cli.run("upgrade", "--all", code=3)
        assert "a person goes on there" in waits.stdout and fleet.version(name(0)) == "1.0.0"
    fleet.merges(name(0))
    assert fleet.cli.result("upgrade", "--all")["status"] == "done"
    assert fleet.git(name(0), "show", "main:mine") == b"mine\n"


def test_what_a_person_has_committed_to_before_the_campaign_is_not_merged_either(fleet: Fleet) -> None:
    fleet.cli.run("upgrade", name(0), "--to", "1.1.0", "--yes")
    goes_on(fleet, name(0))
    fleet.configure(automerge=TEAMS)
    waits = fleet.cli.run(*UP, "--yes", code=3)
    assert "a person goes on there" in waits.stdout and fleet.states()[name(0)] == "proposed"
    assert fleet.version(name(0)) == "1.0.0"
