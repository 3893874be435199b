"""Large campaigns, run by `make soak`: fifty services killed at random, two hundred to the end, fifty on GitHub."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.conftest import Cli
from tests.e2e import note_path
from tests.e2e.forked import Forked
from tests.e2e.kept import keep, restore
from tests.e2e.note_fleet import TEAMS, Fleet, events, name
from tests.e2e.organisation import Stage, stage
from tests.e2e.test_campaign_github import Hub
from tests.e2e.test_campaign_kills import end
from tests.openapi.exchanges import problems

__all__ = ["stage"]

UP = ("upgrade", "--all", "--to", "2.0.0", "--path", "note", "--yes")
SEED = 20261130
ROUNDS = 10
NEAR = 24
"""A call dies at one of its next so many journal points, and so no stretch of a campaign is passed over."""


def made(root: Path, count: int) -> Fleet:
    (root / "work").mkdir(parents=True)
    return Fleet.made(Cli(root / "home", root / "work"), count, "1.1.0", "2.0.0", automerge=TEAMS)


def killed(cli: Cli, seconds: float) -> int | None:
    """Begin a call and kill it with all that it has started, unless it ends before; gives how it ended."""
    with cli.start(*UP, start_new_session=True) as process:
        try:
            process.communicate(timeout=seconds)
        except Exception:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None
    return process.returncode


@pytest.mark.soak
def test_fifty_services_are_killed_at_random_moments(tmp_path: Path) -> None:
    fleet = made(tmp_path / "root", 50)
    for number in (7, 20, 33):
        fleet.conflicts(name(number))
    keep(tmp_path / "root")
    began = time.monotonic()
    fleet.cli.run(*UP, code=3)
    whole = time.monotonic() - began
    wanted = (fleet.world(), end(fleet))
    chance, kills = random.Random(SEED), 0
    for _ in range(ROUNDS):
        restore(tmp_path / "root")
        while (code := killed(fleet.cli, chance.uniform(0.5, max(1.0, whole / 4)))) is None:
            kills += 1
        assert code == 3
        assert (fleet.world(), end(fleet)) == wanted
        told = Counter(
            (one.get("service"), one["status"]) for one in events(fleet.cli, "note-2.0.0") if "status" in one
        )
        assert set(told.values()) == {1}, "nothing is noted twice"
    assert kills > 2 * ROUNDS
    print(f"{kills} kills in {ROUNDS} campaigns over 50 services; each ended as an undisturbed one")


@pytest.mark.soak
def test_fifty_services_are_killed_at_one_journal_point_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "root" / "work").mkdir(parents=True)
    cli = Forked(tmp_path / "root" / "home", tmp_path / "root" / "work")
    fleet = Fleet.made(cli, 50, "1.1.0", "2.0.0", automerge=TEAMS)
    keep(tmp_path / "root")
    points = cli.kill_at(-1, *UP)
    wanted = (fleet.world(), end(fleet))
    restore(tmp_path / "root")
    chance, kills = random.Random(SEED), 0
    while cli.kill_at(chance.randrange(NEAR), *UP) == -1:
        kills += 1
    assert (fleet.world(), end(fleet)) == wanted
    assert kills > points / NEAR
    print(f"{kills} kills at journal points of one campaign over 50 services, which has {points} of them undisturbed")


@pytest.mark.soak
def test_two_hundred_services_come_to_the_end(tmp_path: Path) -> None:
    fleet = made(tmp_path / "root", 200)
    began = time.monotonic()
    fleet.cli.run(*UP)
    print(f"200 services in {time.monotonic() - began:.0f} s")
    assert set(fleet.states().values()) == {"done"}
    assert {fleet.version(name(number)) for number in range(200)} == {"2.0.0"}


@pytest.mark.soak
def test_fifty_services_on_github_come_to_the_end(stage: Stage) -> None:
    organisation = stage.restored()
    note_path.write(organisation.home / "paths", "1.0.0")
    file = organisation.home / "platform.yaml"
    platform = yaml.safe_load(file.read_text())
    platform |= {"golden_paths": ["paths"], "teams": [{"slug": "payments", "automerge": True}]}
    file.write_text(yaml.safe_dump(platform))
    hub = Hub(organisation)
    services = [name(number) for number in range(50)]
    for service in services:
        hub.cli.run("new", "note", service, "--team", "payments", "--yes")
    for version in ("1.1.0", "2.0.0"):
        note_path.put(organisation.home / "paths" / "note", version)
    hub.asked()
    calls, requests = 0, 0
    found = hub.cli.result(*UP, code=3)
    while found["status"] != "done":
        calls, requests = calls + 1, requests + found["requests"]
        for one in found["services"]:
            if one["state"] in ("proposed", "merged"):
                hub.says(one["service"], "success", "main" if one["state"] == "merged" else "")
        found = hub.cli.result("upgrade", "--all", code=None)
    print(f"50 services on GitHub: {calls} calls, {requests} requests")
    assert requests <= 50 * 40
    assert [len(hub.pulls(service)) for service in services] == [1] * 50
    assert problems(hub.github.exchanges) == []
