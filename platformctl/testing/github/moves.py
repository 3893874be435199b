"""A ref moves: by the API, by a push or by a merge, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from platformctl.testing.github import commits, rules
from platformctl.testing.github.repository import Pull, Repository
from platformctl.testing.github.world import World


@dataclass(frozen=True)
class Move:
    """A full ref name, where it stands, and where it shall stand; empty for nowhere."""

    ref: str
    old: str
    new: str

    @property
    def branch(self) -> str:
        """The branch's name, empty for other refs."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""


def make(world: World, repository: Repository, move: Move) -> None:
    """Move a ref, without asking whether it may."""
    repository.put_ref(move.ref, move.new)
    follow(world, repository)


def reload(world: World, repository: Repository) -> None:
    """Take over the refs that git has moved on disk."""
    repository.refs = repository.git.refs()
    follow(world, repository)


def follow(world: World, repository: Repository) -> None:
    """Let pull requests see that branches have moved.

    One whose head is gone is closed, and one whose commits are in its base is merged:
    https://docs.github.com/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges#indirect-merges.
    """
    repository.pushed = repository.updated = now = world.site.now()
    for pull in repository.pulls.values():
        if pull.state != "open":
            continue
        head, base = (repository.refs.get(f"refs/heads/{branch}", "") for branch in (pull.head, pull.base))
        if not head or not base:
            pull.state, pull.closed, pull.updated = "closed", now, now
            continue
        if head != pull.head_sha:
            pull.head_sha, pull.updated = head, now
            _dismiss(repository, pull)
        if base != pull.base_sha and commits.contains(repository.git, base, head):
            pull.state, pull.closed, pull.merged, pull.updated, pull.merge_commit = "closed", now, now, now, base


def _dismiss(repository: Repository, pull: Pull) -> None:
    """Approvals of what has changed since fall, where a rule says so."""
    ruled = rules.parameters(repository, f"refs/heads/{pull.base}", "pull_request")
    classic = (repository.protection.get(pull.base) or {}).get("required_pull_request_reviews") or {}
    if classic.get("dismiss_stale_reviews") or any(rule["dismiss_stale_reviews_on_push"] for rule in ruled):
        for review in pull.reviews:
            if review["state"] == "APPROVED":
                review["state"] = "DISMISSED"
