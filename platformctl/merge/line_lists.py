"""Files in which each line is one thing: requirements, patterns to ignore, owners, settings, and `go.mod`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from platformctl.merge.identity import requirement
from platformctl.merge.outline import ABOVE, Body, Part
from platformctl.merge.value import Opaque, Value

_LINE: Final = re.compile(r"([ \t]*)([^\n]*?)([ \t]*|[ \t]+#[^\n]*)\n")
"""Indentation, content, and a comment behind it."""
_CONTINUED: Final = re.compile(r"([ \t]*)((?:[^\n]*\\\n)*[^\n]*?)((?:[ \t]*|[ \t]+#[^\n]*)\n(?:[ \t]+#[^\n]*\n)*)")
"""The same for a line that may go on on the next ones, and with the indented comments that pip-compile puts below."""
_GO_ABOVE: Final = re.compile(r"(?:[ \t]*(?://[^\n]*)?\n)*")
_GO_LINE: Final = re.compile(r"([ \t]*)([^\n]*?)([ \t]*|[ \t]+//[^\n]*)\n")
_GO_BLOCK: Final = re.compile(r"(\w+) *\([ \t]*(?://[^\n]*)?\n")
_GO_BLOCKS: Final = ("require", "replace", "exclude", "retract", "tool", "ignore", "godebug")
_GO_LINES: Final = ("module", "go", "toolchain")


@dataclass(frozen=True)
class LineList:
    """A list of lines, each known by what it is `about`; that raises `Opaque` for a line that does not belong here."""

    about: Callable[[str], str]
    line: re.Pattern[str] = _LINE
    says: Callable[[str], str] = str
    """The line without the spaces that have no meaning."""
    above: re.Pattern[str] = ABOVE
    """Blank lines and comments, which belong to the line below them."""

    def __call__(self, text: str) -> Listed:
        """Read a text. Raises `Opaque`, also where two lines are about the same."""
        parts, end = self.parts(text, 0, len(text))
        return Listed(unique(parts, text[end:]))

    def parts(self, text: str, at: int, end: int) -> tuple[list[Part], int]:
        """The lines up to `end`, and where they end."""
        found = []
        for part, after in self._parts(text, at, end):
            found.append(part)
            at = after
        return found, at

    def _parts(self, text: str, at: int, end: int) -> Iterator[tuple[Part, int]]:
        while True:
            start = behind(self.above, text, at)
            line = self.line.match(text, start, end)
            if not line or start == end:
                return
            gap, content, trail = text[start : line.end(1)], line[2], text[line.end(2) : line.end()]
            yield Part(self.about(content), self.says(content), text[at:start], gap, "", content, trail), line.end()
            at = line.end()


@dataclass(frozen=True)
class Listed:
    """A list of lines that has been read."""

    body: Body

    @property
    def value(self) -> Value:
        """Each line by what it is about."""
        return {part.name: part.value for part in self.body.parts}

    def outline(self) -> Body:
        """The lines."""
        return self.body


def go_module(text: str) -> Listed:
    """`go.mod`: each directive, and what is in the blocks of those that have one. Raises `Opaque`."""
    parts: list[Part] = []
    at, seen = 0, Counter[str]()
    while (start := behind(_GO_ABOVE, text, at)) < len(text):
        block = _GO_BLOCK.match(text, start)
        end = text.find("\n)\n", block.end() - 1) + 1 if block else start
        if block and end and block[1] in _GO_BLOCKS:
            inner, after = _ENTRIES.parts(text, block.end(), end)
            body = unique(inner, text[after : end + 2])
            seen[block[1]] += 1
            held = Listed(body).value
            parts.append(Part(f"{block[1]} {seen[block[1]]}", held, text[at:start], "", block[0], body, ""))
            at = end + 2
        else:
            found, after = _DIRECTIVE.parts(text, at, _after(text, start))
            parts += found
            at = after
    return Listed(unique(parts, text[at:]))


def unique(parts: list[Part], tail: str) -> Body:
    """The whole of a list. Raises `Opaque` where two lines are about the same."""
    if len({part.name for part in parts}) < len(parts):
        raise Opaque
    return Body(tuple(parts), named=True, tail=tail)


def behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where what a pattern matches ends."""
    found = pattern.match(text, at)
    return found.end() if found else at


def _after(text: str, at: int) -> int:
    return text.index("\n", at) + 1


def _assigned(line: str) -> str:
    found = re.match(r"(?:export +)?([\w.-]+) *=(.*)", line)
    if not found or found[2].count('"') % 2 or found[2].count("'") % 2:  # a value may have several lines
        raise Opaque
    return found[1]


def _required(line: str) -> str:
    if line.startswith("-"):
        return line
    name = requirement(line)
    if name is None:
        raise Opaque
    _, semicolon, marker = line.partition("\\")[0].partition(";")
    return f"{name}{semicolon}{''.join(marker.split())}"


def _entry(line: str) -> str:
    if line.endswith("(") or not re.match(r"[\w\"\[]", line):
        raise Opaque
    return line.partition("=>")[0].split()[0]


def _directive(line: str) -> str:
    word, *others = line.split()
    if word in _GO_LINES:
        return word
    if word not in _GO_BLOCKS or not others or others[0] == "(":
        raise Opaque
    return f"{word} {others[0]}"


PLAIN: Final = LineList(lambda line: line)
"""`.gitignore`: a line is about all of it."""
SUMS: Final = LineList(lambda line: " ".join(line.split()[:2]))
"""`go.sum`: a module with its version."""
OWNERS: Final = LineList(lambda line: line.split()[0], says=lambda line: " ".join(line.split()))
"""`CODEOWNERS`, `.tool-versions`: the first word is what a line is about."""
ASSIGNMENTS: Final = LineList(_assigned)
"""`.env.example`."""
REQUIREMENTS: Final = LineList(_required, _CONTINUED, says=lambda line: "".join(line.split()))
"""Python requirements, with hashes."""
_ENTRIES: Final = LineList(_entry, _GO_LINE, above=_GO_ABOVE)
_DIRECTIVE: Final = LineList(_directive, _GO_LINE, above=_GO_ABOVE)
