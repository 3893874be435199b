"""A fleet comes to another version: rehearsed, in waves, as far as it goes now; nobody stops the others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.e2e.forked import Forked
from tests.e2e.kept import keep, restore
from tests.e2e.note_fleet import TEAMS, Fleet, events, name, team

UP = ("upgrade", "--all", "--to", "1.1.0", "--path", "note")


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve services of three teams on `note` 1.0.0, while 1.1.0 and 2.0.0 are there."""
    root = tmp_path_factory.mktemp("twelve") / "root"
    (root / "work").mkdir(parents=True)
    Fleet.made(Cli(root / "home", root / "work"), 12, "1.1.0", "2.0.0")
    return root


@pytest.fixture
def restored(twelve: Path) -> Path:
    """Those, at the same place every time."""
    if not twelve.with_name("kept").exists():
        keep(twelve)
    return restore(twelve)


@pytest.fixture
def real(restored: Path) -> Fleet:
    """With platformctl as its users have it."""
    return Fleet(Cli(restored / "home", restored / "work"))


@pytest.fixture
def fleet(restored: Path) -> Fleet:
    """With platformctl that is called quickly."""
    return Fleet(Forked(restored / "home", restored / "work"))


def weather(fleet: Fleet) -> tuple[Path, bytes]:
    """Two conflicts, one that is blocked, and one that cannot be read: by what file, and what belongs there."""
    fleet.conflicts(name(2))
    fleet.conflicts(name(3))
    fleet.cli.run(
        "override", "add", name(4), 'repository.topics=["a", "b", "c"]', "--why", "x", "--until", "never", "--yes"
    )
    broken = fleet.forge / f"{name(5)}.git" / "refs" / "heads" / "main"
    whole = broken.read_bytes()
    broken.write_bytes(b"\0" * 41)
    return broken, whole


def verdicts(found: dict[str, Any]) -> dict[str, str]:
    return {one["service"]: one["verdict"] for one in found["services"] if one["verdict"] != "clean"}


def test_a_rehearsal_says_who_merges_who_conflicts_and_who_is_blocked_and_writes_nothing(real: Fleet) -> None:
    weather(real)
    real.edits(name(6), "app.py", lambda text: text.replace("line 9\n", "line nine\n"))
    before = {file: file.read_bytes() for file in real.cli.home.rglob("*") if file.is_file()}
    found = real.cli.result("upgrade", "--all", "--to", "2.0.0", "--path", "note", "--dry-run", code=1)
    assert verdicts(found) == {
        name(2): "conflicts",
        name(3): "conflicts",
        name(4): "blocked",
        name(5): "unreadable",
        name(6): "merges",
    }
    by_name = {one["service"]: one for one in found["services"]}
    assert by_name[name(2)]["conflicts"] == ["app.py"] and by_name[name(6)]["merged"] == ["app.py"]
    assert "repository.topics" in by_name[name(4)]["why"] and "branch is damaged" in by_name[name(5)]["why"]
    assert by_name[name(0)]["files"] > 5 and by_name[name(0)]["team"] == team(0)
    assert [len(names) for names in found["waves"]] == [1, 1, 4, 6] and found["waves"][0] == [name(0)]
    assert set(found["waves"][3][-4:]) == {name(number) for number in (2, 3, 4, 5)}, "those that wait go last"
    shown = real.cli.run("upgrade", "--all", "--to", "2.0.0", "--path", "note", "--dry-run", code=1).stdout
    assert f"! {name(2)}" in shown and "12 services: 7 clean, 1 merges, 2 conflicts, 1 blocked, 1 unreadable" in shown
    report = real.cli.run(
        "upgrade", "--all", "--to", "2.0.0", "--path", "note", "--dry-run", "--format", "markdown", code=1
    ).stdout
    assert f"| conflicts | `{name(2)}` | `{team(2)}` | 1.0.0 |" in report and "4 waves: 1 (`" not in report
    scoped = real.cli.result(
        "upgrade", "--all", "--to", "2.0.0", "--path", "note", "--team", TEAMS[0], "--dry-run", code=1
    )
    assert {one["service"] for one in scoped["services"] if one["team"]} == {name(n) for n in (0, 3, 6, 9)}
    unchanged = {file: file.read_bytes() for file in real.cli.home.rglob("*") if file.is_file()}
    assert {f for f in before.keys() | unchanged.keys() if "locks" not in f.parts and "cache" not in f.parts} == {
        f for f in before if "locks" not in f.parts and before[f] == unchanged.get(f) and "cache" not in f.parts
    }


