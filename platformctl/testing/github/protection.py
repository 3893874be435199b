"""What protects a ref: the rules in force on it, and those who may pass them by.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets.
The sentences are those of recorded refusals, found in issues under GH013.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from platformctl.testing.github import checks, classic, commits, reviews, rules, workflows
from platformctl.testing.github.access import has_role
from platformctl.testing.github.errors import Refused
from platformctl.testing.github.moves import Move
from platformctl.testing.github.repository import Pull, Repository
from platformctl.testing.github.tokens import Token
from platformctl.testing.github.world import World

_ROLE_IDS: Final = {2: "maintain", 4: "push", 5: "admin"}
"""Actors of type RepositoryRole: https://docs.github.com/rest/repos/rules#create-a-repository-ruleset."""


def bypasses(world: World, token: Token, repository: Repository, ruleset: dict[str, Any], pull: bool = False) -> bool:
    """Whether this caller is among a ruleset's bypass actors, for a direct change or for a merge."""
    return any(
        _is(world, token, repository, actor["actor_type"], actor["actor_id"])
        for actor in ruleset["bypass_actors"]
        if pull or actor["bypass_mode"] != "pull_request"
    )


def _is(world: World, token: Token, repository: Repository, kind: str, number: int | None) -> bool:
    if token.app is not None:
        return kind == "Integration" and number == token.app.id
    if not token.login:
        return False
    user = world.user(token.login)
    if kind == "Team":
        return any(team.id == number and user.login in team.members for team in world.teams.values())
    if kind == "RepositoryRole":
        return has_role(world, token, repository, _ROLE_IDS[number or 0])
    return (kind == "OrganizationAdmin" and user.role == "admin") or (kind == "User" and number == user.id)


def violations(
    world: World, token: Token, repository: Repository, move: Move, pull: Pull | None = None, method: str = ""
) -> list[str]:
    """The rules that a move breaks, in sentences; `pull` is the pull request that is merged, by `method`."""
    found: list[str] = []
    for ruleset in rules.in_force(repository, move.ref):
        if not bypasses(world, token, repository, ruleset, pull is not None):
            for rule in ruleset["rules"]:
                kind, parameters = rule["type"], rule.get("parameters") or {}
                if pull is None:
                    found += _direct(repository, move, kind, parameters)
                else:
                    found += _merged(world, repository, pull, method, kind, parameters)
    found += classic.violations(world, token, repository, move, pull, method)
    return list(dict.fromkeys(found))


def _direct(repository: Repository, move: Move, kind: str, parameters: dict[str, Any]) -> Iterator[str]:
    """A branch that is new needs no pull request: https://github.com/satisfactory-factories/application/issues/67."""
    git, updates = repository.git, bool(move.old and move.new)
    if kind == "creation" and not move.old:
        yield "Cannot create ref due to creations being restricted."
    elif kind == "deletion" and not move.new:
        yield "Cannot delete this protected ref."
    elif kind == "update" and updates:
        yield "Cannot update this protected ref."
    elif kind == "pull_request" and updates:
        yield "Changes must be made through a pull request."
    elif kind == "non_fast_forward" and updates and not commits.contains(git, move.new, move.old):
        yield "Cannot force-push to this branch"
    elif kind == "required_linear_history" and move.new and commits.merges(git, move.old, move.new):
        yield "This branch must not contain merge commits."
    elif kind == "required_status_checks" and move.new:
        wanted = [check["context"] for check in parameters["required_status_checks"]]
        if move.old or not parameters.get("do_not_enforce_on_create"):
            yield from checks.missing(repository, move.new, wanted)


def _merged(
    world: World, repository: Repository, pull: Pull, method: str, kind: str, parameters: dict[str, Any]
) -> Iterator[str]:
    if kind == "required_linear_history" and method == "merge":
        yield "This branch must not contain merge commits."
    elif kind == "pull_request":
        if method not in parameters.get("allowed_merge_methods", [method]):
            yield f"Merging with {method} is not allowed on this branch."
        yield from reviews.missing(world, repository, pull, parameters)
    elif kind == "required_status_checks":
        wanted = [check["context"] for check in parameters["required_status_checks"]]
        yield from checks.missing(repository, pull.head_sha, wanted)


def said(repository: Repository, ref: str, broken: list[str]) -> str:
    """How the API tells of violations: rulesets announce themselves, classic protection gives its first sentence.

    https://github.com/satisfactory-factories/application/issues/67,
    https://github.com/googleapis/repo-automation-bots/issues/5551.
    """
    if rules.in_force(repository, ref):
        return "Repository rule violations found\n\n" + "".join(f"{sentence}\n\n" for sentence in broken)
    return broken[0]


def guard(world: World, token: Token, repository: Repository, move: Move, status: int = 422, prefix: str = "") -> None:
    """Raise what the API answers to a move that breaks rules: 422 on refs, 409 on contents.

    https://docs.github.com/rest/git/refs#update-a-reference, https://docs.github.com/rest/repos/contents. The prefix is
    that of contents, before sentences of classic protection: https://github.com/kevgo/prettifier/issues/28.
    """
    if path := workflows.forbidden(token, repository, move):
        raise Refused(status, workflows.refusal(token, path))
    if broken := violations(world, token, repository, move):
        prefix = "" if rules.in_force(repository, move.ref) else prefix
        raise Refused(status, prefix + said(repository, move.ref, broken))
