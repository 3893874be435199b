"""Rendered files and where they belong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from platformctl.backends.forge import Entry
from platformctl.errors import BadRecipe, Moved
from platformctl.folders import in_the_way
from platformctl.model import Address, File, Tree
from platformctl.overrides import covers


@dataclass(frozen=True)
class FileSet:
    """What should be in a repository, below a folder."""

    repository: str
    branch: str
    under: str
    tree: Tree
    previous: Tree | None
    managed: Sequence[str]
    merged: Sequence[str]
    subject: str
    date: str = "now"
    noun: str = "files"
    overridden: Sequence[str] = ()
    """Paths and globs of files that are the team's."""
    proposal: Mapping[str, str] | None = None
    """`title` and `text` with which these files are proposed; None where the branch is to take them."""
    kept: Sequence[str] = ()
    """Files that have to be there, whatever is in them."""
    managed_before: Sequence[str] = ()
    """Globs of the files that `previous` managed."""
    upgrade: Mapping[str, Any] | None = None
    """The versions `from` and `to`, and `moves` of files, when the files come to another version of their path."""

    @property
    def address(self) -> Address:
        """`files/payments-api`, or with the folder behind it."""
        return f"{self.noun}/{self.repository}/{self.under}".rstrip("/")

    def kind(self, path: str) -> str:
        """`managed`, `merged`, `seeded`, or `overridden`: the team's; `*` in a glob is any text, slashes included."""
        if any(covers(file, path) for file in self.overridden):
            return "overridden"
        return _kind(path, tuple(self.managed), tuple(self.merged))

    @property
    def moves(self) -> Mapping[str, str]:
        """Where an upgrade's migrations move files, from where they are at the recorded version."""
        moves: Mapping[str, str] = (self.upgrade or {}).get("moves", {})
        return moves

    def place(self, path: str) -> str:
        """A path below the folder as one in the repository."""
        return f"{self.under}/{path}" if self.under else path


@lru_cache(maxsize=4096)
def _kind(path: str, managed: tuple[str, ...], merged: tuple[str, ...]) -> str:
    """The kind by the globs of a recipe, which are the same for all services of a fleet."""
    if any(fnmatchcase(path, glob) for glob in managed):
        return "managed"
    return "merged" if any(fnmatchcase(path, glob) for glob in merged) else "seeded"


def overlay(trees: Sequence[Tree]) -> Tree:
    """Several renders as one. Raises `BadRecipe` when two of them write the same path."""
    whole: dict[str, File] = {}
    for tree in trees:
        if not isinstance(tree, Mapping) or not all(isinstance(file, File) for file in tree.values()):
            raise BadRecipe("`files` takes outputs of renderers, such as ${{ steps.scaffold.outputs.files }}")
        if both := sorted(whole.keys() & tree.keys()):
            raise BadRecipe(f"two steps render {both[0]!r}")
        whole |= tree
    if both := in_the_way(whole, whole):
        raise BadRecipe(f"{both[0]!r} is rendered as a file and as a folder")
    return whole


def merged(path: str, before: File, ours: bytes, theirs: File) -> bytes:
    """A file with the change from one render to the next brought in. Raises `Moved` when the team changed that, too."""
    from platformctl.merge import three_way

    found = three_way(before.content, ours, theirs.content, path)
    if found.conflict:
        raise Moved(
            f"{path}: the team changed the lines that the new answers change",
            hint="Bring these lines to what they should be by hand, or take the team's change back, and try again",
        )
    return found.content


def refuse_what_is_in_the_way(
    wanted: FileSet,
    writes: Mapping[str, File | None],
    entries: Mapping[str, Entry],
    others: Collection[str] = (),
) -> None:
    """Raise `Moved` where a commit would take away a file of the team's, or a folder, to make room for another.

    `others` are links and submodules that nothing is to replace.
    """
    new = [path for path, file in writes.items() if file is not None and path not in entries]
    stay = (path for path in entries if writes.get(path, True) is not None)
    if found := [one for one in others if one in writes] or (in_the_way(new, stay) if new else []):
        raise Moved(
            f"{wanted.repository}: {wanted.place(found[0])} is in the way of a new file",
            hint="It is the team's, so nothing was written: move it away, and try again",
        )
