"""What a tool made of a scenario, in words that know no tool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from platformctl.model import File, Tree
from tests.merges.draft import numbers

_BEGIN: Final = b"<<<<<<< "
_END: Final = b">>>>>>> "
REJECTED: Final = ".rej"


@dataclass(frozen=True)
class Outcome:
    """The files as they are afterwards, and what was said."""

    files: Tree
    """Everything that is there, rejected parts in files of their own included."""
    conflicts: frozenset[str] = frozenset()
    """Paths that a person is asked about: the tool names them as such, or git's index has stages of them."""
    told: frozenset[str] = frozenset()
    """Paths that are named otherwise."""
    stages: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    """What git's index has of a path in dispute."""
    code: int = 0
    """The exit code."""
    crash: str = ""
    """What a tool that gave up had to say."""

    @cached_property
    def tree(self) -> dict[str, File]:
        """The files without those that hold what was rejected."""
        return {path: file for path, file in self.files.items() if not path.endswith(REJECTED)}

    @cached_property
    def disputed(self) -> frozenset[str]:
        """Paths that a person is asked about, those with git's markers in them included."""
        return self.conflicts | {path for path, file in self.tree.items() if _has_markers(file.content)}

    @cached_property
    def within_reach(self) -> Counter[bytes]:
        """The numbers in all that a person finds: files, and where it is said that there is a choice, both sides."""
        found: Counter[bytes] = Counter()
        for content in self._contents():
            found |= numbers(content)
        return found

    def _contents(self) -> Iterator[bytes]:
        yield from (file.content for file in self.tree.values())
        for path in self.disputed:
            yield from self.stages.get(path, ())
            if rejected := self.files.get(path + REJECTED):
                yield rejected.content


def _has_markers(content: bytes) -> bool:
    lines = content.splitlines()
    return any(line.startswith(_BEGIN) for line in lines) and any(line.startswith(_END) for line in lines)
