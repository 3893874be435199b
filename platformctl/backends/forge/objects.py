"""Git's objects read in this process: for many repositories, each of which would have to wait for a git of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from platformctl.backends.forge import Entry
from platformctl.errors import ToolFailed


class Objects:
    """One bare repository. Reads only, and leaves nothing open."""

    def __init__(self, repository: Path) -> None:
        import pygit2

        self._tree, self._blob, self._id = pygit2.Tree, pygit2.Blob, pygit2.Oid
        self._problems = (pygit2.GitError, KeyError, ValueError, AttributeError)
        self._where = str(repository)
        try:
            self._repository: Any = pygit2.Repository(self._where)
        except pygit2.GitError as problem:
            raise ToolFailed(f"git cannot read it: {problem}", where=self._where) from None

    def tree(self, commit: str, under: str) -> dict[str, Entry]:
        """Files of a commit, below a folder; none where there is no such folder. Raises `ToolFailed`."""
        found: dict[str, Entry] = {}
        try:
            here = self._at(commit, under)
            if isinstance(here, self._tree):
                _collect(here, "", found)
        except self._problems as problem:
            raise ToolFailed(f"git cannot read {commit}: {problem}", where=self._where) from None
        return found

    def read(self, commit: str, path: str) -> bytes | None:
        """One file's content; None when there is no such file. Raises `ToolFailed`."""
        try:
            found = self._at(commit, path)
            return bytes(found.data) if isinstance(found, self._blob) else None
        except self._problems as problem:
            raise ToolFailed(f"git cannot read {path} of {commit}: {problem}", where=self._where) from None

    def _at(self, commit: str, path: str) -> Any:
        """What is at a path, None where nothing is. An object that is lost is no object that is not there."""
        here = self._repository[self._id(hex=commit)].peel(self._tree)
        for name in path.split("/") if path else ():
            if not isinstance(here, self._tree) or name not in here:
                return None
            here = here[name]
        return here

    def close(self) -> None:
        """Let go of its files."""
        self._repository.free()


def _collect(tree: Any, above: str, found: dict[str, Entry]) -> None:
    """Every file below a tree, by its path. A name that is not UTF-8 is as git gives it."""
    for entry in tree:
        name = entry.raw_name.decode(errors="surrogateescape")
        if entry.type_str == "tree":
            _collect(entry, f"{above}{name}/", found)
        else:
            found[f"{above}{name}"] = Entry(f"{entry.filemode:06o}", str(entry.id))
