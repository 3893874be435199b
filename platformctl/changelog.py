"""The changelog of a golden path: which version has which heading, day and entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

from platformctl.released import order

FILE: Final = "CHANGELOG.md"

_HEADING: Final = re.compile(r"##\s+\[?(?P<version>\d+\.\d+\.\d+)\]?(?P<rest>.*)")
_OTHER: Final = re.compile(r"##\s")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ENTRY: Final = re.compile(r"\s*[-*]\s+\S")
_FENCE: Final = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True)
class Heading:
    """What a changelog says of one version."""

    version: str
    line: int
    said: str
    """The day as it is written; empty when there is none."""
    entries: int
    """How many changes are listed."""

    @property
    def day(self) -> date | None:
        """The day, or None for none and for one that there is not."""
        try:
            return date.fromisoformat(self.said)
        except ValueError:
            return None


def read(folder: Path) -> tuple[Heading, ...]:
    """The versions' headings in the changelog of the golden path in a folder, in the file's order."""
    file = folder / FILE
    found: list[Heading] = []
    inside, fenced = False, False
    for number, line in enumerate(_text(file).splitlines(), start=1):
        fenced ^= bool(_FENCE.match(line))
        if fenced:
            continue
        if heading := _HEADING.fullmatch(line.rstrip()):
            day = _DAY.search(heading["rest"])
            found.append(Heading(heading["version"], number, day[0] if day else "", 0))
            inside = True
        elif _OTHER.match(line):
            inside = False
        elif inside and _ENTRY.match(line):
            last = found[-1]
            found[-1] = Heading(last.version, last.line, last.said, last.entries + 1)
    return tuple(found)


def sections(folder: Path) -> Iterator[tuple[str, str]]:
    """Each version with what the changelog says of it, its heading included, in the file's order."""
    found = read(folder)
    lines = _text(folder / FILE).splitlines()
    ends = [heading.line - 1 for heading in found[1:]] + [len(lines)]
    for heading, end in zip(found, ends, strict=False):
        yield heading.version, "\n".join(lines[heading.line - 1 : end]).strip()


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def problems(headings: Sequence[Heading]) -> Iterator[tuple[int, str]]:
    """What is wrong with the order of the versions, each with its line; the newest stands first."""
    seen: dict[str, int] = {}
    for heading in headings:
        if heading.version in seen:
            yield (
                heading.line,
                f"version {heading.version} stands here a second time, after line {seen[heading.version]}",
            )
        seen.setdefault(heading.version, heading.line)
        if heading.said and heading.day is None:
            yield heading.line, f"there is no day {heading.said}"
    for above, below in pairwise(headings):
        if order(above.version) < order(below.version) and not _later(above, below):
            yield below.line, f"version {below.version} stands below {above.version}; the newest stands first"


def _later(above: Heading, below: Heading) -> bool:
    """Whether the upper one was released later, as a mend of an older version is."""
    return above.day is not None and below.day is not None and above.day > below.day
