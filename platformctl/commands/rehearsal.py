"""What an upgrade of many services would do: each is looked at side by side with the others, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from platformctl import answers
from platformctl.action import Branches
from platformctl.answers import Answers
from platformctl.campaign.member import Member
from platformctl.campaign.rehearsed import Rehearsed, Verdict
from platformctl.campaign.story import Campaign
from platformctl.campaign.waves import Waves
from platformctl.commands import fleet
from platformctl.commands.catalog import owner_of
from platformctl.commands.merging import is_ours
from platformctl.commands.scope import TIMEOUT
from platformctl.commands.session import Session
from platformctl.commands.upgrade import Step, answers_for, branches, conflicts, merged, request_for
from platformctl.engine import plan as planning
from platformctl.errors import BadConfig, BadInput, Failure, Moved, NotFound, Protected, Taken
from platformctl.model import Json
from platformctl.port import Checks
from platformctl.released import order

PERSON: Final = (BadConfig, BadInput, Moved, NotFound, Protected, Taken)
"""Failures that only a person who changes something can do something about."""
BRANCH: Final = "main"


@dataclass(frozen=True)
class Target:
    """Where services are to come to, and which."""

    path: str
    version: str
    team: str = ""
    """Whose services; empty: everybody's."""
    settings: tuple[str, ...] = ()
    """`key=value`: answers that the version asks for."""
    timeout: float = TIMEOUT
    """Seconds for each service."""
    known: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """What an earlier call has left of a service that it has proposed, by name: `Member.facts`."""

    @classmethod
    def of(cls, campaign: Campaign, members: Iterable[Member], timeout: float = TIMEOUT) -> Target:
        """Where a campaign's services are to come to, with what is known of these."""
        known = {one.service: one.facts for one in members if one.was_proposed}
        return cls(campaign.path, campaign.version, campaign.team, campaign.settings, timeout, known)


@dataclass(frozen=True)
class Rehearsal:
    """What was found out about every service in scope, and how they would be divided."""

    target: Target
    found: tuple[Rehearsed, ...]
    """By name."""
    waves: Waves
    seconds: float

    def having(self, *verdicts: Verdict) -> list[Rehearsed]:
        """The services with one of these verdicts."""
        return [one for one in self.found if one.verdict in verdicts]

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "path": self.target.path,
            "version": self.target.version,
            "team": self.target.team,
            "services": [one.to_json() for one in self.found],
            "counts": {verdict.value: len(found) for verdict in Verdict if (found := self.having(verdict))},
            "waves": [list(names) for names in self.waves.names],
            "rest_waits": self.waves.rest,
            "seconds": round(self.seconds, 3),
        }


def examine(names: Sequence[str], target: Target, processes: int = 0) -> Generator[Rehearsed, None, None]:
    """Look at services; gives each as it is done, in no order. `processes` of 0: as many as pay."""
    from platformctl.commands.pool import Lost

    if not names:
        return
    with closing(fleet.side_by_side(_begin, target, names, target.timeout, processes)) as answers:
        for name, answer in answers:
            yield Rehearsed(name, Verdict.UNREADABLE, why=answer.why) if isinstance(answer, Lost) else answer


def _begin(target: Target) -> Callable[[str], Rehearsed]:
    session = Session.open((), "upgrade")
    fleet.share(session)
    return partial(look, session, target)


def look(session: Session, target: Target, name: str) -> Rehearsed:
    """Look at one service. Whatever fails is said of it."""
    before = asked(session)
    try:
        found = _looked_at(session, target, name)
    except PERSON as failure:
        found = _without(session, target, name, Verdict.BLOCKED, failure)
    except Exception as problem:  # of one service: the others are looked at all the same
        found = _without(session, target, name, Verdict.UNREADABLE, problem)
    return replace(found, requests=asked(session) - before)


def asked(session: Session) -> int:
    """How many requests were made of servers until now."""
    return sum(usage.requests for usage in session.wiring.usage())


