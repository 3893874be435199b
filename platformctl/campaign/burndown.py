"""How far a campaign is: by state, by wave, by team, and day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from platformctl.campaign.member import ENDS, Member, State
from platformctl.campaign.story import Campaign
from platformctl.events import Event
from platformctl.model import Json

Key = TypeVar("Key", int, str)

Counts = Mapping[State, int]
"""How many stand how; states in which none stands are left out."""


@dataclass(frozen=True)
class Day:
    """How things stood at the end of a day, in UTC."""

    day: date
    counts: Counts

    @property
    def left(self) -> int:
        """How many had not come to an end."""
        return left(self.counts)


@dataclass(frozen=True)
class Burndown:
    """How far a campaign is."""

    counts: Counts
    waves: tuple[tuple[int, Counts], ...]
    teams: tuple[tuple[str, Counts], ...]
    days: tuple[Day, ...]
    """Those on which something happened."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "counts": _json(self.counts),
            "waves": [{"wave": number, "counts": _json(counts)} for number, counts in self.waves],
            "teams": [{"team": team, "counts": _json(counts)} for team, counts in self.teams],
            "days": [{"day": one.day.isoformat(), "left": one.left, "counts": _json(one.counts)} for one in self.days],
        }


def burndown(events: Sequence[Event]) -> Burndown:
    """What a campaign's events say of how far it is."""
    days: list[Day] = []
    campaign = Campaign(events[0])
    for number, event in enumerate(events):
        if number:
            campaign.hear(event)
        after = events[number + 1].at.date() if number + 1 < len(events) else None
        if event.at.date() != after:
            days.append(Day(event.at.date(), tally(campaign.members.values())))
    members = list(campaign.members.values())
    return Burndown(
        tally(members),
        tuple(_by(members, lambda one: one.wave)),
        tuple(_by(members, lambda one: one.team)),
        tuple(days),
    )


def tally(members: Iterable[Member]) -> Counts:
    """How many stand how, in the order of states."""
    found = Counter(one.state for one in members)
    return {state: found[state] for state in State if found[state]}


def left(counts: Counts) -> int:
    """How many have not come to an end."""
    return sum(number for state, number in counts.items() if state not in ENDS)


def _by(members: Iterable[Member], key: Callable[[Member], Key]) -> list[tuple[Key, Counts]]:
    groups: dict[Key, list[Member]] = {}
    for one in members:
        groups.setdefault(key(one), []).append(one)
    return [(name, tally(group)) for name, group in sorted(groups.items())]


def _json(counts: Counts) -> dict[str, Json]:
    return {state.value: number for state, number in counts.items()}
