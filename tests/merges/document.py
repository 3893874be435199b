"""A file as what it is made of, so that what two sides do to it can be said without comparing texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True)
class Part:
    """One thing in a file: a line, an entry, a function."""

    name: str
    """Nothing else in the file has it."""
    values: tuple[str, str]
    """What may be changed in it; a form may leave out the second."""
    remarks: tuple[str, ...] = ()
    """The comments above it, a line each."""
    plain: bool = False
    """Written in the file's first style, whatever its style is now."""


@dataclass(frozen=True)
class Section:
    """Parts of one form, and what stands around them."""

    form: Callable[[Part], Sequence[str]]
    """The lines of a part."""
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    joint: str = ""
    """What ends every part but the last."""
    gap: int = 0
    """Empty lines between two parts."""
    remarks: bool = True
    """Whether a comment may stand above a part."""
    ordered: bool = False
    """Whether the order of its parts means something."""

    @property
    def second(self) -> bool:
        """Whether a part has two values, on lines of their own."""
        return len(changed_lines(self, Part("x", ("1", "2")), Part("x", ("1", "3")))) > 0


@dataclass(frozen=True)
class FileKind:
    """A kind of file."""

    name: str
    path: str
    sections: tuple[Section, ...]
    remark: str = "# {}"
    """A comment; empty where there are none."""
    restyle: Callable[[str], str] | None = None
    """A line as another taste has it; the file says the same with it."""
    says: Callable[[str], object] | None = None
    """What a text says. Raises ValueError, or an error derived from it, for one that is broken."""
    entries: bool = False
    """Whether its parts are entries with names, so that who adds one does not get in the way of who adds another."""
    ends: str = "\n"
    last_end: bool = True
    """Whether the last line has an end."""
    executable: bool = False
    encoding: str = "utf-8"
    spoils: bool = False
    """Whether a tool may give up on all files of an update because of it."""

    def problem(self, content: bytes) -> str:
        """Why such a file is broken; empty where it is whole."""
        try:
            text = content.decode(self.encoding)
            if self.says:
                self.says(text)
        except (ValueError, SyntaxError) as problem:
            return str(problem).splitlines()[0]
        return ""


class Laid(NamedTuple):
    """A line, and the part that it belongs to; empty for what stands around parts."""

    owner: str
    text: str


class Place(NamedTuple):
    """Where a part is: its section, its first line and the one after its last."""

    section: int
    first: int
    end: int


@dataclass(frozen=True)
class Document:
    """A file of a kind."""

    kind: FileKind
    sections: tuple[tuple[Part, ...], ...]
    restyled: bool = False
    ends: str = "\n"
    last_end: bool = True
    executable: bool = False

    def part(self, name: str) -> Part:
        """A part by its name."""
        return next(part for parts in self.sections for part in parts if part.name == name)

    def names(self) -> list[str]:
        """All parts, in order."""
        return [part.name for parts in self.sections for part in parts]

    @cached_property
    def laid(self) -> list[Laid]:
        """Its lines."""
        pairs = zip(self.kind.sections, self.sections, strict=True)
        return [line for section, parts in pairs for line in self._of(section, parts)]

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where each part is."""
        owners = [line.owner for line in self.laid]
        found = {}
        for number, parts in enumerate(self.sections):
            for part in parts:
                first = owners.index(part.name)
                found[part.name] = Place(number, first, first + owners.count(part.name))
        return found

    def text(self) -> str:
        """The whole text."""
        text = "".join(f"{line.text}{self.ends}" for line in self.laid)
        return text if self.last_end else text.removesuffix(self.ends)

    def content(self) -> bytes:
        """Its bytes."""
        return self.text().encode(self.kind.encoding)

    def _of(self, section: Section, parts: Sequence[Part]) -> Iterator[Laid]:
        yield from (Laid("", self._styled(line)) for line in section.opening)
        for at, part in enumerate(parts):
            if at:
                yield from [Laid("", "")] * section.gap
            lines = [*section.form(part)]
            indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
            lines[:0] = [indent + self.kind.remark.format(remark) for remark in part.remarks]
            if section.joint and at < len(parts) - 1:
                lines[-1] += section.joint
            yield from (Laid(part.name, line if part.plain else self._styled(line)) for line in lines)
        yield from (Laid("", self._styled(line)) for line in section.closing)

    def _styled(self, line: str) -> str:
        return self.kind.restyle(line) if self.restyled and self.kind.restyle else line


def changed_lines(section: Section, before: Part, after: Part) -> list[int]:
    """Which of a part's lines differ, counted from its first."""
    lines = zip(section.form(before), section.form(after), strict=True)
    return [at for at, (one, other) in enumerate(lines) if one != other]
