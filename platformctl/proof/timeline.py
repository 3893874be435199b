"""What happened when: lanes for the service, its alerts and the pager, with the moments on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from platformctl.proof.evidence import Evidence, Moment
from platformctl.proof.plot import Window
from platformctl.proof.units import shown

_PHASES: Final = {
    "traffic": "traffic",
    "errors": "errors",
    "recovered": "recovered",
    "stopped": "stopped",
}
"""What the service does from a moment of this kind on."""
_ALERTS: Final = ("fired", "quiet", "absent")
_PAGER: Final = ("paged", "resolved")
_SINCE: Final = {
    "fired": "errors",
    "paged": "errors",
    "quiet": "recovered",
    "resolved": "recovered",
    "absent": "stopped",
}
"""Which moment another one is the answer to."""


@dataclass(frozen=True)
class Bar:
    """Something that lasted; `at` and `width` are percentages of the picture."""

    at: float
    width: float
    kind: str
    text: str

    @property
    def until(self) -> float:
        """Where it ends."""
        return round(self.at + self.width, 2)


@dataclass(frozen=True)
class Flag:
    """The number of a moment, where it happened in percent."""

    at: float
    number: int
    what: str


@dataclass(frozen=True)
class Lane:
    """Bars and flags beside a name."""

    name: str
    bars: Sequence[Bar]
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Entry:
    """One moment in words: seconds since the proof began, and what it took."""

    number: int
    time: str
    what: str
    kind: str
    after: str


@dataclass(frozen=True)
class Timeline:
    """The picture of what happened, and the same in words."""

    lanes: Sequence[Lane]
    entries: Sequence[Entry]


def timeline(evidence: Evidence, window: Window) -> Timeline:
    """The moments and pages of a proof."""
    moments = sorted(evidence.moments, key=lambda moment: moment.at)
    flags = [Flag(window.at(moment.at), number, moment.what) for number, moment in enumerate(moments, start=1)]

    def lanes(name: str, spans: Sequence[_Span], *kinds: str) -> Iterator[Lane]:
        marked = [flag for moment, flag in zip(moments, flags, strict=True) if moment.kind in kinds]
        return _lanes(name, [_bar(window, *span) for span in sorted(spans)], marked)

    others = {moment.kind for moment in moments}.difference(_ALERTS, _PAGER)
    return Timeline(
        [
            *lanes("Service", _phases(moments, window.end), *others),
            *lanes("Alerts", list(_firing(moments, window.end)), *_ALERTS),
            *lanes("Pager", list(_incidents(evidence, window.end)), *_PAGER),
        ],
        list(_entries(moments, window, evidence.lapse)),
    )


def broken(moments: Sequence[Moment], window: Window) -> list[Bar]:
    """The time of errors made on purpose and the time after the service was stopped, for every picture."""
    spans = _phases(sorted(moments, key=lambda moment: moment.at), window.end)
    return [_bar(window, *span) for span in spans if span.kind in ("errors", "stopped")]


class _Span(NamedTuple):
    """Something that lasted, in Unix seconds."""

    begin: float
    end: float
    kind: str
    text: str


def _phases(moments: Sequence[Moment], end: float) -> list[_Span]:
    """What the service went through, one after the other."""
    begins = [moment for moment in moments if moment.kind in _PHASES]
    ends = [*(moment.at for moment in begins), end][1:]
    return [
        _Span(moment.at, until, moment.kind, _PHASES[moment.kind]) for moment, until in zip(begins, ends, strict=True)
    ]


def _firing(moments: Sequence[Moment], end: float) -> Iterator[_Span]:
    """The alerts that fired; the first that fired is the first to be quiet."""
    quiet = [moment.at for moment in moments if moment.kind == "quiet"]
    for moment in moments:
        if moment.kind == "fired":
            later = [at for at in quiet if at >= moment.at]
            quiet = later[1:]
            yield _Span(moment.at, later[0] if later else end, "fired", "firing")
        elif moment.kind == "absent":
            yield _Span(moment.at, end, "absent", "firing")


def _incidents(evidence: Evidence, end: float) -> Iterator[_Span]:
    """What is open at the pager, from the first trigger to the resolve."""
    opened: dict[str, tuple[float, str]] = {}
    for page in sorted(evidence.pages, key=lambda page: page.at):
        if page.action == "resolve" and page.dedup_key in opened:
            begin, severity = opened.pop(page.dedup_key)
            yield _Span(begin, page.at, "incident", severity)
        elif page.action == "trigger":
            opened.setdefault(page.dedup_key, (page.at, page.severity))
    for begin, severity in opened.values():
        yield _Span(begin, end, "incident", severity)


def _lanes(name: str, bars: Sequence[Bar], flags: Sequence[Flag]) -> Iterator[Lane]:
    """Bars that overlap are below one another; a flag is where a bar begins or ends."""
    rows: list[list[Bar]] = [[]]
    for bar in bars:
        row = next((row for row in rows if not row or row[-1].until <= bar.at), None)
        if row is None:
            rows.append([bar])
        else:
            row.append(bar)

    def distance(row: Sequence[Bar], flag: Flag) -> float:
        return min((abs(edge - flag.at) for bar in row for edge in (bar.at, bar.until)), default=100)

    nearest = [min(range(len(rows)), key=lambda number: distance(rows[number], flag)) for flag in flags]
    for number, row in enumerate(rows):
        mine = tuple(flag for flag, place in zip(flags, nearest, strict=True) if place == number)
        yield Lane("" if number else name, row, mine)


def _bar(window: Window, begin: float, end: float, kind: str, text: str) -> Bar:
    at = window.at(begin)
    return Bar(at, round(max(window.at(end) - at, 0), 2), kind, text)


def _entries(moments: Sequence[Moment], window: Window, lapse: int) -> Iterator[Entry]:
    for number, moment in enumerate(moments, start=1):
        yield Entry(
            number, f"{moment.at - window.zero:.1f} s", moment.what, moment.kind, _after(moments, number, lapse)
        )


def _after(moments: Sequence[Moment], number: int, lapse: int) -> str:
    """How long after its cause a moment was, by the clock and by the rules' durations."""
    moment = moments[number - 1]
    causes = [before for before in moments[:number] if before.kind == _SINCE.get(moment.kind)]
    if not causes:
        return ""
    seconds = moment.at - causes[-1].at
    return f"{shown(seconds, 's')} after {causes[-1].what}{unhurried(seconds, lapse)}"


def unhurried(seconds: float, lapse: int) -> str:
    """How long it would be without time-lapse, in brackets."""
    return f" ({shown(seconds * lapse, 's')} without time-lapse)" if lapse != 1 else ""
