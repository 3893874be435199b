"""What others do while a campaign is on its way: nothing of theirs is merged, and nothing stale is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from platformctl.backends.forge.local import LocalForge
from platformctl.commands import campaign_call, ledger, rollout, upgrade_all
from tests.e2e.forked import Forked
from tests.e2e.kept import keep, restore
from tests.e2e.note_fleet import HEAD, TEAMS, Fleet, name

UP = ("upgrade", "--all", "--to", "1.1.0", "--path", "note")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three services of three teams on `note` 1.0.0, while 1.1.0 and 2.0.0 are there."""
    folder = tmp_path_factory.mktemp("three")
    (folder / "root" / "work").mkdir(parents=True)
    Fleet.made(Forked(folder / "root" / "home", folder / "root" / "work"), 3, "1.1.0", "2.0.0")
    keep(folder / "root")
    return folder


@pytest.fixture
def fleet(made: Path) -> Fleet:
    """Those, at the same place every time."""
    restore(made / "root")
    return Fleet(Forked(made / "root" / "home", made / "root" / "work"))


@contextmanager
def before(where: object, what: str, happens: Callable[[], object]) -> Iterator[None]:
    """In each call, something happens just before it first comes to a function, there."""
    really, left = getattr(where, what), [happens]

    def late(*given: Any, **named: Any) -> Any:
        if left:
            left.pop()()
        return really(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, what, late)
        yield


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


def test_what_is_merged_while_it_is_looked_at_has_not_declined(fleet: Fleet) -> None:
    """Its record is read, then it is merged, then nothing is found to be proposed any more."""
    fleet.cli.run(*UP, "--yes", "--wave", "1,100%", code=3)
    with before(LocalForge, "proposal", lambda: fleet.merges(name(0))):
        fleet.cli.run("upgrade", "--all", code=3)
    assert fleet.states()[name(0)] == "done"


def test_what_was_merged_between_two_looks_waits_for_the_next_call(fleet: Fleet) -> None:
    """The second look, too, has read the record before the merge, and asks for the proposal after it."""
    fleet.cli.run(*UP, "--yes", "--wave", "1,100%", code=3)
    head = fleet.git(name(0), "rev-parse", f"{HEAD}{name(0)}").decode().strip()
    fleet.declines(name(0))
    with before(LocalForge, "file", lambda: fleet.git(name(0), "update-ref", "refs/heads/main", head)):
        waits = fleet.cli.result("upgrade", "--all", code=3)
    assert waits["moved"] == [] and fleet.states()[name(0)] == "proposed"
    fleet.cli.run("upgrade", "--all", code=3)
    assert fleet.states()[name(0)] == "done"


def test_what_is_merged_before_it_is_brought_up_to_date_is_seen_through(fleet: Fleet) -> None:
    """Its branch has moved on, so that the proposal is to follow; it is merged first."""
    fleet.cli.run(*UP, "--yes", "--wave", "1,100%", code=3)
    fleet.edits(name(0), "app.py", lambda text: text.replace("line 9\n", "line nine\n"))
    with before(rollout, "upgrade", lambda: fleet.merges(name(0))):
        assert fleet.cli.result("upgrade", "--all", code=3)["moved"] == []
    fleet.cli.run("upgrade", "--all", code=3)
    assert fleet.states()[name(0)] == "done"


def test_what_a_person_proposes_before_its_wave_has_not_declined(fleet: Fleet) -> None:
    """The first call looks at all of them before the first wave."""
    fleet.configure(automerge=TEAMS[:1])
    person = ("upgrade", name(1), "--to", "1.1.0", "--yes")
    with before(campaign_call, "gate", lambda: fleet.cli.run(*person)):
        fleet.cli.run(*UP, "--yes", "--wave", "1,100%", code=3)
    assert [fleet.states()[name(number)] for number in range(3)] == ["done", "proposed", "proposed"]
    fleet.declines(name(1))
    fleet.cli.run("upgrade", "--all", code=None)
    assert fleet.states()[name(1)] == "declined"


