"""A second opinion on the forge on GitHub: the port's own suite against emulate, which knows nothing of our fake."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
import requests

from platformctl.backends.forge import Forge
from platformctl.backends.forge.github.forge import GitHubForge
from platformctl.errors import Failure
from tests.contract import test_forge as suite
from tests.emulate import server
from tests.github import VARIABLE, completed

pytestmark = pytest.mark.slow

CORE: Final = {
    name: test
    for name, test in vars(suite).items()
    if name.startswith("test_") and {"forge", "made"} & inspect.signature(test).parameters.keys()
}
"""What the suite asks of every backend."""
globals().update(CORE)

EXPECTED: Final = {
    "test_what_is_not_there_is_not_an_error": ("GET /orgs/acme/repos: Not Found", "no list of repositories"),
    "test_a_repository_carries_its_mark_from_the_first_moment": (
        "PUT /repos/acme/svc/vulnerability-alerts: Not Found",
        "no vulnerability alerts",
    ),
    "test_a_name_is_taken_once": (
        "POST /orgs/acme/repos: Repository already exists",
        "the 422 has no `errors`, by which the taken name would be known",
    ),
    "test_settings_are_swapped": (
        "DELETE /repos/acme/svc/automated-security-fixes: Not Found",
        "no automated security fixes",
    ),
    "test_protection_is_swapped_and_lifted": ("GitHub offers no rulesets here", "no rulesets"),
    "test_a_proposal_is_found_again_and_brought_up_to_date": (
        "assert (PullRequest(",
        "a pull request's head stays where it was opened, whatever is pushed to its branch",
    ),
    "test_a_proposal_is_swapped_and_withdrawn": (
        "== ('', None)",
        "a pull request stays open when its branch is deleted",
    ),
    "test_a_deployment_environment_is_swapped_and_removed": (
        "PUT /repos/acme/svc/environments/staging: Not Found",
        "no environments",
    ),
    "test_variables_and_secrets_of_a_pipeline_are_swapped": (
        "variables or secrets of svc were changed meanwhile",
        "no variables and secrets",
    ),
    "test_a_proposal_is_merged_with_what_its_branch_has_got_since": (
        "/status: Not Found",
        "no combined status of a commit",
    ),
    "test_only_what_was_looked_at_is_merged": ("DID NOT RAISE", "merges whatever the branch stands at by then"),
    "test_what_conflicts_is_not_merged": ("DID NOT RAISE", "merges what conflicts"),
    "test_who_may_call_workflows_is_swapped": ("assert '' == 'nobody'", "nothing about who may call workflows"),
}
"""What emulate has not, or otherwise than GitHub: by the test that finds it, what is said then, and why.

A test that fails otherwise, or no longer, is no expected failure.
"""

_SETTINGS: Final = {
    key: value for key, value in suite.SETTINGS.items() if key not in ("teams", "security_updates", "properties")
}
"""Those that emulate keeps."""


_AS_ADMIN: Final = {"Authorization": f"Bearer {server.TOKEN}"}


@pytest.fixture(scope="module")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server.running(tmp_path_factory.mktemp("emulate")) as url:
        for team in ("payments", "security"):
            made = requests.post(f"{url}/orgs/acme/teams", json={"name": team}, headers=_AS_ADMIN, timeout=30)
            assert made.status_code == 201
        yield url


@pytest.fixture
def forge(
    emulate: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Forge]:
    if expected := EXPECTED.get(request.node.originalname):
        said, reason = expected
        raised = pytest.RaisesExc((AssertionError, Failure, pytest.fail.Exception), match=re.escape(said))
        request.applymarker(pytest.mark.xfail(reason=reason, raises=raised, strict=True))
    monkeypatch.setenv(VARIABLE, server.TOKEN)
    there: Any = SimpleNamespace(url=emulate, web_url=emulate)
    yield GitHubForge(completed(there, tmp_path / "platform"), tmp_path / "cache")
    gone = requests.delete(f"{emulate}/repos/acme/svc", headers=_AS_ADMIN, timeout=30)
    assert gone.status_code in (204, 404)


@pytest.fixture
def made(forge: Forge) -> Forge:
    forge.create_repository("svc", _SETTINGS, suite.ME)
    return forge


def test_expected_failures_are_of_tests_that_there_are() -> None:
    assert EXPECTED.keys() - CORE.keys() == set()