def test_waves_go_as_far_as_they_go_and_the_next_call_goes_on(fleet: Fleet) -> None:
    broken, whole = weather(fleet)
    fleet.configure(automerge=(TEAMS[0], TEAMS[1]))
    cli = fleet.cli
    refused = cli.run("upgrade", "--all", "--to", "2.0.0", "--path", "note", code=3)
    assert "Nothing was proposed" in refused.stderr and not list(cli.home.glob("campaigns/*"))

    first = cli.run("upgrade", "--all", "--to", "2.0.0", "--path", "note", "--yes", code=3)
    assert f"{name(0)}: done" in first.stderr and "is in wave 3 of 4" in first.stdout
    states = fleet.states()
    assert [states[name(n)] for n in (0, 1, 6, 7, 8)] == ["done", "done", "done", "done", "proposed"]
    assert states[name(9)] == "waiting" and states[name(2)] == "waiting" and states[name(4)] == "blocked"
    assert fleet.version(name(0)) == "2.0.0" and fleet.version(name(8)) == "1.0.0"
    assert cli.run("doctor", name(0)).returncode == 0, "the other planes came along"

    before = fleet.world()
    again = cli.result("upgrade", "--all", code=3)
    assert again["moved"] == [] and fleet.world() == before

    fleet.merges(name(8))
    fleet.merges(name(11))
    cli.run("upgrade", "--all", code=1)
    states = fleet.states()
    assert states[name(8)] == states[name(11)] == states[name(9)] == states[name(10)] == "done"
    assert states[name(2)] == states[name(3)] == "conflicts"
    assert fleet.version(name(3)) == "1.0.0", "what conflicts is nobody's to merge, whatever its team has set"

    fleet.edits(name(2), "app.py", lambda _: "decided\n", branch=f"platformctl/upgrade_files_{name(2)}")
    fleet.merges(name(2))
    fleet.declines(name(3))
    found = cli.result("upgrade", "--all", code=1)
    states = fleet.states()
    assert states[name(3)] == "declined" and fleet.version(name(3)) == "1.0.0"
    assert states[name(2)] == "done" and list(found["unseen"]) == [name(5)]
    assert cli.run("doctor", name(3)).returncode == 0, "it is whole on its version"

    cli.run("override", "drop", name(4), "repository.topics", "--yes")
    broken.write_bytes(whole)
    done = cli.run("upgrade", "--all", code=3)
    assert f"{name(4)}: done" in done.stderr and f"proposed   {name(5)}" in done.stdout
    fleet.merges(name(5))
    done = cli.run("upgrade", "--all")
    assert "is done" in done.stdout and "11 done, 1 declined" in done.stdout
    again = cli.result("upgrade", "--all", "--path", "note", "--yes")
    assert again["counts"] == {"there": 11, "declined": 1}, "it is not asked again"


def test_too_many_failures_pause_it_and_only_go_takes_it_further(fleet: Fleet) -> None:
    cli = fleet.cli
    cli.run(*UP, "--yes", "--wave", "1,50%,100%", code=3)
    fleet.declines(name(0))
    paused = cli.run("upgrade", "--all", code=1)
    assert f"1 of 1 in wave 1 failed, and 20% may; first {name(0)}" in paused.stdout
    assert "campaign go note-1.1.0" in paused.stdout
    before = fleet.world()
    assert cli.run("upgrade", "--all", code=1).stdout.count("Paused") == 1 and fleet.world() == before

    went = cli.result("campaign", "go", code=3)
    assert went["wave"] == 2 and len(went["moved"]) == 5, "what was accepted does not count any more"
    wave = went["waves"][1]
    for service in wave[:2]:
        fleet.declines(service)
    paused = cli.run("upgrade", "--all", code=1)
    assert "2 of 5 in wave 2 failed, and 20% may" in paused.stdout
    again = cli.run("campaign", "pause", code=2)
    assert "is paused already" in again.stderr
    cli.run("campaign", "go", code=3)
    for service in wave[2:]:
        fleet.merges(service)
    found = cli.result("upgrade", "--all", code=3)
    assert found["wave"] == 3

    passed = cli.result("campaign", "end")
    assert passed["status"] == "ended"
    assert "no campaign is going on" in cli.run("campaign", "go", code=2).stderr
    assert "ended" in cli.run("campaign", "list").stdout


