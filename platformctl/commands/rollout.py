"""One service of a campaign, moved as far as it goes now. The world decides; the journal is told of each step.

So whoever is killed here goes on with the next call, and does nothing twice: a service that is proposed is seen to be,
and what is merged is seen in its record.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Final

from platformctl import answers
from platformctl.action import Branches
from platformctl.campaign.member import Member, State
from platformctl.campaign.rehearsed import Rehearsed, Verdict
from platformctl.commands.follow import follow
from platformctl.commands.ledger import Ledger
from platformctl.commands.merging import GOES_ON, held_up, is_ours, merge
from platformctl.commands.rehearsal import BRANCH, PERSON, Target, look
from platformctl.commands.session import Session
from platformctl.commands.upgrade import UPGRADE, Options, branches, conflicts, upgrade
from platformctl.errors import Busy, Failure, Interrupted, Moved, NoAccess, Protected
from platformctl.events import Event, Type
from platformctl.model import Observed, Plan
from platformctl.port import Checks
from platformctl.released import order

PATIENCE: Final = timedelta(minutes=10)
"""How long a merge may stand before it counts that no check says anything of it."""
_SHOWN: Final = (Type.WAITING, Type.STEP_RETRIED)
"""Of what a service's own run tells, what is shown among that of many."""


class Rollout:
    """The services of one campaign."""

    def __init__(self, session: Session, ledger: Ledger) -> None:
        def told(event: Event) -> None:
            if event.type in _SHOWN:
                for reader in session.readers:
                    reader(event)

        self._session = replace(session, readers=(told,))
        self._ledger = ledger
        self.unseen: dict[str, str] = {}
        """Services that could not be looked at this time, with why."""

    def move(self, name: str, seen: Rehearsed) -> None:
        """Move a service that was seen so. What fails is noted; what would befall all of them is raised."""
        member = self._ledger.campaign.members[name]
        if seen.team and not member.team:  # nobody could read that before
            self._ledger.move(member, member.state, member.why, team=seen.team, **{"from": seen.before})
        try:
            self._move(self._ledger.campaign.members[name], seen)
        except (Interrupted, NoAccess):
            raise
        except Busy as busy:
            self.unseen[name] = busy.what
        except PERSON as failure:
            now = self._ledger.campaign.members[name]
            self._ledger.move(now, now.state if now.was_proposed else State.BLOCKED, _said(failure))
        except (Failure, OSError) as failure:
            self._ledger.move(member, State.FAILED, _said(failure))

    def _move(self, member: Member, seen: Rehearsed) -> None:
        ours = member.was_proposed or self._was_proposed(member)
        match seen.verdict:
            case Verdict.UNREADABLE:
                self.unseen[member.service] = seen.why
            case Verdict.BLOCKED | Verdict.OUTSIDE:
                state = member.state if member.was_proposed else State.BLOCKED
                self._ledger.move(member, state, seen.why or "it is not in the campaign's scope any more")
            case Verdict.THERE if not ours:
                self._ledger.move(member, State.THERE)
            case Verdict.THERE:
                self._merged(member, str(member.facts.get("merged") or seen.main), seen.checks)
            case _ if ours and seen.unasked:
                self._not_open(member)
            case _ if member.was_proposed and (seen.main == member.facts.get("main") or not seen.ours):
                self._waits(member, seen)
            case _:
                self._propose(member)

    def _was_proposed(self, member: Member) -> bool:
        """Whether a run has proposed it since the campaign began, and a kill came before that was noted."""
        campaign = self._ledger.campaign
        since = takewhile(lambda run: run.first.at >= campaign.began, self._session.runs(member.service))
        return any(run.command == UPGRADE and run.first.version == campaign.version and run.proposed for run in since)

    def _not_open(self, member: Member) -> None:
        """It was seen on the version before, and nothing proposed: closed by its team, unless it was merged since.

        So it is looked at again, and its record last: a merge comes before what closes the pull request.
        """
        now = look(self._session, Target.of(self._ledger.campaign, [member]), member.service)
        if not now.unasked:
            self._move(member, now)
        elif self._recorded_before(member):
            self._ledger.move(member, State.DECLINED, "its team has closed the pull request")

    def _recorded_before(self, member: Member) -> bool:
        """Whether its branch has the record of an earlier version at this moment, whatever was just seen of it."""
        found = self._session.wiring.ports["forge"].file(member.service, BRANCH, answers.FILE)
        if found is None:
            return False
        recorded = answers.read(found[0], f"{member.service}/{answers.FILE}")
        return order(recorded.version) < order(self._ledger.campaign.version)

    def _propose(self, member: Member) -> None:
        campaign = self._ledger.campaign
        options = Options(member.service, campaign.version, campaign.settings)
        step, outcome = upgrade(options, self._session, lambda *_: True)
        if outcome is None:
            if not member.was_proposed:  # else the next call sees it merged, and lets all else follow
                self._ledger.move(member, State.THERE, f"it came to {step.to} meanwhile")
            return
        apart = conflicts(outcome.plan)
        at = branches(self._session, outcome.plan)
        commit = self._session.wiring.ports["forge"].head(at.repository, at.head)
        ours = is_ours(self._session, member.service, at.repository, commit)
        self._ledger.move(
            member,
            State.CONFLICTS if apart else State.PROPOSED,
            ", ".join(apart) if ours else GOES_ON,
            outcome.run or member.run,
            url=next(iter(outcome.proposed.values()), member.url),
            repository=at.repository,
            branch=at.branch,
            head=at.head,
            commit=commit,
            ours=ours,
            main=_planned_on(outcome.plan),
            conflicts=apart,
        )
        if not apart and not held_up(self._session, Checks.NONE, ours=ours):
            self._merge(member, commit)

    def _waits(self, member: Member, seen: Rehearsed) -> None:
        """It is proposed, and stands as it is to stand."""
        why = ", ".join(seen.conflicts) if seen.ours else GOES_ON
        held = held_up(self._session, seen.checks, ours=seen.ours)
        if seen.verdict is Verdict.CONFLICTS:
            self._ledger.move(member, State.CONFLICTS, why, commit=seen.at, ours=seen.ours)
        elif seen.checks is Checks.RED and seen.ours:
            self._ledger.move(member, State.FAILED, held, commit=seen.at, ours=True)
        elif held:
            self._ledger.move(member, State.PROPOSED, why, commit=seen.at, ours=seen.ours)
        else:
            self._merge(member, seen.at)

    def _merge(self, member: Member, commit: str) -> None:
        """Merge what needs nobody, where its team lets us."""
        member = self._ledger.campaign.members[member.service]
        if not (member.team and self._session.wiring.config.team(member.team).automerge):
            self._ledger.move(member, State.PROPOSED)
            return
        facts = member.facts
        try:
            merged = merge(self._session, Branches(facts["repository"], facts["branch"], facts["head"]), commit)
        except (Moved, Protected) as left:
            self._ledger.move(member, State.PROPOSED, left.what)
            return
        forge = self._session.wiring.ports["forge"]
        self._merged(member, merged, forge.checks(facts["repository"], merged))

    def _merged(self, member: Member, commit: str, checks: Checks) -> None:
        """Its branch is on the version: everything else follows, and then it is looked at."""
        campaign = self._ledger.campaign
        if member.state not in (State.MERGED, State.FAILED):
            self._ledger.move(member, State.MERGED, "", merged=commit)
        if marked := [path for path in member.facts.get("conflicts", ()) if self._is_marked(member.service, path)]:
            self._ledger.move(member, State.FAILED, f"conflict markers were merged: {', '.join(marked)}")
            return
        if not campaign.members[member.service].facts.get("clean"):
            followed = follow(self._session, member.service, campaign.version)
            if followed.unseen:
                self.unseen[member.service] = followed.why
                return
            if followed.why:
                self._ledger.move(member, State.FAILED if followed.drifted else State.MERGED, followed.why)
                return
        since = campaign.members[member.service].since
        young = since is not None and datetime.now(UTC) - since < PATIENCE
        self._ledger.move(member, *self._with_ci(member, commit, checks, young=young), clean=True)

    def _is_marked(self, service: str, path: str) -> bool:
        """Whether a file of its branch has git's markers in it, which CI would refuse where there is one."""
        found = self._session.wiring.ports["forge"].file(service, BRANCH, path)
        return found is not None and all(re.search(sign, found[0], re.MULTILINE) for sign in (rb"^<{7} ", rb"^>{7} "))

    def _with_ci(self, member: Member, commit: str, checks: Checks, *, young: bool) -> tuple[State, str]:
        forge = self._session.wiring.ports["forge"]
        if not forge.RUNS_WORKFLOWS:
            return State.DONE, ""
        now = forge.head(member.service, BRANCH)
        if checks is Checks.RED and now != commit:
            checks = forge.checks(member.service, now)  # somebody may have put it right
        if checks is Checks.RED:
            return State.FAILED, f"the checks of {BRANCH} are red"
        if checks is Checks.PENDING or (checks is Checks.NONE and young):
            return State.MERGED, f"the checks of {BRANCH} have not ended"
        return State.DONE, "" if checks is Checks.GREEN else "no check has said anything"


def _planned_on(plan: Plan) -> str:
    """The commit of its branch that a proposal was made from."""
    for planned in plan.steps:
        for seen in planned.observed.values():
            if isinstance(seen, Observed) and "upgraded" in seen.facts:
                return str(seen.facts["head"])
    return ""


def _said(failure: Failure | OSError) -> str:
    if isinstance(failure, Failure):
        return f"{failure.where}: {failure.what}" if failure.where else failure.what
    return f"{failure.filename}: {failure.strerror}" if failure.filename else str(failure)
