"""One call's work on a campaign: it is moved as far as it goes now, and waits for nothing.

Everything that is known of it is in its journal, and whatever was done is seen in the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from platformctl.campaign.gate import Word, gate, too_many_failures
from platformctl.campaign.member import Member, State
from platformctl.campaign.rehearsed import Rehearsed, Verdict
from platformctl.campaign.story import Campaign
from platformctl.commands import ledger
from platformctl.commands.budget import LOOK, MOVE, Budget
from platformctl.commands.doctor import Progress, Watched
from platformctl.commands.ledger import Ledger
from platformctl.commands.rehearsal import Target, examine
from platformctl.commands.rollout import Rollout
from platformctl.commands.session import Session
from platformctl.commands.versions import refusal
from platformctl.events import Type
from platformctl.model import Json

NEEDED: Final = "need a person"
"""What a look at many services counts."""


@dataclass(frozen=True)
class Advance:
    """How far a call has moved a campaign."""

    campaign: Campaign
    moved: tuple[Member, ...]
    """The services that stand otherwise than before."""
    unseen: dict[str, str]
    """Services that could not be looked at this time, with why."""
    stopped: str
    """Why it stopped before all was done that could be; empty: it did not."""
    seconds: float
    requests: int
    """How many requests were made of servers, looks included."""

    @property
    def code(self) -> int:
        """How the call exits: 0 when all is done, 1 when somebody has to look at what went wrong, 3 while it waits."""
        if self.campaign.ended == "done":
            return 0
        failed = any(one.state is State.FAILED for one in self.campaign.failed())
        return 1 if failed or self.unseen or self.campaign.paused_itself else 3

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            **self.campaign.to_json(),
            "moved": [one.service for one in self.moved],
            "unseen": self.unseen,
            "stopped": self.stopped,
            "seconds": round(self.seconds, 3),
            "requests": self.requests,
        }


def move(
    id_: str, session: Session, watched: Watched, budget: Budget, timeout: float, looked: Sequence[Rehearsed] = ()
) -> Advance:
    """Move a campaign as far as it goes now. `looked` are services that were looked at just now.

    One whose version is withdrawn by now, or has ended, pauses itself. Raises `Busy` when another process moves it, and
    `NotFound` when its golden path is not there any more.
    """
    stream = session.stream()
    held = ledger.alone(session, id_)
    try:
        found = ledger.find(session, id_)
        before = dict(found.campaign.members)
        call = _Call(session, found, budget, timeout, {one.service: one for one in looked}, watched)
        stopped = call.go()
        moved = tuple(one for name, one in found.campaign.members.items() if one.state is not before[name].state)
        return Advance(found.campaign, moved, call.rollout.unseen, stopped, stream.elapsed, budget.used)
    finally:
        held.release()


class _Call:
    """One call's work on a campaign."""

    def __init__(
        self,
        session: Session,
        found: Ledger,
        budget: Budget,
        timeout: float,
        looked: dict[str, Rehearsed],
        watched: Watched,
    ) -> None:
        self._session = session
        self._ledger = found
        self._budget = budget
        self._timeout = timeout
        self._looked = looked
        self._watched = watched
        self._met: set[str] = set()
        """The services that this call has had to do with."""
        self.rollout = Rollout(session, found)

    def go(self) -> str:
        """Wave after wave, until something has to be waited for; gives why it stopped before that."""
        campaign = self._ledger.campaign
        if not self._over():
            path = self._session.wiring.golden_path(campaign.path)
            if why := refusal(self._session, path, campaign.version):
                self._ledger.pause(why)
        while not self._over():
            if stopped := self._wave():
                return stopped
            if self._over():
                break
            self._ledger.look_again()
            found = gate(campaign)
            if found.word is Word.PAUSE:
                self._ledger.pause(found.why)
            elif found.word is Word.REST:
                self._ledger.pause(found.why, "as planned")
            elif found.word is Word.OPEN and campaign.opened < len(campaign.waves):
                self._ledger.note(Type.CAMPAIGN_WAVE, data={"wave": campaign.opened + 1})
            elif not campaign.left:
                self._ledger.note(Type.CAMPAIGN_FINISHED, status="done")
            else:
                break
        return ""

    def _over(self) -> bool:
        return bool(self._ledger.campaign.paused or self._ledger.campaign.ended)

    def _wave(self) -> str:
        """Everything that is at hand and was not met in this call."""
        members = [one for one in self._ledger.campaign.at_hand() if one.service not in self._met]
        if stopped := self._look(members):
            return stopped
        for member in members:
            if not self._budget.fits(MOVE):
                return self._stop(member.service)
            self._met.add(member.service)
            with self._budget.spending(MOVE):
                self.rollout.move(member.service, self._looked[member.service])
            self._ledger.look_again()
            if why := too_many_failures(self._ledger.campaign):
                self._ledger.pause(why)
            if self._over():
                break
        return ""

    def _look(self, members: Sequence[Member]) -> str:
        """Look at those that were not looked at in this call."""
        names = [one.service for one in members if one.service not in self._looked]
        target = Target.of(self._ledger.campaign, members, self._timeout)
        found, complete = looked_at(names, target, self._budget, self._watched)
        self._looked |= {one.service: one for one in found}
        if complete:
            return ""
        return self._stop(next(name for name in names if name not in self._looked))

    def _stop(self, service: str) -> str:
        why = f"the budget of {self._budget.most} requests is used up: {self._budget.used} were made"
        self._ledger.note(Type.CAMPAIGN_STOPPED, message=why, data={"next": service})
        return f"{why}; the next call goes on with {service}"


def looked_at(names: Sequence[str], target: Target, budget: Budget, watched: Watched) -> tuple[list[Rehearsed], bool]:
    """Look at services, and whether all of them were looked at: a budget may not suffice."""
    found: list[Rehearsed] = []
    needing = 0
    if not names or not budget.fits(LOOK):
        return found, not names
    with watched() as told, closing(examine(names, target, 1 if budget.most is not None else 0)) as examined:
        for one in examined:
            budget.spent_elsewhere(LOOK, one.requests)
            found.append(one)
            needing += one.verdict in (Verdict.CONFLICTS, Verdict.BLOCKED, Verdict.UNREADABLE)
            told(Progress(len(found), len(names), needing, NEEDED))
            if len(found) < len(names) and not budget.fits(LOOK):
                break
    return sorted(found, key=lambda one: one.service), len(found) == len(names)