def test_one_that_fails_is_tried_again(fleet: Fleet) -> None:
    """The upgrade cannot be written; then it can."""
    cli = fleet.cli
    folder = fleet.forge / f"{name(0)}.git" / "refs" / "heads"
    (folder / "platformctl").write_text("in the way of a folder\n")
    failed = cli.run(*UP, "--yes", "--failures", "0", code=1)
    assert f"{name(0)}: failed: " in failed.stderr and "is paused in wave 1" in failed.stdout
    (folder / "platformctl").unlink()
    went = cli.run("campaign", "go", code=3)
    assert f"{name(0)}: proposed" in went.stderr


def test_a_person_pauses_passes_a_wave_and_lets_the_rest_begin(fleet: Fleet) -> None:
    cli = fleet.cli
    found = cli.result(*UP, "--yes", "--wave", "1", "--wave", "25%", code=3)
    assert [len(names) for names in found["waves"]] == [1, 2, 9] and found["rest_waits"]
    paused = cli.result("campaign", "pause", "note", "--why", "release week")
    assert paused["why"] == "release week"
    assert "Paused: release week" in cli.run("upgrade", "--all", code=3).stdout
    assert cli.result("campaign", "go", code=3)["wave"] == 1, "it goes on, and waits"
    assert cli.result("campaign", "go", code=3)["wave"] == 2, "it begins the next wave without what waits"
    for number in range(3):
        fleet.merges(name(number))
    assert "begins when you say so" in cli.run("upgrade", "--all", code=3).stdout
    assert cli.result("campaign", "go", code=3)["wave"] == 3
    for number in range(3, 12):
        fleet.merges(name(number))
    assert cli.result("upgrade", "--all")["status"] == "done"


def test_one_word_begins_the_rest_whatever_was_let_pass(fleet: Fleet) -> None:
    cli = fleet.cli
    cli.run(*UP, "--yes", "--wave", "2", "--failures", "50", code=3)
    fleet.declines(name(0))
    fleet.merges(name(1))
    assert "begins when you say so" in cli.run("upgrade", "--all", code=3).stdout
    assert cli.result("campaign", "go", code=3)["wave"] == 2


def test_a_proposal_follows_its_branch_and_what_a_person_adds_stays(fleet: Fleet) -> None:
    cli = fleet.cli
    cli.run(*UP, "--yes", "--wave", "2,100%", code=3)
    head = f"platformctl/upgrade_files_{name(0)}"
    fleet.edits(name(0), "app.py", lambda text: text.replace("line 9\n", "line nine\n"))
    fleet.edits(name(1), "app.py", lambda text: text + "mine\n", branch=f"platformctl/upgrade_files_{name(1)}")
    cli.run("upgrade", "--all", code=3)
    assert "line nine\n" in fleet.git(name(0), "show", f"{head}:app.py").decode()
    assert "mine\n" in fleet.git(name(1), "show", f"platformctl/upgrade_files_{name(1)}:app.py").decode()
    story = events(cli, "note-1.1.0")
    assert [one["status"] for one in story if one.get("service") == name(0)] == ["proposed"] * 2
    fleet.edits(name(0), "app.py", lambda text: text.replace("line 2\n", "line zwei\n"))
    cli.run("upgrade", "--all", code=3)
    assert fleet.states()[name(0)] == "conflicts"


