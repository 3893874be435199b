"""The port to a forge: repositories, their settings and protection, and their trees.

Every write is a compare-and-swap on what was read. `Moved` means that the swap lost and nothing was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from platformctl.model import File, Json, Owner


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


class Forge(Protocol):
    """What platformctl needs of a forge."""

    RUNS_WORKFLOWS: ClassVar[bool]
    """Whether a pushed workflow is executed."""

    def check(self) -> None:
        """Raise `NoAccess` when a tool or a credential is missing."""

    def url(self, name: str) -> str:
        """Where a person looks at it."""

    def files_url(self, name: str, branch: str) -> str:
        """A URL behind which a path is put to point at a file of a branch."""

    def clone_url(self, name: str) -> str:
        """What `git clone` takes."""

    def repositories(self) -> list[str]:
        """Every repository's name, sorted."""

    def repository(self, name: str) -> RepositoryState | None:
        """Its settings, or None when there is none."""

    def create_repository(self, name: str, settings: Mapping[str, Json], owner: Owner) -> RepositoryState:
        """Create it with its mark, at once. Raises `Taken`."""

    def update_repository(self, name: str, settings: Mapping[str, Json], revision: str) -> RepositoryState:
        """Change its settings. Raises `Moved`."""

    def delete_repository(self, name: str, revision: str) -> None:
        """Delete it, or what is left of a creation that was killed.

        Raises `Moved` when its settings changed or when there are commits.
        """

    def protect(self, name: str, branch: str, rules: Json, revision: str) -> str:
        """Set a branch's protection, or lift it with None; gives the new revision. Raises `Moved`."""

    def protection(self, name: str, branch: str) -> tuple[Json, str]:
        """A branch's protection in force, with its revision; None when there is none."""

    def head(self, name: str, ref: str) -> str:
        """The commit of a branch or tag, empty when there is none."""

    def tree(self, name: str, commit: str, under: str = "") -> Mapping[str, Entry]:
        """Every file of a commit, or those below a folder with paths relative to it. One request."""

    def read(self, name: str, commit: str, path: str) -> bytes | None:
        """One file's content."""

    def blob(self, name: str, blob: str) -> bytes:
        """A file's content by its blob hash."""

    def history(self, name: str, commit: str) -> list[Owner]:
        """The runs that made a commit and all before it, newest first, by the mark in their messages.

        A commit of somebody else's gives an owner without a name.
        """

    def commit(self, name: str, branch: str, parent: str, commit: Commit) -> str:
        """Put one commit on a branch whose head is `parent` (empty: no branch yet). Raises `Moved`."""

    def rewind(self, name: str, branch: str, head: str, to: str) -> None:
        """Put a branch whose head is `head` back to `to`, or remove it when `to` is empty. Raises `Moved`."""

    def tag(self, name: str, tag: str, commit: str) -> None:
        """Create a tag. Raises `Taken` when it stands on another commit."""

    def delete_tag(self, name: str, tag: str, commit: str) -> None:
        """Remove a tag that stands on `commit`. Raises `Moved`."""
