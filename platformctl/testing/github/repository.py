"""A repository: settings, refs, and everything that hangs on it."""

from __future__ import annotations

import copy
import os
from dataclasses import dataclass, field
from typing import Any, Final

from platformctl.testing.github.errors import empty_repository, not_found
from platformctl.testing.github.objects import Objects

MERGE_SETTINGS: Final[dict[str, Any]] = {
    "allow_squash_merge": True,
    "allow_merge_commit": True,
    "allow_rebase_merge": True,
    "allow_auto_merge": False,
    "allow_update_branch": False,
    "delete_branch_on_merge": False,
    "use_squash_pr_title_as_default": False,
    "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
    "squash_merge_commit_message": "COMMIT_MESSAGES",
    "merge_commit_title": "MERGE_MESSAGE",
    "merge_commit_message": "PR_TITLE",
}
"""Settings that only administrators see, with the defaults that the parameters of
https://docs.github.com/rest/repos/repos#create-an-organization-repository document."""

SETTINGS: Final[dict[str, Any]] = {
    "description": None,
    "homepage": None,
    "has_issues": True,
    "has_projects": True,
    "has_wiki": True,
    "has_downloads": True,
    "has_discussions": False,
    "is_template": False,
    "web_commit_signoff_required": False,
    "allow_forking": False,
    **MERGE_SETTINGS,
}
"""What can be set, with its defaults."""

SECURITY: Final = ("secret_scanning", "secret_scanning_push_protection", "dependabot_security_updates")
"""Parts of `security_and_analysis` that are shown. The last one is set by its own endpoint."""


@dataclass
class Pull:
    """A pull request."""

    number: int
    title: str
    body: str | None
    head: str
    base: str
    user: str
    created: str
    updated: str
    draft: bool = False
    state: str = "open"
    head_sha: str = ""
    """The head's commit, also after the branch is gone."""
    base_sha: str = ""
    merged: str = ""
    """When it was merged, empty before that."""
    merged_by: str = ""
    closed: str = ""
    merge_commit: str = ""
    reviews: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Repository:
    """What the forge knows of one repository. Copies share the git objects, which never change."""

    id: int
    name: str
    organisation: str
    visibility: str
    default_branch: str
    creator: str
    created: str
    git: Objects
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    security: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SECURITY, "disabled"))
    topics: list[str] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    archived: bool = False
    alerts: bool = False
    updated: str = ""
    pushed: str = ""
    teams: dict[str, str] = field(default_factory=dict)
    """Permissions by team's slug."""
    refs: dict[str, str] = field(default_factory=dict)
    """Objects by full ref name."""
    rulesets: dict[int, dict[str, Any]] = field(default_factory=dict)
    protection: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Classic protection by branch, as it was asked for."""
    pulls: dict[int, Pull] = field(default_factory=dict)
    checks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Commit statuses and check runs by commit, oldest first; a check run has `status`."""
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    sealing_key: bytes = field(default_factory=lambda: os.urandom(32))
    """The private key with which secrets are opened."""
    access_level: str = "none"

    def __post_init__(self) -> None:
        self.updated = self.updated or self.created
        self.pushed = self.pushed or self.created

    @property
    def full_name(self) -> str:
        """Organisation and name."""
        return f"{self.organisation}/{self.name}"

    @property
    def private(self) -> bool:
        """Internal repositories are private too, to the API."""
        return self.visibility != "public"

    def copy(self) -> Repository:
        """One that can be changed without this one noticing."""
        return copy.deepcopy(self, {id(self.git): self.git})

    def put_ref(self, ref: str, sha: str) -> None:
        """Let a full ref name stand on an object, or remove it with an empty one."""
        if sha:
            self.refs[ref] = sha
        else:
            self.refs.pop(ref, None)
        self.git.put_ref(ref, sha)

    def collides(self, ref: str) -> bool:
        """Whether a ref would have to be a folder and a file at once."""
        return any(there.startswith(f"{ref}/") or ref.startswith(f"{there}/") for there in self.refs)

    def head(self, branch: str) -> str:
        """A branch's commit; GitHub's 404 when there is none."""
        return self.refs.get(f"refs/heads/{branch}") or _absent()

    def commit(self, name: str) -> str:
        """The commit of a branch, a tag or a SHA; the default branch's for an empty name. GitHub's 404 otherwise."""
        name = name or self.default_branch
        for ref in (name, f"refs/{name}", f"refs/heads/{name}", f"refs/tags/{name}"):
            if sha := self.refs.get(ref):
                return self.peeled(sha)
        if self.git.kind(name) == "commit":
            return name
        return _absent()

    def peeled(self, sha: str) -> str:
        """The commit that an annotated tag stands on."""
        while self.git.kind(sha) == "tag":
            sha = self.git.read(sha, "tag").split(b"\n", 1)[0].split(b" ")[1].decode()
        return sha

    def has_commits(self) -> None:
        """Raise GitHub's 409 for a repository without commits."""
        if not self.refs:
            raise empty_repository()


def _absent() -> str:
    raise not_found()
