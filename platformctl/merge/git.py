"""Git's own machinery for lines and for renames, on objects in a folder that is thrown away."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final

from platformctl.errors import ToolFailed
from platformctl.merge.three import Three

_MEMORY: Final = "/dev/shm"  # noqa: S108 - a folder of our own is made in it
"""Where files are on no disk, on Linux."""
_MOST: Final = 100_000
"""New files that are compared with each one that is gone, at most."""


@dataclass(frozen=True)
class Lines:
    """What a merge by lines gave."""

    content: bytes
    clean: bool
    """Whether nothing is in dispute; otherwise the content holds markers."""


class Git:
    """Merges lines and finds renames, with libgit2. To be used in a `with` statement; one thread at a time.

    Raises `ToolFailed` where libgit2 fails: the user's configuration of git is not valid, memory is full.
    """

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None

    def __enter__(self) -> Git:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def merge(self, sides: Three[bytes], labels: Three[str]) -> Lines:
        """Merge by lines. What is in dispute stands between git's markers, with the base's lines in the middle."""
        from pygit2.enums import MergeFileFlag, MergeFlag

        name = self._name
        with _failures():
            trees = [self._tree({name: content}) for content in sides]
            index = self._repository.merge_trees(*trees, flags=MergeFlag(0))
            if not index.conflicts:
                return Lines(self._content(index), clean=True)
            flags = MergeFileFlag.STYLE_ZDIFF3 | MergeFileFlag.ACCEPT_CONFLICTS
            content = self._content(self._repository.merge_trees(*trees, flags=MergeFlag(0), file_flags=flags))
        for sign, label in zip((b"|||||||", b"<<<<<<<", b">>>>>>>"), labels, strict=True):
            content = content.replace(sign + b" " + name.encode(), sign + b" " + label.encode())
        return Lines(content, clean=False)

    def renames(self, gone: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, str]:
        """Which new file each one that is gone became, as git finds it: at least half of it is the same."""
        from pygit2.enums import DiffFind

        before = {f"{at:06}": path for at, path in enumerate(sorted(gone))}
        after = {f"{at:06}": path for at, path in enumerate(sorted(new), len(before))}
        with _failures():
            diff = self._repository.diff(
                self._repository[self._tree({name: gone[path] for name, path in before.items()})],
                self._repository[self._tree({name: new[path] for name, path in after.items()})],
            )
            diff.find_similar(DiffFind.FIND_RENAMES, rename_limit=_MOST)
            return {
                before[delta.old_file.path]: after[delta.new_file.path]
                for delta in diff.deltas
                if delta.status_char() == "R"
            }

    @cached_property
    def _name(self) -> str:
        """A file name that stands in no text; git puts it behind its markers."""
        return token_hex(20)

    @cached_property
    def _repository(self) -> Any:
        import pygit2

        self._folder = TemporaryDirectory(prefix="platformctl-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None)
        repository = pygit2.init_repository(self._folder.name, bare=True)
        info = Path(self._folder.name, "info")
        info.mkdir(exist_ok=True)
        (info / "attributes").write_text("* merge\n", encoding="ascii")  # whatever the user's own attributes say
        return repository

    def _tree(self, files: Mapping[str, bytes]) -> Any:
        from pygit2.enums import FileMode

        builder = self._repository.TreeBuilder()
        for name, content in files.items():
            builder.insert(name, self._repository.create_blob(content), FileMode.BLOB)
        return builder.write()

    def _content(self, index: Any) -> bytes:
        return bytes(self._repository[index[self._name].id].data)


@contextmanager
def _failures() -> Iterator[None]:
    import pygit2

    try:
        yield
    except pygit2.GitError as problem:
        raise ToolFailed(f"git cannot merge: {problem}", hint="Mend what it names, and try again") from None