def test_there_is_one_campaign_for_a_service_at_a_time(fleet: Fleet) -> None:
    cli = fleet.cli
    cli.run(*UP, "--yes", "--team", TEAMS[0], code=3)
    assert [one["campaign"] for one in cli.result("campaign", "list")["campaigns"]] == [f"note-1.1.0-{TEAMS[0]}"]
    in_the_way = cli.run("upgrade", "--all", "--to", "2.0.0", "--path", "note", "--yes", code=2)
    assert f"campaign note-1.1.0-{TEAMS[0]} is not over" in in_the_way.stderr
    cli.run(*UP, "--yes", "--team", TEAMS[1], code=3)
    assert "which campaign?" in cli.run("upgrade", "--all", code=2).stderr
    changed = cli.run(*UP, "--team", TEAMS[1], "--wave", "1", code=2)
    assert f"campaign note-1.1.0-{TEAMS[1]} goes on as it was begun" in changed.stderr
    cli.run("campaign", "end", f"note-1.1.0-{TEAMS[0]}")
    cli.run("campaign", "end", f"note-1.1.0-{TEAMS[1]}")
    proposed = cli.result(*UP, "--dry-run")
    assert verdicts(proposed) == {name(0): "proposed", name(1): "proposed"}
    cli.run(*UP, "--yes", "--wave", "2,100%", code=3)
    assert fleet.proposals(name(0)) == 1
    cli.run("campaign", "end")
    cli.run(*UP, "--yes", code=3)
    assert cli.result("campaign", "list")["campaigns"][0]["campaign"] == "note-1.1.0-2"


def test_the_burndown_is_shown_to_people_to_machines_and_as_markdown(fleet: Fleet) -> None:
    cli = fleet.cli
    assert "no campaign yet" in cli.run("campaign", "status", code=2).stderr
    fleet.configure(automerge=(TEAMS[0],))
    cli.run(*UP, "--yes", code=3)
    lines = cli.run("campaign", "status").stdout
    assert "1 done, 1 proposed, 10 waiting" in lines and "wave 3    4 waiting" in lines and "░  11" in lines
    found = cli.result("campaign", "status", "note-1")
    assert found["burndown"]["counts"] == {"done": 1, "proposed": 1, "waiting": 10}
    assert found["burndown"]["days"][0]["left"] == 11
    report = fleet.cli.cwd / "report.md"
    cli.run("campaign", "status", "--format", "markdown", "--output", str(report))
    assert "1 of 12 over" in report.read_text() and f"| proposed | `{name(1)}` |" in report.read_text()
    assert "there is no campaign 'x'" in cli.run("campaign", "status", "x", code=2).stderr


def test_when_all_are_there_nothing_begins(fleet: Fleet) -> None:
    found = fleet.cli.result("upgrade", "--all", "--to", "1.0.0", "--path", "note", "--yes")
    assert found["counts"] == {"there": 12} and not list(fleet.cli.home.glob("campaigns/*"))


def test_one_that_hangs_keeps_nobody_waiting(real: Fleet) -> None:
    file = real.forge / f"{name(3)}.git" / "refs" / "heads" / "main"
    kept = file.read_bytes()
    file.unlink()
    os.mkfifo(file)
    found = real.cli.result(*UP, "--yes", "--timeout", "3", "--wave", "100%", code=1)
    states = {one["service"]: one["state"] for one in found["services"]}
    assert states.pop(name(3)) == "blocked" and set(states.values()) == {"proposed"}
    file.unlink()
    file.write_bytes(kept)
    real.cli.run("upgrade", "--all", code=3)
    assert real.states()[name(3)] == "proposed"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("upgrade", name(0), "--all"), "one service, or --all"),
        (("upgrade", "--all", "--merge"), "for one service"),
        (("upgrade", name(0), "--team", "crew-a"), "that is for many services"),
        (("upgrade", "--all", "--path", "nope"), "there is no golden path 'nope'"),
        (("upgrade", "--all", "--to", "9.9.9"), "which golden path? None has version 9.9.9"),
        (("upgrade", "--all", "--path", "note", "--to", "9.9.9"), "has no version '9.9.9'"),
        (("upgrade", "--all", "--team", "nobody", "--path", "note"), "there is no team 'nobody'"),
        (("upgrade", "--all", "--path", "note", "--wave", "ten"), "wave: 'ten' is no size"),
        (("upgrade", "--all", "--path", "note", "--budget", "3"), "too few"),
        (("upgrade", "--all", "--path", "note", "--output", "x"), "which format?"),
        (("campaign", "go"), "no campaign is going on"),
        (("campaign", "end", "x"), "there is no campaign 'x'"),
    ],
)
def test_bad_input_is_one_line(fleet: Fleet, arguments: tuple[str, ...], says: str) -> None:
    done = fleet.cli.run(*arguments, code=2)
    assert says in done.stderr and len(done.stderr.strip().splitlines()) == 1
