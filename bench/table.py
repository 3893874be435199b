"""The figures as a table, for terminals and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.measure import Ratio, Sample

HEAD = ("measured", "wall", "CPU", "beside", "wall", "CPU", "wall × (middle half)", "CPU ×", "aim", "")


@dataclass(frozen=True)
class Row:
    """One measurement, and what it stands beside."""

    what: str
    sample: Sample | None = None
    beside: str = ""
    other: Sample | None = None
    wall: Ratio | None = None
    cpu: Ratio | None = None
    memory: int | None = None
    """Bytes."""
    requests: int | None = None
    note: str = ""
    aim: float | None = None
    """At most this wall ratio; for a row with memory, at most this many MB; for one with requests, so many."""
    ceiling: float | None = None
    """At most this many seconds, for a row beside nothing."""

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        if self.ceiling is not None:
            return self.sample is not None and self.sample.wall <= self.ceiling
        if self.aim is None:
            return None
        if self.requests is not None:
            return self.requests <= self.aim
        if self.memory is not None:
            return self.memory / 1e6 < self.aim
        return self.wall is not None and self.wall.median <= self.aim

    @property
    def cells(self) -> tuple[str, ...]:
        """The row's texts, one for each of `HEAD`."""
        return (
            self.what,
            self._measure,
            _seconds(self.sample, "cpu"),
            self.beside or self.note,
            _seconds(self.other, "wall"),
            _seconds(self.other, "cpu"),
            f"{self.wall.median:.2f} ({self.wall.low:.2f} to {self.wall.high:.2f})" if self.wall else "",
            f"{self.cpu.median:.2f}" if self.cpu else "",
            self._aim,
            "" if self.met is None else "met" if self.met else "not met",
        )

    @property
    def _measure(self) -> str:
        if self.requests is not None:
            return str(self.requests)
        return f"{self.memory / 1e6:.1f} MB" if self.memory is not None else _seconds(self.sample, "wall")

    @property
    def _aim(self) -> str:
        if self.ceiling is not None:
            return f"≤ {self.ceiling:g} s" if self.ceiling >= 1 else f"≤ {self.ceiling * 1000:g} ms"
        if self.aim is None:
            return ""
        if self.requests is not None:
            return f"≤ {self.aim:g}"
        return f"< {self.aim:g} MB" if self.memory is not None else f"≤ {self.aim:g} ×"


@dataclass(frozen=True)
class Section:
    """Rows that were measured together."""

    title: str
    rows: Sequence[Row]


def text(sections: Sequence[Section]) -> Iterator[str]:
    """Lines for a terminal."""
    cells = [row.cells for section in sections for row in section.rows]
    widths = [max(len(line[column]) for line in [HEAD, *cells]) for column in range(len(HEAD))]

    def line(texts: Sequence[str]) -> str:
        parts = [
            text.ljust(width) if column in (0, 3, 9) else text.rjust(width)
            for column, (text, width) in enumerate(zip(texts, widths, strict=True))
        ]
        return "  ".join(parts).rstrip()

    yield line(HEAD)
    for section in sections:
        yield ""
        yield section.title
        yield from (line(row.cells) for row in section.rows)


def markdown(sections: Sequence[Section]) -> Iterator[str]:
    """The same as Markdown."""
    for section in sections:
        used = [column for column in range(len(HEAD)) if any(row.cells[column] for row in section.rows)]
        yield f"### {section.title}"
        yield ""
        yield f"| {' | '.join(HEAD[column] for column in used)} |"
        yield f"|{'|'.join('---' if column in (0, 3, 9) else '---:' for column in used)}|"
        yield from (f"| {' | '.join(row.cells[column] for column in used)} |" for row in section.rows)
        yield ""


def _seconds(sample: Sample | None, which: str) -> str:
    if sample is None:
        return ""
    value: float = getattr(sample, which)
    if not value:
        return ""  # what has no figure of its own, such as the CPU time of a part
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"
