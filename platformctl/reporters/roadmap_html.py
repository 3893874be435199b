"""The roadmap of golden paths as one HTML page, to be published: it loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from platformctl.commands.roadmap import Going, Roadmap, State
from platformctl.notices import DAYS
from platformctl.page import page

_URGENT: Final = 30
"""Days; what goes within them stands out."""


@dataclass(frozen=True)
class Bar:
    """From the announcement to the end, in percent of the time that the page shows."""

    begin: float
    width: float


@dataclass(frozen=True)
class Row:
    """One line of the calendar."""

    going: Going
    tone: str
    """`gone`, `urgent`, `near` or `open`."""
    bar: Bar | None


@dataclass(frozen=True)
class Tick:
    """The beginning of a month on the calendar's scale, in percent."""

    at: float
    text: str


def report(found: Roadmap) -> str:
    """What there is, what goes and what comes. The same roadmap gives the same page."""
    scale = _Scale(found)
    values = {
        "today": found.today,
        "figures": list(_figures(found)),
        "rows": [Row(one, _tone(one, found.today), scale.bar(one)) for one in found.going],
        "now": scale.at(found.today),
        "ticks": list(scale.ticks()),
        "coming": found.coming,
        "offers": found.offers,
    }
    return page(Path(__file__).parent, "roadmap.html.j2", values)


def _figures(found: Roadmap) -> Iterator[tuple[str, int, str]]:
    versions = [one for offer in found.offers for one in offer.versions]
    drafts = sum(one.state is State.DRAFT for one in versions)
    open_ = [one for one in found.going if not one.gone]
    near = sum(one.day is not None and (one.day - found.today).days <= DAYS for one in open_)
    yield "Golden paths", len(found.offers), ", ".join(offer.path.name for offer in found.offers)
    yield "Versions", len(versions) - drafts, f"and {drafts} in the making" if drafts else "released or offered"
    yield "Going", len(open_), f"{near} of them within {DAYS} days"
    yield "Gone", len(found.going) - len(open_), "not to be used any more"
    yield "Coming", len(found.coming), "planned"


def _tone(one: Going, today: date) -> str:
    if one.gone:
        return "gone"
    if one.day is None:
        return "open"
    return "urgent" if (one.day - today).days <= _URGENT else "near"


class _Scale:
    """Days as percent of the time from the first announcement to the last end."""

    def __init__(self, found: Roadmap) -> None:
        known = [found.today, *(one.since for one in found.going), *(one.day for one in found.going if one.day)]
        self._begin = min(known)
        self._days = max((max(known) - self._begin).days, 1)

    def at(self, day: date) -> float:
        return round(100 * (day - self._begin).days / self._days, 2)

    def bar(self, one: Going) -> Bar | None:
        """None for what has no day, or is gone since the day of its announcement."""
        if one.day is None or one.day <= one.since:
            return None
        begin = self.at(one.since)
        return Bar(begin, round(self.at(one.day) - begin, 2))

    def ticks(self) -> Sequence[Tick]:
        """The beginnings of months; of every third one where there are many."""
        end = self._begin + timedelta(self._days)
        months = [date(year, month, 1) for year in range(self._begin.year, end.year + 1) for month in range(1, 13)]
        shown = [month for month in months if self._begin < month < end]
        every = max(1, -(-len(shown) // 4))
        return [Tick(self.at(month), f"{month:%Y-%m}") for month in shown[::every]]
