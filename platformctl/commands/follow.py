"""Whatever follows the merge of another version: the other planes come along, and doctor says whether all is well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from platformctl.commands import fleet, mend
from platformctl.commands.scope import Scope
from platformctl.commands.session import Session
from platformctl.engine import drift
from platformctl.engine.drift import Finding
from platformctl.model import Drift, Plan, Planned
from platformctl.recipe import Recipe
from platformctl.released import order


@dataclass(frozen=True)
class Followed:
    """What is left to be said of a service whose branch is on another version."""

    why: str = ""
    """What keeps it from being well; empty: nothing does."""
    drifted: bool = False
    """Whether doctor finds drift that nobody has to consent to first."""
    unseen: bool = False
    """Whether it could not be looked at."""


def follow(session: Session, service: str, version: str) -> Followed:
    """Bring the other planes to what the record asks for, which may be a later version, and look at all of them."""
    session = replace(session, command="doctor")
    outcome = mend.fix(service, session, partial(_without_loss, session, service))
    found = fleet.look(session, Scope(), service)
    assert found is not None  # nothing is outside of this scope
    if found.unreadable or not found.version or order(found.version) < order(version):
        why = found.unreadable[0].reason if found.unreadable else f"its record says {found.version or 'nothing'}"
        return Followed(f"doctor: {why}", unseen=True)
    if outcome.proposed:
        return Followed(f"waits for the merge of {next(iter(outcome.proposed.values()))}")
    if outcome.plan.pending and not outcome.applied:
        lost = next((change for change in outcome.plan.changes if change.irreversible), None)
        if lost is not None:
            how = f"do it with platformctl doctor {service} --fix"
            return Followed(f"{lost.address} cannot be taken back: {lost.irreversible}; {how}")
    if found.drift:
        first = found.drift[0]
        return Followed(f"doctor: {first.place}: {first.drift.value}", drifted=True)
    return Followed()


def _without_loss(session: Session, service: str, plan: Plan, recipe: Recipe) -> bool:
    """Nobody is there to be asked: what cannot be taken back, and what a team has done by hand, is left to a person."""
    if any(change.irreversible for change in plan.changes):
        return False

    def action_of(planned: Planned) -> Any:
        return session.wiring.action(planned.step.uses, planned.step.folders)

    if not any(map(_is_by_hand, drift.findings(plan, action_of))):
        return True
    found = fleet.look(session, Scope(), service)  # it knows the past, too
    return found is not None and not any(map(_is_by_hand, found.drift))


def _is_by_hand(found: Finding) -> bool:
    """Whether somebody has edited or removed a file that the golden path manages."""
    return found.drift is Drift.EDITED or (found.drift is Drift.MISSING and bool(found.part))
