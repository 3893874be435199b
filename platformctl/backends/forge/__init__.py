"""The port to a forge: repositories, their settings and protection, and their trees.

Every write is a compare-and-swap on what was read. `Moved` means that the swap lost and nothing was written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from platformctl.model import File, Json, Owner
from platformctl.port import Checks


@dataclass(frozen=True)
class RepositoryState:
    """A repository as the forge has it. `revision` changes with the settings, not with the contents."""

    settings: Mapping[str, Json]
    owner: Owner
    revision: str
    protection: Mapping[str, Json] = field(default_factory=dict)
    """Protection by branch."""


@dataclass(frozen=True)
class Entry:
    """One file of a tree: git's mode and blob hash."""

    mode: str
    blob: str


@dataclass(frozen=True)
class Commit:
    """What to write in one commit. A file of None is deleted."""

    files: Mapping[str, File | None]
    message: str
    date: str = "now"
    """ISO 8601 with offset, or `now`."""


@dataclass(frozen=True)
class Pipeline:
    """What a repository's workflows are given, as far as it was asked for by name and is there."""

    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """By name, a mark that changes when the secret is set anew. No forge shows what a secret holds."""

    @property
    def revision(self) -> str:
        """What compare-and-swap compares; empty when nothing is there."""
        if not self.variables and not self.secrets:
            return ""
        values = json.dumps(dict(self.variables), sort_keys=True).encode()
        marks = {"variables": hashlib.sha256(values).hexdigest()[:16], "secrets": dict(self.secrets)}
        return json.dumps(marks, sort_keys=True)

    @staticmethod
    def secrets_of(revision: str) -> Mapping[str, str]:
        """The secrets that a revision was made from."""
        found: Mapping[str, str] = json.loads(revision)["secrets"] if revision else {}
        return found


@dataclass(frozen=True)
class Touch:
    """One commit that changed a file."""

    commit: str
    author: str
    """The author's name."""
    at: datetime
    owner: Owner
    """The run that made it, by the mark in its message; without a name where it is somebody else's."""


@dataclass(frozen=True)
class Proposal:
    """A change of a branch that waits for somebody's consent: one commit, on a branch of its own."""

    head: str
    """That branch's name; a proposal is found again by it."""
    parent: str
    """The commit of the branch to be changed that the files are changed from; empty where that counts as nothing."""
    commit: Commit
    title: str
    body: str
    """Markdown, for whoever is asked."""


@dataclass(frozen=True)
class PullRequest:
    """An open proposal: where a person looks at it, and the commit that it stands at."""

    url: str
    commit: str