def _without(session: Session, target: Target, name: str, verdict: Verdict, problem: Exception) -> Rehearsed:
    """What is said of a service that cannot be upgraded, or not looked at."""
    team, before = owner_of(session, name), ""
    try:
        if record := session.recorded(name):
            team, before = str(record.answers.get("team", team)), record.version
    except (Failure, OSError):
        pass
    if team and target.team not in ("", team):
        verdict = Verdict.OUTSIDE
    return Rehearsed(name, verdict, team, before, why=fleet.said(problem))


def _looked_at(session: Session, target: Target, name: str) -> Rehearsed:
    record = session.recorded(name)
    if record is None:
        raise BadConfig("the record is not on main", where=f"{name}/.platformctl.yaml")
    needed = tuple(map(str, record.answers.get("depends_on") or ()))
    found = Rehearsed(name, Verdict.OUTSIDE, before=record.version, depends_on=needed)
    if record.path != target.path:
        return found
    if isinstance(team := record.answers.get("team"), str):
        found = replace(found, team=session.wiring.config.team(team).slug)
    if target.team not in ("", found.team):
        return found
    found = replace(found, main=session.wiring.ports["forge"].head(name, BRANCH))
    known = target.known.get(name, {})
    if order(record.version) >= order(target.version):
        commit = str(known.get("merged", found.main))
        return replace(found, verdict=Verdict.THERE, checks=_checks(session, name, commit) if known else Checks.NONE)
    return _proposable(session, target, record, found, known)


def _proposable(
    session: Session, target: Target, record: Answers, found: Rehearsed, known: Mapping[str, Json]
) -> Rehearsed:
    """One that is on an earlier version: what is, or would be, proposed."""
    if "head" in known:
        found = _standing(
            session, target.version, Branches(known["repository"], known["branch"], known["head"]), found, known
        )
        if not found.url:
            return replace(found, verdict=Verdict.CLEAN)  # it was closed: who knows of it needs no more
        if (found.main, found.at) == (known["main"], known["commit"]):
            apart = tuple(known["conflicts"])
            return replace(found, conflicts=apart, verdict=_verdict((), apart, found))
    step = Step(record.service, target.path, record.version, target.version)
    given = answers_for(step, session, record, target.settings)
    plan = planning.make(request_for(step, session, record, given), side_by_side=False)
    if "head" not in known:
        found = _standing(session, target.version, branches(session, plan), found, known)
    together, apart = tuple(merged(plan)), tuple(conflicts(plan))
    files = sum(len(change.differences) for change in plan.changes)
    verdict = _verdict(together, apart, found)
    return replace(found, verdict=verdict, files=files, merged=together, conflicts=apart)


def _verdict(together: Sequence[str], apart: Sequence[str], found: Rehearsed) -> Verdict:
    if apart:
        return Verdict.CONFLICTS
    if found.url:
        return Verdict.PROPOSED
    return Verdict.MERGES if together else Verdict.CLEAN


def _standing(session: Session, version: str, at: Branches, found: Rehearsed, known: Mapping[str, Json]) -> Rehearsed:
    """The same with what is proposed for it now."""
    forge = session.wiring.ports["forge"]
    proposal = forge.proposal(at.repository, at.branch, at.head)
    if proposal is None:
        return replace(found, url="", at="")
    noted = known.get("ours", False) and proposal.commit == known["commit"]
    ours = noted or (
        is_ours(session, found.service, at.repository, proposal.commit)
        and not _is_for_a_later_one(session, version, at.repository, proposal.commit)
    )
    checks = _checks(session, at.repository, proposal.commit) if known else Checks.NONE
    return replace(found, url=proposal.url, at=proposal.commit, ours=ours, checks=checks)


def _is_for_a_later_one(session: Session, version: str, repository: str, commit: str) -> bool:
    """Whether what is proposed leads to a later version: its team has asked for that, and it is left alone."""
    content = session.wiring.ports["forge"].read(repository, commit, answers.FILE)
    return content is not None and order(answers.read(content, answers.FILE).version) > order(version)


def _checks(session: Session, repository: str, commit: str) -> Checks:
    forge = session.wiring.ports["forge"]
    found: Checks = forge.checks(repository, commit) if forge.RUNS_WORKFLOWS else Checks.NONE
    return found
