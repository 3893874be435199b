"""What classic protection of a branch forbids.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches.
The sentences are those of recorded refusals, found in issues under GH006.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformctl.testing.github import checks, commits, reviews
from platformctl.testing.github.access import has_role
from platformctl.testing.github.moves import Move
from platformctl.testing.github.repository import Pull, Repository
from platformctl.testing.github.tokens import Token
from platformctl.testing.github.world import World


def violations(
    world: World, token: Token, repository: Repository, move: Move, pull: Pull | None, method: str
) -> Iterator[str]:
    """The sentences for a move, or for the merge of a pull request.

    Administrators are spared reviews, checks and history unless `enforce_admins` is set; force pushes and deletions are
    forbidden to everybody.
    """
    protection = repository.protection.get(move.branch)
    if protection is None or not move.old:
        return
    if not move.new:
        if not protection["allow_deletions"]:
            yield "Cannot delete this protected branch"
        return
    forced = pull is None and not commits.contains(repository.git, move.new, move.old)
    if forced and not protection["allow_force_pushes"]:
        yield "Cannot force-push to this protected branch"
    spared = not protection["enforce_admins"] and token.kind != "installation"
    if spared and has_role(world, token, repository, "admin"):
        return
    if (wanted := protection["required_pull_request_reviews"]) is not None:
        if pull is None:
            yield "Changes must be made through a pull request."
        else:
            yield from reviews.missing(world, repository, pull, wanted)
    if (required := protection["required_status_checks"]) is not None:
        contexts = [check["context"] for check in required.get("checks") or ()] or required.get("contexts") or []
        yield from checks.missing(repository, pull.head_sha if pull else move.new, contexts)
    merges = method == "merge" if pull else commits.merges(repository.git, move.old, move.new)
    if protection["required_linear_history"] and merges:
        yield "This branch must not contain merge commits."