def blob_id(content: bytes) -> str:
    """Git's hash of a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def teams_that_count(found: Mapping[str, str], asked: Collection[str]) -> Mapping[str, str]:
    """Of a repository's teams with their permissions, those asked for and those that may do more than read.

    Others are left alone: organisations let some teams, such as security managers, read everything.
    """
    return {team: permission for team, permission in found.items() if team in asked or permission != "read"}


class Forge(Protocol):
    """What platformctl needs of a forge."""

    RUNS_WORKFLOWS: ClassVar[bool]
    """Whether a pushed workflow is executed."""

    def check(self) -> None:
        """Raise `NoAccess` when a tool or a credential is missing."""

    def check_access(self, team: str, visibility: str = "") -> None:
        """Raise `NoAccess` when the credential does not suffice to make a repository, naming what it lacks.

        Raises `BadInput` when the forge has no such team or is known to have no such visibility; where they are empty,
        they are not looked for.
        """

    def url(self, name: str) -> str:
        """Where a person looks at it."""

    def files_url(self, name: str, branch: str) -> str:
        """A URL behind which a path is put to point at a file of a branch."""

    def clone_url(self, name: str) -> str:
        """What `git clone` takes."""

    def git_environment(self) -> Mapping[str, str]:
        """What git needs in its environment to clone from here; it may hold a token, and is to be used at once."""

    def repositories(self) -> list[str]:
        """Every repository's name, sorted."""

    def owners(self) -> Mapping[str, Owner]:
        """Every repository that carries a mark, with whose it is; those of nobody are left out."""

    def repository(self, name: str) -> RepositoryState | None:
        """Its settings, or None when there is none."""

    def create_repository(self, name: str, settings: Mapping[str, Json], owner: Owner) -> RepositoryState:
        """Create it with its mark, at once. Raises `Taken`."""

    def update_repository(self, name: str, settings: Mapping[str, Json], revision: str) -> RepositoryState:
        """Change its settings. Raises `Moved`."""

    def adopt_repository(self, name: str, owner: Owner) -> None:
        """Give a repository that nobody's mark is on the mark of `owner`. Raises `Taken`."""

    def disown_repository(self, name: str, owner: Owner) -> None:
        """Take the mark of `owner` off a repository that was adopted; another's mark stays."""

    def delete_repository(self, name: str, revision: str) -> None:
        """Delete it, or what is left of a creation that was killed.

        Raises `Moved` when its settings changed, when there are commits, and when it may not be deleted.
        """

    def protect(self, name: str, branch: str, rules: Json, revision: str) -> str:
        """Set a branch's protection, or lift it with None; gives the new revision. Raises `Moved`."""

    def protection(self, name: str, branch: str) -> tuple[Json, str]:
        """A branch's protection in force, with its revision; None when there is none."""

    def callers(self, name: str) -> str:
        """Who may call the workflows of a repository: `nobody`, `organisation` or `enterprise`; empty for everybody."""

    def allow_callers(self, name: str, callers: str, before: str) -> None:
        """Change who may call them. Raises `Moved` when it was not `before`."""

    def environment(self, name: str, environment: str) -> tuple[Json, str]:
        """A deployment environment's rules, with their revision; None when there is none."""

    def set_environment(self, name: str, environment: str, rules: Json, revision: str) -> str:
        """Make or change a deployment environment, or remove it with None; gives the new revision. Raises `Moved`."""

    def check_secret(self, reference: str) -> None:
        """Raise `NoAccess` when the value that a reference names is needed here and is not there."""

    def pipeline(self, name: str, variables: Collection[str], secrets: Collection[str]) -> Pipeline:
        """Those of these variables and secrets that a repository's workflows have."""

    def settle_pipeline(
        self, name: str, variables: Mapping[str, str | None], secrets: Mapping[str, str | None], revision: str
    ) -> Pipeline:
        """Give workflows these values, and secrets by reference; None takes one away. Raises `Moved`.

        A secret that is there is left as it is: what it holds is not to be seen.
        """

    def head(self, name: str, ref: str) -> str:
        """The commit of a branch or tag, empty when there is none."""

    def release(self, name: str, tag: str) -> str:
        """The commit of a tag that stays where it is, empty when there is none. It may be remembered."""

    def tree(self, name: str, commit: str, under: str = "") -> Mapping[str, Entry]:
        """Every file of a commit, or those below a folder with paths relative to it. One request."""

    def read(self, name: str, commit: str, path: str) -> bytes | None:
        """One file's content."""

    def blob(self, name: str, blob: str) -> bytes:
        """A file's content by its blob hash."""

    def file(self, name: str, branch: str, path: str) -> tuple[bytes, str] | None:
        """One file of a branch with its blob hash; None when there is none."""

    def put_file(self, name: str, branch: str, path: str, content: bytes | None, blob: str, message: str) -> str:
        """Write or (None) remove one file that stands at `blob` (empty: it is not there), by a commit of its own.

        Gives the new blob hash, empty when it was removed. Raises `Moved`.
        """

    def owner_problems(self, name: str, commit: str) -> Sequence[str]:
        """What the forge finds wrong with a commit's CODEOWNERS, such as an owner that it does not know."""

    def history(self, name: str, commit: str) -> list[Owner]:
        """The runs that made a commit and all before it, newest first, by the mark in their messages.

        A commit of somebody else's gives an owner without a name.
        """

    def made_by(self, name: str, commit: str) -> Owner:
        """The run that made one commit, by the mark in its message; somebody else's gives an owner without a name."""

    def left_by(self, name: str, commit: str) -> Owner:
        """The same, but for a commit that somebody has made anew since, with its message: amended, rebased, squashed.

        Such a one gives an owner without a name.
        """

    def parents(self, name: str, commit: str) -> Sequence[str]:
        """The commits directly beneath one, the first parent first; none for a branch's first commit."""

    def touched(self, name: str, commit: str, path: str, most: int = 1) -> list[Touch]:
        """The last commits up to one that changed a file, newest first; also one that removed it."""

    def commit(self, name: str, branch: str, parent: str, commit: Commit) -> str:
        """Put one commit on a branch whose head is `parent` (empty: no branch yet).

        Raises `Moved`, and `Protected` when the branch does not take it.
        """

    def rewind(self, name: str, branch: str, head: str, to: str) -> None:
        """Put a branch whose head is `head` back to `to`, or remove it when `to` is empty. Raises `Moved`."""

    def propose(self, name: str, branch: str, proposal: Proposal, before: str) -> PullRequest:
        """Propose a change of a branch, or bring the open proposal of the same head to this one.

        `before` is the commit that the head branch stands at, empty when there is none. Nothing is written when the
        files are proposed already. Raises `Moved`, and `Protected` when there is nothing yet that could be changed.
        """

    def proposal(self, name: str, branch: str, head: str) -> PullRequest | None:
        """The open proposal of a change of a branch, by its head branch; None when there is none."""

    def merge(self, name: str, branch: str, head: str, commit: str) -> str:
        """Merge the open proposal that comes from a head branch, which stands at `commit`, and remove that branch.

        Gives the commit by which it came in; what is merged already stays as it is. Raises `Moved` when the head branch
        stands elsewhere, and when it cannot be merged as it is; `Protected` when the branch's rules keep it out.
        """

    def checks(self, name: str, commit: str) -> Checks:
        """What the checks of a commit say; none on a forge that runs no workflows."""

    def withdraw(self, name: str, head: str, commit: str) -> None:
        """Close what is proposed by removing its head branch, which stands at `commit`. Raises `Moved`."""

    def tag(self, name: str, tag: str, commit: str) -> None:
        """Create a tag. Raises `Taken` when it stands on another commit."""

    def delete_tag(self, name: str, tag: str, commit: str) -> None:
        """Remove a tag that stands on `commit`. Raises `Moved`."""
