"""What a scenario is: three trees, and what has to come of them, which is known from how they were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from platformctl.model import Tree
from tests.merges.document import FileKind
from tests.merges.draft import NUMBER, numbers


class Clash(StrEnum):
    """Whether a tool may leave the choice to a person."""

    NEVER = "never"
    """There is one right answer, and it can be known."""
    ALLOWED = "allowed"
    """There is a right answer; but to ask is no mistake, because the two sides touch."""
    INEVITABLE = "inevitable"
    """The sides exclude each other."""


@dataclass(frozen=True)
class Wanted:
    """What has to be in a file in the end."""

    texts: tuple[bytes, ...]
    """One of these. Of a kind with entries anything does that says the same as one, as below."""
    kind: FileKind | None = None
    executable: bool = False
    kept: tuple[bytes, ...] = ()
    """Lines that have to be there to the letter, because somebody gave them their form."""
    added: frozenset[bytes] = frozenset()
    """Numbers in what is new: where among the others that stands is free."""

    def fits(self, content: bytes) -> bool:
        """Whether a content will do."""
        return content in self.texts or (
            self.kind is not None
            and self.kind.entries
            and any(self._same(self.kind, content, text) for text in self.texts)
            and not {*self.kept} - {*content.splitlines()}
        )

    def _same(self, kind: FileKind, content: bytes, text: bytes) -> bool:
        """The same said, nothing of it twice, comments at their entries, what stays in its order, and its line ends."""
        return (
            not kind.problem(content)
            and kind.says is not None
            and numbers(content) == numbers(text)
            and Counter(_comments(content)) == Counter(_comments(text))
            and self._order(content) == self._order(text)
            and _ends(content) == _ends(text)
            and kind.says(content.decode()) == kind.says(text.decode())
        )

    def _order(self, content: bytes) -> list[bytes]:
        return [number for number in NUMBER.findall(content) if number not in self.added]


def _comments(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each comment, with the number of the entry that it stands at."""
    above: list[bytes] = []
    for line in content.splitlines():
        if line.strip().startswith((b"#", b"//")):
            above.append(line.strip())
        elif found := NUMBER.findall(line):
            yield from ((remark, found[0]) for remark in above)
            above = []


def _ends(content: bytes) -> tuple[bool, bool, bool]:
    """Whether there are line ends of one and of the other kind, and one at the end."""
    return b"\r\n" in content, b"\n" in content.replace(b"\r\n", b""), content.endswith(b"\n")


@dataclass(frozen=True)
class Right:
    """One right answer, when nobody is asked."""

    files: Mapping[str, Wanted]
    """By path; there is nothing else."""
    said: frozenset[str] = frozenset()
    """Paths of which a person has to hear."""


@dataclass(frozen=True)
class Scenario:
    """A file or a few, and what the team and the golden path did to them."""

    name: str
    kind: str
    """The kind of file."""
    edit: str
    """What the team did."""
    change: str
    """What the golden path did."""
    base: Tree
    ours: Tree
    theirs: Tree
    rights: tuple[Right, ...]
    """Right answers without a conflict; none where one is inevitable."""
    clash: Clash = Clash.NEVER
    spoils: bool = False
    """Whether a tool may give up on others in the same update because of it."""
    alone: bool = False
    """Whether others in the same update may help a tool with it."""
    number: int = 0

    @property
    def paths(self) -> set[str]:
        """Every path that a side has."""
        return {*self.base, *self.ours, *self.theirs}

    @property
    def steady(self) -> bool:
        """Whether no path comes or goes, on neither side."""
        return self.base.keys() == self.ours.keys() == self.theirs.keys()

    def __str__(self) -> str:
        return f"{self.number}: {self.name}"
