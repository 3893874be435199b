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

        self._problem = pygit2.GitError
        self._where = str(repository)
        try:
            self._repository: Any = pygit2.Repository(self._where)
        except pygit2.GitError as problem:
            raise ToolFailed(f"git cannot read it: {problem}", where=self._where) from None

    def tree(self, commit: str, under: str) -> dict[str, Entry]:
        """Files of a commit, below a folder; none where there is no such folder. Raises `ToolFailed`."""
        try:
            here = self._repository[commit].peel(_tree_type())
            if under:
                here = here[under]
            found: dict[str, Entry] = {}
            _collect(here, "", found)
            return found
        except KeyError:
            return {}
        except (self._problem, ValueError, AttributeError) as problem:
            raise ToolFailed(f"git cannot read {commit}: {problem}", where=self._where) from None

    def read(self, commit: str, path: str) -> bytes | None:
        """One file's content; None when there is no such file. Raises `ToolFailed`."""
        try:
            found = self._repository[commit].peel(_tree_type())[path]
            return bytes(found.data)
        except (KeyError, AttributeError):
            return None
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
