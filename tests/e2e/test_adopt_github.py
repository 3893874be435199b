"""Existing repositories on GitHub are taken onto a golden path: a pull request, and nothing else before its merge."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.e2e.organisation import Organisation, organisation, stage
from tests.e2e.shapes import FASTAPI
from tests.github import TOKEN
from tests.newest import SERVICE as NEWEST

__all__ = ["organisation", "stage"]

NAME: Final = "quotes-api"
FILES: Final = {**FASTAPI, "CODEOWNERS": "* @acme/payments\n"}
del FILES["README.md"]  # GitHub has made one


@pytest.fixture
def theirs(organisation: Organisation) -> Organisation:
    """An organisation with a repository of a team's own, which another team may write to as well."""
    github = organisation.github
    github.team("writers")
    about = {"name": NAME, "private": True, "auto_init": True, "description": "Quotes for <b>all</b>"}
    organisation.ask("POST", "/orgs/acme/repos", about)
    organisation.ask("PUT", f"/repos/acme/{NAME}/topics", {"names": ["quotes", "team-payments"]})
    organisation.ask("PUT", f"/orgs/acme/teams/writers/repos/acme/{NAME}", {"permission": "push"})
    for path, text in FILES.items():
        content = base64.b64encode(text.encode()).decode()
        organisation.ask("PUT", f"/repos/acme/{NAME}/contents/{path}", {"message": "Ours", "content": content})
    return organisation


def result(where: Organisation, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = where.run(*arguments, "--json")
    assert done.code == code, f"exit {done.code}\n{done.out}\n{done.err}"
    found: dict[str, Any] = json.loads(done.out.splitlines()[-1])["data"]
    return found


def state(where: Organisation) -> dict[str, Any]:
    found: dict[str, Any] = where.github.state()["repositories"][NAME]
    return found


def files(where: Organisation, ref: str = "refs/heads/main") -> Mapping[str, Any]:
    return {path: about for path, *about in state(where)["refs"][ref]}


def pulls(where: Organisation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = where.ask("GET", f"/repos/acme/{NAME}/pulls?state=all")
    return found


def test_nothing_is_made_before_the_merge_and_all_is_well_after_it(theirs: Organisation) -> None:
    before, ours = state(theirs), files(theirs)
    found = result(theirs, "adopt", NAME)
    [pull] = pulls(theirs)
    assert found["proposed"] == {f"files/{NAME}": pull["html_url"]}
    assert pull["title"] == f"Take {NAME} onto golden path service {NEWEST}" and pull["base"]["ref"] == "main"
    told = {one["name"]: one["source"] for one in found["adoption"]["answers"]}
    assert told["description"] == "the repository's description" and told["visibility"] == "the repository's setting"
    assert "    description: Quotes for <b>all</b> (the repository's description)\n" in pull["body"]
    assert "    repository.teams = writers write, payments maintain until " in pull["body"]
    assert "    repository.topics = golden-path-service, quotes, team-payments, tier-standard until " in pull["body"]
    assert "     merge: merge or rebase or squash → squash\n" in pull["body"]
    after = state(theirs)
    assert {**after, "refs": 0, "pulls": 0} == {**before, "refs": 0, "pulls": 0} and files(theirs) == ours

    assert result(theirs, "adopt", NAME)["proposed"] == found["proposed"] and len(pulls(theirs)) == 1
    theirs.ask("PUT", f"/repos/acme/{NAME}/pulls/{pull['number']}/merge", {"merge_method": "squash"})
    assert {path: files(theirs)[path] for path in ours} == ours
    theirs.refused("adopt", NAME, code=1, says=[f"is on golden path service {NEWEST} already"])
    assert theirs.run("doctor", NAME).code == 3
    theirs.done("doctor", NAME, "--fix", "--yes")
    done = result(theirs, "doctor", NAME)
    targets = {one["target"] for one in done["deviations"]}
    assert (
        not done["drift"]
        and {"repository.teams", "repository.topics", "branch_protection.checks", "file:app/*"} <= targets
    )
    assert {path: files(theirs)[path] for path in ours} == ours
    teams = {team["slug"]: team["permission"] for team in theirs.ask("GET", f"/repos/acme/{NAME}/teams")}
    assert teams == {"payments": "maintain", "writers": "push"} and "quotes" in state(theirs)["topics"]


def test_undo_closes_the_pull_request_and_leaves_the_repository_as_it_was(theirs: Organisation) -> None:
    before = state(theirs)
    run = result(theirs, "adopt", NAME)["run"]
    theirs.done("undo", run, "--yes")
    assert [pull["state"] for pull in pulls(theirs)] == ["closed"]
    assert {**state(theirs), "pulls": 0} == {**before, "pulls": 0}
    assert theirs.run("adopt", NAME).code == 0
    assert [pull["state"] for pull in pulls(theirs)].count("open") == 1


def test_what_the_team_adds_to_the_pull_request_is_not_lost(theirs: Organisation) -> None:
    url = result(theirs, "adopt", NAME)["proposed"][f"files/{NAME}"]
    about = {"message": "Ours", "content": "eA==", "branch": f"platformctl/files_{NAME}"}
    theirs.ask("PUT", f"/repos/acme/{NAME}/contents/Dockerfile.dev", about)
    assert result(theirs, "adopt", NAME)["proposed"] == {f"files/{NAME}": url}
    done = theirs.run("adopt", NAME, "--set", "tier=batch")
    assert done.code == 1 and f"somebody else has committed to platformctl/files_{NAME}" in done.message


@pytest.mark.parametrize("what", ["archived", "default branch", "team", "no repository"])
def test_what_cannot_be_adopted(what: str, theirs: Organisation) -> None:
    arguments, code, says = [NAME], 2, ["is archived"]
    if what == "archived":
        theirs.ask("PATCH", f"/repos/acme/{NAME}", {"archived": True})
    elif what == "default branch":
        theirs.ask("POST", f"/repos/acme/{NAME}/branches/main/rename", {"new_name": "trunk"})
        says = ["has no default branch main", "rename"]
    elif what == "team":
        arguments, says = [NAME, "--team", "strangers"], ["strangers"]
    else:
        arguments, says = ["no-such"], ["there is no repository 'no-such'"]
    done = theirs.refused("adopt", *arguments, code=code, says=says)
    assert TOKEN not in done.err