def test_what_its_team_proposes_for_a_later_version_is_left_alone(fleet: Fleet) -> None:
    fleet.cli.run(*UP, "--yes", "--wave", "1,100%", code=3)
    fleet.cli.run("upgrade", name(0), "--to", "2.0.0", "--yes")
    fleet.edits(name(0), "app.py", lambda text: text + "# team\n")
    waits = fleet.cli.run("upgrade", "--all", code=3)
    assert "a person goes on there" in waits.stdout
    assert b"version: 2.0.0" in fleet.git(name(0), "show", f"{HEAD}{name(0)}:.platformctl.yaml")
    fleet.merges(name(0))
    fleet.cli.run("upgrade", "--all", code=3)
    assert fleet.version(name(0)) == "2.0.0" and fleet.states()[name(0)] == "done"


def test_conflict_markers_that_were_merged_are_no_health(fleet: Fleet) -> None:
    fleet.edits(name(0), "Makefile", lambda text: "test:\n\ttox\n")
    fleet.cli.run(*UP, "--yes", "--wave", "100%", code=3)
    for number in range(3):
        fleet.merges(name(number))
    failed = fleet.cli.run("upgrade", "--all", code=1)
    assert "conflict markers were merged: Makefile" in failed.stdout
    fleet.edits(name(0), "Makefile", lambda text: "test:\n\ttox\n")
    assert fleet.cli.result("campaign", "go")["status"] == "done"


def test_two_do_not_begin_beside_one_another(fleet: Fleet, tmp_path: Path) -> None:
    """While one waits at its question, or just before it has its turn, another one begins with a team of its own."""
    said = tmp_path / "said"

    def another() -> None:
        done = fleet.cli.run(*UP, "--team", TEAMS[0], "--yes", code=None)
        said.write_text(f"{done.returncode} {done.stderr}")

    with before(upgrade_all, "_begin", another):
        fleet.cli.run(*UP, "--yes", "--wave", "100%", code=3)
    assert said.read_text().startswith("1 ") and "platformctl upgrade note is running" in said.read_text()
    fleet.cli.run("campaign", "end")
    with before(ledger, "alone", another):
        late = fleet.cli.run("upgrade", "--all", "--to", "2.0.0", "--path", "note", "--yes", code=2)
    assert f"campaign note-1.1.0-{TEAMS[0]} is not over" in late.stderr
    assert [one["status"] for one in fleet.cli.result("campaign", "list")["campaigns"]].count("running") == 1


def test_a_version_that_is_withdrawn_meanwhile_is_not_merged_any_more(fleet: Fleet) -> None:
    cli = fleet.cli
    cli.run(*UP, "--yes", "--wave", "100%", code=3)
    fleet.configure(automerge=TEAMS)
    file = fleet.path / "path.yaml"
    whole = file.read_text()
    file.write_text(f"{whole}versions: {{1.1.0: {{status: withdrawn, since: '2026-01-01', reason: It leaks}}}}\n")
    said = "note 1.1.0 is withdrawn since 2026-01-01: It leaks"
    assert f"Paused: {said}" in cli.run("upgrade", "--all", code=None).stdout
    assert {fleet.version(name(number)) for number in range(3)} == {"1.0.0"}
    refused = cli.run("campaign", "go", code=2)
    assert said in refused.stderr and "campaign end note-1.1.0" in refused.stderr
    file.write_text(whole)
    assert cli.result("campaign", "go")["status"] == "done"


def test_a_word_to_go_on_pauses_a_campaign_for_a_version_that_is_withdrawn(fleet: Fleet) -> None:
    fleet.cli.run(*UP, "--yes", "--wave", "1,100%", code=3)
    with (fleet.path / "path.yaml").open("a") as file:
        file.write("versions: {1.x: {status: withdrawn, since: '2026-01-01', reason: It leaks}}\n")
    fleet.cli.run("campaign", "go", code=2)
    assert fleet.cli.result("campaign", "status")["status"] == "paused"
    assert fleet.states()[name(1)] == "waiting", "no wave has begun"
