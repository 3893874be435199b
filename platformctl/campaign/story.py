"""A campaign, read from its events: it is what they say and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from platformctl.campaign.member import BAD, ENDS, Member, State
from platformctl.campaign.rehearsed import Rehearsed, Verdict
from platformctl.events import Event, Type
from platformctl.model import Json

_FIRST: Final = {
    Verdict.THERE: State.THERE,
    Verdict.DECLINED: State.DECLINED,
    Verdict.BLOCKED: State.BLOCKED,
    Verdict.UNREADABLE: State.BLOCKED,
}
"""How a service stands that was looked at so; all others wait for their turn."""
ITSELF: Final = "by itself"
"""Who has paused a campaign in which something went wrong."""


class Campaign:
    """Services of one golden path on their way to one of its versions."""

    def __init__(self, first: Event) -> None:
        self.id = first.campaign
        self.path = first.path
        self.version = first.version
        self.began = self.last = first.at
        data = first.data
        self.organisation: str = data["organisation"]
        self.team: str = data["team"]
        """Whose services it is for; empty: everybody's."""
        self.settings: tuple[str, ...] = tuple(data["settings"])
        """`key=value`: answers that the version asks for, for every service."""
        self.failures: int = data["failures"]
        """Percentage of a wave that may fail before the campaign pauses itself."""
        self.waves: tuple[tuple[str, ...], ...] = tuple(map(tuple, data["waves"]))
        self.rest: bool = data["rest"]
        """Whether the last wave begins on a person's word alone."""
        self.members: dict[str, Member] = {}
        self.opened = 1
        """How many waves have begun."""
        self.passed = 0
        """How many of them a person has passed, whatever waits in them."""
        self.accepted: frozenset[str] = frozenset()
        """Services whose failure a person has accepted."""
        self.paused = ""
        """Why it is paused; empty while it is not."""
        self.paused_itself = False
        """Whether it has paused itself, because something went wrong."""
        self.ended = ""
        """`done`, or `ended` by a person; empty while it goes on."""
        self.next = ""
        """The service that a call stopped before."""
        self._begin([Rehearsed.from_json(form) for form in data["services"]])

    def _begin(self, found: Sequence[Rehearsed]) -> None:
        wave = {name: number for number, names in enumerate(self.waves, 1) for name in names}
        for one in found:
            state = _FIRST.get(one.verdict, State.WAITING)
            why = ", ".join(one.conflicts) if one.verdict is Verdict.CONFLICTS else one.why
            self.members[one.service] = Member(
                one.service, one.team, one.before, wave.get(one.service, 0), state, why, one.url
            )

    def hear(self, event: Event) -> None:
        """Take in what happened next."""
        self.last = event.at
        match event.type:
            case Type.CAMPAIGN_SERVICE:
                self._move(event)
            case Type.CAMPAIGN_WAVE:
                self.opened = event.data["wave"]
            case Type.CAMPAIGN_PAUSED:
                self.paused = event.message
                self.paused_itself = event.status == ITSELF
            case Type.CAMPAIGN_RESUMED:
                self.paused, self.paused_itself = "", False
                self.passed = event.data["passed"]
                self.accepted |= set(event.data["accepted"])
            case Type.CAMPAIGN_STOPPED:
                self.next = event.data["next"]
            case Type.CAMPAIGN_FINISHED:
                self.ended = event.status
                self.paused, self.paused_itself = "", False
            case _:
                pass

    def _move(self, event: Event) -> None:
        before = self.members[event.service]
        self.members[event.service] = replace(
            before,
            state=State(event.status),
            why=event.message,
            url=event.data.get("url", before.url),
            team=event.data.get("team", before.team),
            before=event.data.get("from", before.before),
            run=event.run or before.run,
            since=event.at,
            facts={**before.facts, **event.data.get("facts", {})},
        )

    @property
    def status(self) -> str:
        """`done`, `ended`, `paused` or `running`."""
        return self.ended or ("paused" if self.paused else "running")

    @property
    def left(self) -> list[Member]:
        """Those that have not come to an end."""
        return [one for one in self.members.values() if one.state not in ENDS]

    def in_wave(self, number: int) -> list[Member]:
        """The services of a wave, in their order."""
        return [self.members[name] for name in self.waves[number - 1]] if 0 < number <= len(self.waves) else []

    def at_hand(self) -> list[Member]:
        """What may be moved now: of the waves that have begun, what has not come to an end.

        Where an earlier call has stopped, it goes on.
        """
        found = [one for number in range(1, self.opened + 1) for one in self.in_wave(number) if one.state not in ENDS]
        at = next((place for place, one in enumerate(found) if one.service == self.next), 0)
        return found[at:] + found[:at]

    def failed(self, wave: int = 0) -> list[Member]:
        """Failures that nobody has accepted, of one wave or of all."""
        members = self.in_wave(wave) if wave else list(self.members.values())
        return [one for one in members if one.state in BAD and one.service not in self.accepted]

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "campaign": self.id,
            "path": self.path,
            "version": self.version,
            "team": self.team,
            "status": self.status,
            "why": self.paused,
            "began": _written(self.began),
            "last": _written(self.last),
            "wave": self.opened,
            "waves": [list(names) for names in self.waves],
            "rest_waits": self.rest,
            "failures": self.failures,
            "services": [one.to_json() for one in self.members.values()],
        }


def replayed(events: Iterable[Event]) -> Campaign | None:
    """The campaign that events tell of; None where there are none."""
    story = iter(events)
    first = next(story, None)
    if first is None:
        return None
    campaign = Campaign(first)
    for event in story:
        campaign.hear(event)
    return campaign


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
