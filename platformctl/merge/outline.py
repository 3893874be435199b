"""A text taken apart along its structure, so that a merge can take each piece as it stands.

Put together again, the pieces are the text to the byte.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from platformctl.merge.value import Value

ABOVE: Final = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
"""Blank lines and comments."""
REST: Final = re.compile(r"[ \t]*(?:#[^\n]*)?\n")
"""What may stand behind a value, up to the next line."""
_REMARK: Final = re.compile(r"(?:^|(?<=\s))(?:#|//).*", re.MULTILINE)


def remarks(text: str) -> list[str]:
    """The comments in a text that holds nothing else but white space, names and brackets."""
    return [found.rstrip() for found in _REMARK.findall(text)] if "#" in text or "//" in text else []


@dataclass(frozen=True, eq=False)
class Part:
    """An entry of a mapping or an item of a list, with what belongs to it.

    Its text is `lead`, `gap`, `head`, `body`, a comma where one is needed, and `trail`.
    """

    name: str
    """The entry's name; empty for an item of a list."""
    value: Value
    lead: str
    """Blank lines and comments above it."""
    gap: str
    """White space between that and the entry: layout, which has no meaning."""
    head: str
    """What comes before the value: `name: `, `- `, `[tool.ruff]` with its line end."""
    body: str | Body
    trail: str
    """What follows on its last line: a comment; in a block the line end too."""

    @property
    def core(self) -> str:
        """What the entry is, without what stands around it."""
        return self.head + (self.body if isinstance(self.body, str) else self.body.text)

    @property
    def words(self) -> tuple[str, str]:
        """Its text, but for what stands above it."""
        return self.core, self.trail

    @property
    def remarks(self) -> list[str]:
        """All its comments but those above it, in order."""
        within = [*remarks(self.head), *self.body.remarks] if isinstance(self.body, Body) else []
        return [*within, *remarks(self.trail)]

    def like(self, other: Part) -> bool:
        """Whether it says the same, with the same comments; how it is written and what stands above do not count."""
        if self.words == other.words:
            return True
        return self.name == other.name and self.value == other.value and self.remarks == other.remarks

    def differs(self, other: Part) -> bool:
        """Whether it says something else, or has other comments, those above included."""
        return not self.like(other) or remarks(self.lead) != remarks(other.lead)


@dataclass(frozen=True, eq=False)
class Body:
    """A mapping or a list whose entries stand apart in the text."""

    parts: tuple[Part, ...]
    named: bool
    """A mapping, and no list."""
    opening: str = ""
    """What comes before the first part: `[`, or the start of a document."""
    tail: str = ""
    """What comes after the last part: comments, `]`."""
    column: int = 0
    """Characters before each part that stands on a line of its own."""
    commas: bool = False
    """Whether commas stand between the parts: `[a, b]`."""
    last_comma: bool = False
    """Whether one stands after the last, too."""

    @cached_property
    def text(self) -> str:
        """The text itself."""
        pieces = [self.opening]
        for at, part in enumerate(self.parts, 1):
            comma = "," if self.commas and (at < len(self.parts) or self.last_comma) else ""
            pieces += [part.lead, part.gap, part.core, comma, part.trail]
        return "".join([*pieces, self.tail])

    @cached_property
    def remarks(self) -> list[str]:
        """All comments in it, in order."""
        return [*self._remarks()]

    @cached_property
    def gap(self) -> str:
        """The white space before a part that is not the first, as it is most often."""
        if len(self.parts) > 1:
            return Counter(part.gap for part in self.parts[1:]).most_common(1)[0][0]
        if self.parts and "\n" in self.parts[0].gap:
            return self.parts[0].gap
        return " " if self.commas else " " * self.column

    @property
    def layout(self) -> tuple[str, int, bool]:
        """How it is laid out: it changes when a formatter was there, and not when an entry was."""
        return self.gap, self.column, self.last_comma

    def _remarks(self) -> Iterator[str]:
        yield from remarks(self.opening)
        for part in self.parts:
            yield from remarks(part.lead)
            yield from part.remarks
        yield from remarks(self.tail)
