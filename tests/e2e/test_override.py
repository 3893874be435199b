"""Overrides as users meet them: made, kept, ended, refused, dropped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.sandbox import World

RECORD = ".platformctl.yaml"
ADD = ("override", "add", "base-api")
WHY = ("--why", "Money moves here", "--yes")


def record(world: World) -> str:
    return world.git("base-api", "show", f"main:{RECORD}")


def diagnosis(world: World, *arguments: str) -> Mapping[str, Any]:
    done = world.run("doctor", "base-api", "--json", *arguments)
    found: Mapping[str, Any] = json.loads(done.out.splitlines()[-1])["data"]
    return {**found, "code": done.code}


def protection(world: World) -> Mapping[str, Any]:
    found = json.loads((world.home / "forge/local/base-api.git/platformctl.json").read_text())
    rules: Mapping[str, Any] = found["protection"]["main"]
    return rules


def added(world: World, target: str, *more: str) -> None:
    done = world.run(*ADD, target, *WHY, *more)
    assert done.code == 0, done.err


def test_an_input_is_overridden_applied_kept_and_dropped(used: World) -> None:
    added(used, "branch_protection.reviews=2")
    assert protection(used)["reviews"] == 2
    found = diagnosis(used)
    assert (found["code"], found["findings"]) == (0, [])
    (deviation,) = found["deviations"]
    today = datetime.now(UTC).date()
    assert deviation == {
        "target": "branch_protection.reviews",
        "input": "branch_protection.reviews",
        "value": 2,
        "why": "Money moves here",
        "decided_by": "payments",
        "since": today.isoformat(),
        "until": (today + timedelta(days=90)).isoformat(),
        "default": 1,
        "differs": True,
        "extension_point": True,
    }
    for again in (
        ("configure", "base-api", "--set", "tier=batch", "--yes"),
        ("new", "service", "base-api", "--team", "payments", "--tier", "batch", "--no-input"),
        ("doctor", "base-api", "--fix", "--yes"),
    ):
        assert used.run(*again).code == 0
        assert "branch_protection.reviews" in record(used) and protection(used)["reviews"] == 2
    assert used.run("override", "drop", "base-api", "branch_protection.reviews", "--yes").code == 0
    assert protection(used)["reviews"] == 1 and "overrides" not in record(used)
    assert diagnosis(used)["deviations"] == []


def test_a_file_that_is_the_teams_is_no_drift_and_is_never_overwritten(used: World) -> None:
    content = b"* @local/payments\n/docs @local/writers\n"
    used.overwrite("base-api", "refs/heads/main", "CODEOWNERS", content)
    assert diagnosis(used)["findings"][0]["class"] == "edited"
    added(used, "file:CODEOWNERS")
    found = diagnosis(used)
    assert (found["code"], found["findings"], found["deviations"][0]["differs"]) == (0, [], True)
    assert used.run("doctor", "base-api", "--fix", "--yes").code == 0
    assert used.git("base-api", "show", "main:CODEOWNERS").encode() == content.strip()
    assert used.run("override", "drop", "base-api", "file:CODEOWNERS", "--yes").code == 0
    assert "writers" not in used.git("base-api", "show", "main:CODEOWNERS")


def test_a_step_that_is_taken_over_is_left_alone(used: World) -> None:
    added(used, "step:grafana_dashboard", "--until", "never")
    file = next((used.home / "grafana").rglob("svc-base-api.json"))
    file.write_text(json.dumps({"uid": "svc-base-api", "title": "Our own", "panels": []}))
    found = diagnosis(used)
    assert (found["code"], found["findings"], found["deviations"][0]["differs"]) == (0, [], True)
    assert used.run("doctor", "base-api", "--fix", "--yes").code == 0
    assert "Our own" in file.read_text()


def test_what_has_ended_is_drift_again(used: World) -> None:
    added(used, "branch_protection.reviews=2")
    ended = record(used).replace((datetime.now(UTC).date() + timedelta(days=90)).isoformat(), "2026-01-01")
    used.overwrite("base-api", "refs/heads/main", RECORD, f"{ended}\n".encode())
    found = diagnosis(used)
    (finding,) = (one for one in found["findings"] if one["plane"] == "security")
    assert (found["code"], found["deviations"]) == (3, [])
    assert (finding["part"], finding["expected"], finding["found"]) == ("reviews", "1", "2")
    assert finding["expired_override"]["until"] == "2026-01-01"
    assert "its override ended on 2026-01-01" in used.run("doctor", "base-api").out
    assert used.run("doctor", "base-api", "--fix", "--yes").code == 0
    assert protection(used)["reviews"] == 1


def test_a_record_that_a_person_has_written_is_as_good(used: World) -> None:
    own = (
        record(used)
        + "\n# by hand\noverrides:\n  - why: By hand\n    until: 2099-01-01\n    input: branch_protection.reviews\n"
        + "    since: 2026-11-01\n    decided_by: payments\n    value: 3\n"
    )
    used.overwrite("base-api", "refs/heads/main", RECORD, own.encode())
    found = diagnosis(used)
    assert [(one["address"], one["part"], one["class"]) for one in found["findings"]] == [
        ("branch_protection/base-api/main", "reviews", "behind")
    ]
    assert used.run("doctor", "base-api", "--fix", "--yes").code == 0
    assert protection(used)["reviews"] == 3
    assert diagnosis(used)["findings"] == []


REFUSED = {
    "a value that is not allowed": (
        ["branch_protection.reviews=9", *WHY],
        2,
        ["branch_protection.reviews: 9 is greater", "How many people read a change"],
    ),
    "an input that there is not": (["branch_protection.review=2", *WHY], 2, ["no such input", "reviews"]),
    "a step that there is not": (["protection.reviews=2", *WHY], 2, ["no step 'protection'", "branch_protection"]),
    "a step that makes files": (["step:scaffold", *WHY], 2, ["makes files", "file:PATH"]),
    "no reason": (["file:Makefile", "--yes"], 2, ["needs a reason", "--why"]),
    "nothing": (["reviews", *WHY], 2, ["nothing that can be overridden", "STEP.INPUT=VALUE"]),
    "a day that has gone by": (["file:Makefile", *WHY, "--until", "2020-01-01"], 2, ["2020-01-01 has gone by"]),
    "no day": (["file:Makefile", *WHY, "--until", "soon"], 2, ["'soon' is no day", "90d"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_overridden_is_refused(case: str, used: World) -> None:
    arguments, code, says = REFUSED[case]
    used.refused(*ADD, *arguments, code=code, says=says)


def test_what_is_overridden_above_cannot_be_overridden_below(used: World) -> None:
    added(used, "step:grafana_dashboard")
    says = ["grafana_dashboard.team is overridden already, by step:grafana_dashboard", "override drop"]
    used.refused(*ADD, "grafana_dashboard.team=x", *WHY, code=2, says=says)
    used.refused("override", "drop", "base-api", "file:x", "--yes", code=2, says=["It overrides step:grafana_dash"])


def test_outside_of_the_extension_points_it_is_possible_and_said(used: World) -> None:
    added(used, "branch_protection.linear_history=false")
    assert protection(used)["linear_history"] is False
    assert diagnosis(used)["deviations"][0]["extension_point"] is False
    assert "outside of the extension points" in used.run("doctor", "base-api").out


def test_many_teams_that_deviate_ask_for_another_default(used: World) -> None:
    for number in range(3):
        name = f"other-{number}"
        assert used.run("new", "service", name, "--team", f"team-{number}", "--no-input").code == 0
        assert used.run("override", "add", name, "branch_protection.reviews=2", *WHY).code == 0
    done = used.run("deviations", "--json")
    (found,) = json.loads(done.out.splitlines()[-1])["data"]["deviations"]
    assert (found["teams"], found["most_wanted"]) == (["team-0", "team-1", "team-2"], 2)
    assert found["asks_for_change"] is True
    said = used.run("deviations").out
    assert "a default of 2 would make 3 of them unnecessary" in said
    assert "  - id: branch_protection\n      with:\n        reviews: 2" in said
    assert "3 of 4 services deviate. 1 default should change." in said
