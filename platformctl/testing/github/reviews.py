"""Which reviews a pull request still lacks."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github import codeowners, commits, trees
from platformctl.testing.github.access import ROLES, role
from platformctl.testing.github.repository import Pull, Repository
from platformctl.testing.github.tokens import Token
from platformctl.testing.github.world import World


def verdicts(pull: Pull) -> dict[str, str]:
    """The last verdict of each reviewer; comments are none."""
    said = {}
    for review in pull.reviews:
        if review["state"] in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            said[review["user"]] = review["state"]
    return said


def missing(world: World, repository: Repository, pull: Pull, wanted: dict[str, Any]) -> list[str]:
    """What is said of the reviews that are missing; the parameters of a rule or of classic protection.

    https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets#require-a-pull-request-before-merging
    """
    said, found = verdicts(pull), []
    approving = [user for user, state in said.items() if state == "APPROVED" and _may_write(world, repository, user)]
    if "CHANGES_REQUESTED" in said.values():
        found.append("Changes requested by a reviewer with write access.")
    needed = wanted.get("required_approving_review_count", 0)
    if len(approving) < needed:
        reviews = "review is" if needed == 1 else "reviews are"
        found.append(f"At least {needed} approving {reviews} required by reviewers with write access.")
    if wanted.get("require_code_owner_review") or wanted.get("require_code_owner_reviews"):
        found += _unowned(world, repository, pull, approving)
    return found


def _may_write(world: World, repository: Repository, login: str) -> bool:
    return ROLES.index(role(world, Token("classic", login), repository)) >= ROLES.index("push")


def _unowned(world: World, repository: Repository, pull: Pull, approving: list[str]) -> list[str]:
    """Owners of changed files that have not approved.

    The base branch's CODEOWNERS counts, and owners without write access do not.
    """
    rules = codeowners.parse(codeowners.find(repository, pull.base)[1])
    git = repository.git
    common = commits.merge_base(git, repository.head(pull.base), pull.head_sha)
    base, head = (trees.files(git, commits.read(git, sha).tree) for sha in (common, pull.head_sha))
    waiting = set()
    for path in {path for path, _ in base.items() ^ head.items()}:
        owners = [owner for owner in codeowners.owners(rules, path) if codeowners.may_own(world, repository, owner)]
        if owners and not any(codeowners.belongs(world, user, owner) for owner in owners for user in approving):
            waiting.add(" or ".join(owner.removeprefix("@") for owner in owners))
    return [f"Waiting on code owner review from {owners}." for owners in sorted(waiting)]
