"""`undo` with a credential that may not delete repositories: the repository is archived, once."""

from __future__ import annotations

from tests.e2e.organisation import NEW, Organisation, organisation, stage
from tests.e2e.test_bad_github import SCOPES

__all__ = ["organisation", "stage"]

UNDO = ("undo", "last", "--yes")


def test_what_was_archived_is_not_taken_back_again_and_deleted_once_that_may_be(organisation: Organisation) -> None:
    before = organisation.everything()
    organisation.done(*NEW)
    whole = organisation.env["GITHUB_TOKEN"]
    organisation.env["GITHUB_TOKEN"] = organisation.github.token("ghp_without_delete", scopes=SCOPES)

    first = organisation.run(*UNDO)
    assert first.code == 1
    assert "  ! repository/payments-api  left as it is: repository payments-api was archived, because" in first.out
    archived = organisation.everything()

    second = organisation.run(*UNDO)
    assert second.code == 1
    lines = second.out.splitlines()
    assert lines[0].startswith(
        "  ! repository/payments-api  left as it is: repository payments-api is archived already"
    )
    assert lines[1:] == ["", "As things stand, nothing is left to take back."]
    assert organisation.everything() == archived

    organisation.env["GITHUB_TOKEN"] = whole
    organisation.done(*UNDO)
    assert {**organisation.everything(), "commits": None} == {**before, "commits": None}


def test_a_repository_that_was_changed_besides_is_left_alone(organisation: Organisation) -> None:
    organisation.done(*NEW)
    whole = organisation.env["GITHUB_TOKEN"]
    organisation.env["GITHUB_TOKEN"] = organisation.github.token("ghp_without_delete", scopes=SCOPES)
    assert organisation.run(*UNDO).code == 1
    organisation.env["GITHUB_TOKEN"] = whole
    for body in ({"archived": False}, {"description": "the team's"}, {"archived": True}):
        organisation.ask("PATCH", "/repos/acme/payments-api", body)
    left = organisation.run(*UNDO)
    assert left.code == 1 and "repository payments-api was changed meanwhile" in left.out
    assert organisation.ask("GET", "/repos/acme/payments-api")["archived"]
