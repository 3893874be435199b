"""Organisations on GitHub whose plan has no internal repositories: said early, and in one line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.organisation import NEW, Organisation, Stage, prepared
from tests.e2e.test_bad_github import with_app

SAYS = ["visibility: ", "--visibility", "defaults.visibility", "forge.visibility"]
KNOWN = [*SAYS, "acme is on GitHub's plan 'team', which has no internal repositories"]


@pytest.fixture(scope="module")
def team_plan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An organisation on a plan without internal repositories."""
    with prepared(tmp_path_factory.mktemp("team-plan"), plan="team") as made:
        yield made


@pytest.fixture
def organisation(team_plan: Stage) -> Organisation:
    return team_plan.restored()


@pytest.mark.parametrize("command", [NEW, (*NEW, "--dry-run")], ids=["new", "dry run"])
def test_an_internal_service_is_refused_before_anything_is_written(
    command: tuple[str, ...], organisation: Organisation
) -> None:
    organisation.refused(*command, "--visibility", "internal", code=2, says=KNOWN)
    organisation.done(*command, "--visibility", "private")


def test_internal_repositories_of_the_organisation_are_refused(organisation: Organisation) -> None:
    organisation.forge(visibility="internal")
    organisation.refused(*organisation.init, code=2, says=KNOWN)


def test_where_github_does_not_tell_the_plan_the_refusal_says_the_same(organisation: Organisation) -> None:
    with_app(organisation)
    done = organisation.run(*NEW, "--visibility", "internal")
    assert done.code == 2
    assert [
        text for text in (*SAYS, "associated with an enterprise", "platformctl undo") if text not in done.message
    ] == []
    organisation.done("undo", "last", "--yes")


def test_an_existing_service_cannot_become_internal(organisation: Organisation) -> None:
    organisation.done(*NEW)
    done = organisation.run("configure", "payments-api", "--set", "visibility=internal", "--yes")
    assert done.code == 2
    assert [text for text in SAYS if text not in done.message] == []
