"""What a pipeline on GitHub is given: secrets arrive sealed and are found nowhere else; bad weather is invisible."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from platformctl import config
from platformctl.action import Inputs, Left, Undone
from platformctl.backends.forge.github.forge import GitHubForge
from platformctl.errors import Failure, Moved, NoAccess, NotFound
from platformctl.home import Home
from platformctl.model import Change, Difference, Kind, Observed, Owner, Plane
from platformctl.resources.deployment_environment import DeploymentEnvironment
from platformctl.resources.pipeline_settings import PipelineSettings
from platformctl.testing.github import FakeGitHub
from platformctl.testing.wire.faults import Fault
from platformctl.wiring import Wiring
from tests.github import TOKEN, VARIABLE, completed, platform

CANARY = "canary-7b1f-0c4e"
ME = Owner("svc", "run-1")
INPUTS = {"repository": "svc", "variables": {"A": "1", "B": "2"}, "secrets": {"S": "env:CANARY"}}


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setenv("CANARY", CANARY)
    with FakeGitHub(tmp_path / "github") as github:
        github.token(TOKEN, role="admin")
        github.team("payments", "Payments")
        yield github


@pytest.fixture
def forge(github: FakeGitHub, tmp_path: Path) -> GitHubForge:
    forge = GitHubForge(completed(github, tmp_path), tmp_path / "cache")
    forge.create_repository("svc", {"default_branch": "main"}, ME)
    return forge


def make_variable(github: FakeGitHub, name: str, value: str) -> None:
    """By somebody else."""
    url, headers = f"{github.url}/repos/acme/svc/actions/variables", {"Authorization": f"token {TOKEN}"}
    requests.post(url, json={"name": name, "value": value}, headers=headers, timeout=5).raise_for_status()


def applied(action: Any, inputs: Inputs) -> Change:
    """The change that brings the world to the inputs, with what it left."""
    ((address, wanted),) = action.desired(inputs).items()
    seen: Observed = action.observe(inputs)[address]
    kind = Kind.UPDATE if seen.value else Kind.CREATE
    change = Change(address, kind, "s", Plane.DELIVERY, "a", seen.value, wanted, seen.revision, owner=ME)
    now = action.apply(inputs, change).observed
    assert now == action.observe(inputs)[address]
    return replace(change, left=now.revision)


def test_a_secret_arrives_and_is_found_nowhere_else(github: FakeGitHub, forge: GitHubForge, tmp_path: Path) -> None:
    change = applied(PipelineSettings(forge), INPUTS)
    assert github.secret("svc", "S") == CANARY
    assert {file for file in tmp_path.rglob("*") if file.is_file() and CANARY.encode() in file.read_bytes()} == set()
    said = json.dumps([change.to_json(), [repr(exchange) for exchange in github.exchanges]], ensure_ascii=False)
    assert CANARY not in said and "env:CANARY" in said
    assert forge.pipeline("svc", ["A", "B"], ["S"]).variables == INPUTS["variables"]


def test_a_secret_that_is_there_is_not_written_again(
    github: FakeGitHub, forge: GitHubForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(PipelineSettings(forge), INPUTS)
    monkeypatch.delenv("CANARY")
    applied(PipelineSettings(forge), {**INPUTS, "variables": {"A": "3"}})
    assert (github.secret("svc", "S"), forge.pipeline("svc", "AB", "").variables) == (CANARY, {"A": "3", "B": "2"})


def test_what_is_missing_is_seen_and_what_is_not_named_is_not(forge: GitHubForge) -> None:
    action = PipelineSettings(forge)
    applied(action, INPUTS)
    wanted = {"repository": "svc", "variables": {"A": "1"}, "secrets": {"T": "file:/t", "S": "env:OTHER"}}
    ((address, seen),) = action.observe(wanted).items()
    assert action.differences(wanted, address, seen) == [Difference("+", "secrets.T", "file:/t")]
    assert action.desired({"repository": "svc"}) == action.observe({"repository": "svc"}) == {}


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
@pytest.mark.parametrize("verb", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.usefixtures("forge")
def test_a_write_whose_answer_is_lost_is_made_once(verb: str, kind: str, github: FakeGitHub, tmp_path: Path) -> None:
    other = {**INPUTS, "variables": {"A": "3", "C": "4"}}
    data = completed(github, tmp_path)
    for number in range(1, 9):
        forge = GitHubForge(data, tmp_path / "cache")
        action = PipelineSettings(forge)
        environment = DeploymentEnvironment(forge), {"repository": "svc", "environment": "staging"}
        github.faults.add(Fault(kind, number, lambda request: request.method == verb))
        first, second = applied(action, INPUTS), applied(action, other)
        deployed = applied(*environment)
        assert forge.pipeline("svc", "ABC", "S").variables == {"A": "3", "B": "2", "C": "4"}
        assert github.secret("svc", "S") == CANARY
        for change in (second, first):
            assert action.undo(change) == Undone()
        assert environment[0].undo(deployed) == Undone()
        left = github.state()["repositories"]["svc"]
        assert not left["secrets"] and not left["variables"] and not left["environments"]
        if github.faults._waiting:
            break
    assert 1 < number < 8


@pytest.mark.parametrize("part", ["variables", "secrets"])
def test_what_was_just_written_may_be_seen_late(part: str, github: FakeGitHub, forge: GitHubForge) -> None:
    path = f"/repos/acme/svc/actions/{part}"
    github.faults.add(Fault("stale", 2, lambda request: (request.method, request.path) == ("GET", path)))
    seen = forge.settle_pipeline("svc", {"A": "1"}, {"S": "env:CANARY"}, "")
    assert (seen.variables, set(seen.secrets)) == ({"A": "1"}, {"S"})
    assert github.faults._waiting == []


def test_what_was_changed_since_is_left(github: FakeGitHub, forge: GitHubForge) -> None:
    action = PipelineSettings(forge)
    change = applied(action, INPUTS)
    now = github.site.now
    github.site.now = lambda: "2030-01-01T00:00:00Z"  # type: ignore[method-assign]
    put = forge.pipeline("svc", [], ["S"])
    forge.settle_pipeline("svc", {}, {"S": None}, put.revision)
    forge.settle_pipeline("svc", {}, {"S": "env:CANARY"}, "")
    github.site.now = now  # type: ignore[method-assign]
    assert action.undo(change) == Left("the secret S was set anew since")
    forge.settle_pipeline("svc", {"A": "9"}, {}, forge.pipeline("svc", "A", "").revision)
    assert action.undo(change) == Left("the variable A was changed since")
    assert forge.pipeline("svc", "AB", "S").variables == {"A": "9", "B": "2"}


def test_an_undo_that_was_killed_goes_on(forge: GitHubForge) -> None:
    action = PipelineSettings(forge)
    change = applied(action, {**INPUTS, "secrets": {"S": "env:CANARY", "T": "env:CANARY"}})
    half = forge.pipeline("svc", ["A"], ["S"])
    forge.settle_pipeline("svc", {"A": None}, {"S": None}, half.revision)
    assert action.undo(change) == Undone()
    assert forge.pipeline("svc", "AB", "ST").revision == ""


def test_more_variables_than_a_page_are_all_seen(github: FakeGitHub, forge: GitHubForge) -> None:
    many = {f"V{number}": str(number) for number in range(101)}
    for name, value in many.items():
        make_variable(github, name, value)
    assert forge.pipeline("svc", many, []).variables == many


def test_what_the_port_has_no_word_for_is_drift_and_goes(github: FakeGitHub, forge: GitHubForge) -> None:
    number = github.user("robot", "admin").id
    theirs = {
        "reviewers": [{"type": "User", "id": number}],
        "prevent_self_review": True,
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }
    url = f"{github.url}/repos/acme/svc/environments/staging"
    requests.put(url, json=theirs, headers={"Authorization": f"token {TOKEN}"}, timeout=5).raise_for_status()
    action = DeploymentEnvironment(forge)
    inputs = {"repository": "svc", "environment": "staging", "reviewers": ["payments"]}
    other = ["custom_branch_policies", "prevent_self_review", "user:robot"]
    ((_, seen),) = action.observe(inputs).items()
    assert seen.value["other"] == other
    change = applied(action, inputs)
    assert "other" not in action.observe(inputs)[change.address].value
    assert action.undo(change) == Left(
        "platformctl cannot set custom_branch_policies, prevent_self_review, user:robot again"
    )


def test_a_reviewer_that_is_not_there_is_named(forge: GitHubForge) -> None:
    with pytest.raises(NotFound, match="no team 'ghosts'"):
        applied(DeploymentEnvironment(forge), {"repository": "svc", "environment": "x", "reviewers": ["ghosts"]})


def test_somebody_who_was_faster_wins(github: FakeGitHub, forge: GitHubForge, monkeypatch: pytest.MonkeyPatch) -> None:
    other = GitHubForge.pipeline
    monkeypatch.setattr(forge, "pipeline", lambda *_: forge_before)
    forge_before = other(forge, "svc", "A", "")
    make_variable(github, "A", "theirs")
    with pytest.raises(Moved):
        forge.settle_pipeline("svc", {"A": "ours"}, {}, "")
    assert other(forge, "svc", "A", "").variables == {"A": "theirs"}


MISSING = {
    "a variable that is not set": ("env:NOWHERE", "the secret S: NOWHERE is not set"),
    "a file that is not there": ("file:/nowhere/s", "the secret S: /nowhere/s: No such file or directory"),
    "an empty file": ("file:{folder}/empty", "it is empty"),
    "a file of bytes": ("file:{folder}/bytes", "cannot be read as text"),
    "a folder": ("file:{folder}", "Is a directory"),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_reference_to_nothing_is_found_before_anything_is_asked(
    name: str, github: FakeGitHub, tmp_path: Path
) -> None:
    reference, said = MISSING[name]
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    data = platform(github) | {"ci": {"secrets": {"S": reference.format(folder=tmp_path)}}}
    file = tmp_path / "platform.yaml"
    file.write_text(json.dumps(data, indent=1))
    wiring = Wiring(config.load_file(file), Home(tmp_path / "home"))
    line = 1 + file.read_text().splitlines().index(f'   "S": "{data["ci"]["secrets"]["S"]}"')
    for path in ("service", "worker", "organisation"):
        recipe = wiring.recipe(path)
        with pytest.raises(NoAccess) as caught:
            wiring.check(recipe, {})
        assert (caught.value.where, said in caught.value.what) == (f"{file}:{line}", True), caught.value
        wiring.check(recipe, {}, writes=False)
    assert github.exchanges == []


LACKING = {
    "variables": ({"A": "1"}, "actions_variables: write"),
    "secrets": ({"S": "env:CANARY"}, "secrets: write"),
    "environments": (True, "actions: read"),
}


@pytest.mark.parametrize("setting", LACKING)
def test_a_permission_that_the_pipeline_needs_is_named(setting: str, github: FakeGitHub, tmp_path: Path) -> None:
    from platformctl.backends.forge.github import access

    value, said = LACKING[setting]
    ci = {**completed(github, tmp_path)["ci"], setting: value}
    forge = GitHubForge({**completed(github, tmp_path), "ci": ci}, tmp_path / "cache")
    forge._client.permissions = {name: level for name, (level, _) in access.PERMISSIONS.items()}
    forge._client._scopes = None
    assert [what for what, _ in access.lacking(forge._client, forge._permissions)] == [f"permission {said}"]
    assert access.lacking(forge._client, access.PERMISSIONS) == []


def test_a_refusal_says_no_secret(github: FakeGitHub, forge: GitHubForge) -> None:
    github.faults.add(Fault("secondary", match=lambda request: request.method == "PUT", seconds=999))
    with pytest.raises(Failure) as caught:
        applied(PipelineSettings(forge), INPUTS)
    assert CANARY not in repr(caught.value.__dict__) and CANARY not in str(caught.value)
