"""Git's objects read in this process: for many repositories, each of which would have to wait for a git of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platformctl.backends.forge import Entry
from platformctl.errors import ToolFailed


class Objects:
    """One bare repository. Reads only, and leaves nothing open."""

    def __init__(self, repository: Path) -> None:
        import pygit2

        self._problem = pygit2.GitError
        self._where = str(repository)
        try:
            self._repository: Any = pygit2.Repository(self._where)
        except pygit2.GitError as problem:
            raise ToolFailed(f"git cannot read it: {problem}", where=self._where) from None

    def tree(self, commit: str, under: str) -> dict[str, Entry]:
        """Files of a commit, below a folder; none where there is no such folder. Raises `ToolFailed`."""
        with self._refusals(commit):
            here = self._at(commit, under)
            found: dict[str, Entry] = {}
            if here is not None and here.type_str == "tree":
                _collect(here, "", found)
            return found

    def read(self, commit: str, path: str) -> bytes | None:
        """One file's content; None when there is no such file. Raises `ToolFailed`."""
        with self._refusals(commit):
            found = self._at(commit, path)
            return bytes(found.data) if found is not None and found.type_str == "blob" else None

    def _at(self, commit: str, path: str) -> Any:
        """What stands at a path; None when nothing does. Raises KeyError for what should be there and is not."""
        here = self._repository[commit].peel(_tree_type())
        for part in filter(None, path.split("/")):
            if here.type_str != "tree" or part not in here:
                return None
            here = self._repository[here[part].id]
        return here

    @contextmanager
    def _refusals(self, commit: str) -> Iterator[None]:
        try:
            yield
        except KeyError as missing:
            raise ToolFailed(f"git cannot read {commit}: {missing.args[0]} is missing", where=self._where) from None
        except (self._problem, ValueError) as problem:
            raise ToolFailed(f"git cannot read {commit}: {problem}", where=self._where) from None

    def close(self) -> None:
        """Let go of its files."""
        self._repository.free()


def _tree_type() -> Any:
    import pygit2

    return pygit2.Tree


def _collect(tree: Any, above: str, found: dict[str, Entry]) -> None:
    """Every file below a tree, by its path. A name that is not UTF-8 is as git gives it."""
    for entry in tree:
        name = entry.raw_name.decode(errors="surrogateescape")
        if entry.type_str == "tree":
            _collect(entry, f"{above}{name}/", found)
        else:
            found[f"{above}{name}"] = Entry(f"{entry.filemode:06o}", str(entry.id))
