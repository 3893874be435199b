"""A fleet on the fake GitHub comes to another version: CI is waited for, and nothing is asked or done twice."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
import yaml

from platformctl.backends.forge.github.forge import GitHubForge
from platformctl.commands import rollout
from platformctl.testing.github import Exchange
from tests.e2e import note_path
from tests.e2e.forked import Forked
from tests.e2e.note_fleet import HEAD, name
from tests.e2e.organisation import Organisation, Stage, stage
from tests.e2e.sandbox import Pristine
from tests.e2e.test_campaign_races import before
from tests.openapi.exchanges import problems

__all__ = ["stage"]

FIVE = [name(number) for number in range(5)]
UP = ("upgrade", "--all", "--to", "2.0.0", "--path", "note")


class Hub:
    """Five services of one team on `note` 1.0.0, on GitHub, and platformctl."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation, self.github = organisation, organisation.github
        self.cli = Forked(organisation.home, organisation.work, organisation.environment())
        self.began = len(self.github.exchanges)

    def asked(self) -> list[Exchange]:
        """What was asked since this was called last."""
        found = self.github.exchanges[self.began :]
        self.began = len(self.github.exchanges)
        return found

    def writes(self) -> list[str]:
        """What of that was meant to change something."""
        return [f"{one.method} {one.path}" for one in self.asked() if one.method != "GET"]

    def api(self, verb: str, service: str, path: str, **body: Any) -> Any:
        """What somebody does on GitHub."""
        return self.organisation.ask(verb, f"/repos/acme/{service}/{path}", body or None)

    def pulls(self, service: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api("GET", service, f"pulls?state=all&head=acme:{HEAD}{service}")
        return found

    def says(self, service: str, word: str, ref: str = "") -> None:
        """CI has ended on what is proposed, or on a branch."""
        at = self.github.head(service, ref or f"{HEAD}{service}")
        self.github.check(service, at, "ci", word, run=True)

    def states(self) -> dict[str, str]:
        return {one["service"]: one["state"] for one in self.cli.result("campaign", "status")["services"]}


@pytest.fixture(scope="module")
def served(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The organisation with the services."""
    organisation = stage.restored()
    note_path.write(organisation.home / "paths", "1.0.0")
    file = organisation.home / "platform.yaml"
    platform = yaml.safe_load(file.read_text())
    platform |= {"golden_paths": ["paths"], "teams": [{"slug": "payments", "automerge": True}]}
    platform |= {"campaigns": {"waves": [1, "100%"], "failures": "50%"}}
    file.write_text(yaml.safe_dump(platform))
    hub = Hub(organisation)
    for service in FIVE:
        hub.cli.run("new", "note", service, "--team", "payments", "--yes")
    note_path.put(organisation.home / "paths" / "note", "1.1.0")
    note_path.put(organisation.home / "paths" / "note", "2.0.0")
    kept = Pristine.keep(organisation, tmp_path_factory.mktemp("five") / "kept")
    return Stage(stage.github, kept, stage.github.remember())


@pytest.fixture
def hub(served: Stage) -> Hub:
    return Hub(served.restored())


def test_a_campaign_waits_for_ci_merges_and_goes_on(hub: Hub) -> None:
    cli = hub.cli
    rehearsed = cli.result(*UP, "--dry-run")
    assert rehearsed["counts"] == {"clean": 5} and hub.writes() == []

    first = cli.result(*UP, "--yes", code=3)
    assert first["requests"] == len(hub.github.exchanges) - hub.began <= 30
    assert hub.states() == {FIVE[0]: "proposed"} | dict.fromkeys(FIVE[1:], "waiting")
    assert sum(one.startswith("POST") and one.endswith("/pulls") for one in hub.writes()) == 1

    again = cli.result("upgrade", "--all", code=3)
    assert again["requests"] <= 6
    assert again["moved"] == [] and hub.writes() == [], "no check has said anything"
    hub.says(FIVE[0], "in_progress")
    assert cli.result("upgrade", "--all", code=3)["moved"] == [] and hub.writes() == []
    hub.says(FIVE[0], "success")
    merged = cli.result("upgrade", "--all", code=3)
    assert merged["moved"] == [FIVE[0]] and hub.states()[FIVE[0]] == "merged"
    assert hub.pulls(FIVE[0])[0]["merged_at"], "its team lets it be merged"
    assert hub.api("GET", FIVE[0], "topics")["names"] == ["note", "notes"], "the other planes came along"
    hub.asked()
    waits = cli.run("upgrade", "--all", code=3)
    assert "the checks of main have not ended" in waits.stdout and hub.writes() == []

    hub.says(FIVE[0], "success", "main")
    assert cli.result("upgrade", "--all", code=3)["wave"] == 2
    assert hub.states() == {FIVE[0]: "done"} | dict.fromkeys(FIVE[1:], "proposed")
    hub.says(FIVE[1], "failure")
    hub.api("PATCH", FIVE[2], f"pulls/{hub.pulls(FIVE[2])[0]['number']}", state="closed")
    hub.api("PUT", FIVE[3], f"pulls/{hub.pulls(FIVE[3])[0]['number']}/merge", merge_method="squash")
    hub.says(FIVE[3], "failure", "main")
    cli.run("upgrade", "--all", code=1)
    assert [hub.states()[service] for service in FIVE[1:]] == ["failed", "declined", "failed", "proposed"]
    paused = cli.run("upgrade", "--all", code=1)
    assert "3 of 4 in wave 2 failed, and 50% may" in paused.stdout
    assert "the checks of its pull request are red" in paused.stdout and "the checks of main are red" in paused.stdout

    hub.says(FIVE[1], "success")
    hub.says(FIVE[4], "success")
    hub.says(FIVE[3], "success", "main")
    cli.run("campaign", "go", code=3)
    for service in (FIVE[1], FIVE[4]):
        hub.says(service, "success", "main")
    done = cli.run("upgrade", "--all")
    assert "4 done, 1 declined" in done.stdout
    assert [len(hub.pulls(service)) for service in FIVE] == [1] * 5, "each was proposed once"
    assert problems(hub.github.exchanges) == []


def test_a_budget_stops_it_before_more_is_asked_and_the_next_call_goes_on_there(hub: Hub) -> None:
    cli = hub.cli
    cli.run(*UP, "--yes", "--wave", "100%", "--budget", "1000", code=3)
    for service in FIVE:
        hub.says(service, "success")
    seen: list[list[str]] = []
    stopped = True
    while stopped:
        hub.asked()
        found = cli.result("upgrade", "--all", "--budget", "60", code=3)
        assert found["requests"] == len(hub.asked()) <= 60, "it makes no more requests than it may"
        seen.append(found["moved"])
        stopped = bool(found["stopped"])
    assert len(seen) > 2 and sorted(itertools.chain(*seen)) == FIVE, "every service has its turn"


def test_rules_keep_a_merge_out_and_what_no_check_says_anything_of_is_not_waited_for_for_ever(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli, service = hub.cli, FIVE[0]
    reviews = {"required_approving_review_count": 1}
    rules = {"required_pull_request_reviews": reviews, "enforce_admins": True}
    nothing = {"required_status_checks": None, "restrictions": None}
    hub.api("PUT", service, "branches/main/protection", **rules, **nothing)
    cli.run(*UP, "--yes", code=3)
    hub.says(service, "success")
    kept_out = cli.run("upgrade", "--all", code=3)
    assert "review is required" in kept_out.stdout and hub.states()[service] == "proposed"
    hub.organisation.ask("DELETE", f"/repos/acme/{service}/branches/main/protection")
    assert cli.result("upgrade", "--all", code=3)["moved"] == [service]
    assert hub.states()[service] == "merged"
    monkeypatch.setattr(rollout, "PATIENCE", timedelta(0))
    found = cli.result("upgrade", "--all", code=3)
    assert found["services"][0]["state"] == "done" and found["services"][0]["why"] == "no check has said anything"


def test_what_is_merged_while_it_is_looked_at_has_not_declined(hub: Hub) -> None:
    cli, service = hub.cli, FIVE[0]
    cli.run(*UP, "--yes", code=3)
    merge = f"pulls/{hub.pulls(service)[0]['number']}/merge"
    with before(GitHubForge, "proposal", lambda: hub.api("PUT", service, merge, merge_method="squash")):
        assert cli.result("upgrade", "--all", code=3)["moved"] == [service]
    assert hub.states()[service] == "merged"
