"""The golden path on GitHub from end to end: what it makes, what it asks, and what it leaves alone."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from platformctl.testing.github import Exchange
from tests.e2e.organisation import NEW, Organisation, organisation, prepared, stage
from tests.github import TOKEN
from tests.newest import SERVICE as NEWEST

__all__ = ["organisation", "stage"]

NEW_REQUESTS: Final = 25
NO_OP_REQUESTS: Final = 6
"""Requests to the API that a `new` may take, and a `new` or `doctor` that find all as it should be."""
LOOKING: Final = [(*NEW, "--dry-run"), ("plan", *NEW[1:-1]), ("catalog", "list")]


def writes(exchanges: Sequence[Exchange]) -> list[str]:
    """The requests that were meant to change something."""
    return [
        f"{exchange.method} {exchange.path}" for exchange in exchanges if exchange.template and exchange.method != "GET"
    ]


def test_new_makes_it_and_undo_leaves_nothing(organisation: Organisation) -> None:
    before = organisation.everything()
    organisation.done(*NEW)
    assert 0 < len([asked for asked in organisation.exchanges() if asked.template]) <= NEW_REQUESTS
    made = organisation.everything()
    first = f"Create payments-api from golden path service {NEWEST}"
    assert made["commits"]["payments-api"] == [first, "Initial commit"]

    organisation.done("doctor", "payments-api")
    asked = organisation.exchanges()
    assert writes(asked) == [] and 0 < len(asked) <= NO_OP_REQUESTS
    assert "nothing was changed" in organisation.done(*NEW).out
    asked = organisation.exchanges()
    assert writes(asked) == [] and 0 < len(asked) <= NO_OP_REQUESTS
    assert organisation.everything() == made

    organisation.done("undo", "last", "--yes")
    assert left(organisation) == {**before, "commits": None}


def left(organisation: Organisation) -> dict[str, object]:
    """Everything but the commits of shared repositories, where what is taken back is taken back by a commit."""
    return {**organisation.everything(), "commits": None}


def test_a_clone_holds_what_the_plan_said(organisation: Organisation, tmp_path: Path) -> None:
    events = organisation.done(*NEW, "--json").out.splitlines()
    changes = json.loads(events[-1])["data"]["changes"]
    [planned] = [change["after"] for change in changes if change["address"] == "files/payments-api"]
    url = organisation.github.web_url.replace("://", f"://x:{TOKEN}@") + "/acme/payments-api.git"
    git("clone", "--quiet", url, str(tmp_path / "clone"))
    listed = git("-C", str(tmp_path / "clone"), "ls-tree", "-r", "HEAD").splitlines()
    assert {path: about.replace(" blob", "") for about, _, path in (line.partition("\t") for line in listed)} == planned
    trailer = git("-C", str(tmp_path / "clone"), "log", "-1", "--format=%(trailers:key=Platformctl-Service,valueonly)")
    assert trailer.strip() == "payments-api"


def test_init_again_writes_nothing(organisation: Organisation) -> None:
    before = organisation.everything()
    organisation.done(*organisation.init)
    asked = organisation.exchanges()
    assert asked and writes(asked) == []
    assert organisation.everything() == before


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_looking_writes_nothing(command: tuple[str, ...], organisation: Organisation) -> None:
    before, files = organisation.everything(), organisation.tree()
    organisation.done(*command)
    assert writes(organisation.exchanges()) == []
    assert organisation.everything() == before and organisation.tree() == files


def a_repository_of_somebody(organisation: Organisation) -> None:
    """It was there before, with a file."""
    organisation.ask("POST", "/orgs/acme/repos", {"name": "payments-api", "private": True, "auto_init": True})
    file = {"message": "ours", "content": base64.b64encode(b"ours").decode()}
    organisation.ask("PUT", "/repos/acme/payments-api/contents/src/ours.txt", file)
    organisation.exchanges()


def test_somebodys_repository_is_left_alone(organisation: Organisation) -> None:
    a_repository_of_somebody(organisation)
    organisation.refused(*NEW, code=1, says=["payments-api", "--adopt"])
    assert writes(organisation.exchanges()) == []


def test_somebodys_repository_is_taken_over_when_asked_and_never_deleted(organisation: Organisation) -> None:
    a_repository_of_somebody(organisation)
    organisation.done(*NEW, "--adopt")
    organisation.done("doctor", "payments-api")
    organisation.done("undo", "last", "--yes")
    refs = organisation.github.state()["repositories"]["payments-api"]["refs"]
    assert [path for _, _, path in refs["refs/heads/main"]] == ["README.md", "src/ours.txt"]
    assert not [one for one in writes(organisation.exchanges()) if one == "DELETE /repos/acme/payments-api"]


def test_code_owners_without_access_are_named(organisation: Organisation) -> None:
    """GitHub asks nobody for a review who may not write."""
    organisation.done(*NEW)
    organisation.ask("DELETE", "/orgs/acme/teams/payments/repos/acme/payments-api")
    shutil.rmtree(organisation.home / "cache")
    done = organisation.run("doctor", "payments-api")
    assert done.code == 3 and "CODEOWNERS line 1: Unknown owner @acme/payments" in done.out, done.out


def test_an_enterprise_server(tmp_path: Path) -> None:
    with prepared(tmp_path, enterprise_server=True) as made:
        organisation = made.restored()
        before = {**organisation.everything(), "commits": None}
        assert organisation.github.url.endswith("/api/v3")
        organisation.done(*NEW)
        organisation.done("doctor", "payments-api")
        organisation.done("undo", "last", "--yes")
        assert left(organisation) == before


def git(*arguments: str) -> str:
    """Run git without anybody's configuration."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True, env=environment).stdout
