"""Whatever follows the merge of another version: the other planes come along, and doctor says whether all is well."""

from __future__ import annotations

from dataclasses import dataclass, replace

from platformctl.commands import fleet, mend
from platformctl.commands.scope import Scope
from platformctl.commands.session import Session
from platformctl.model import Plan
from platformctl.recipe import Recipe


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
    """Bring the other planes to what the record asks for, and look at all of them."""
    session = replace(session, command="doctor")
    outcome = mend.fix(service, session, _without_loss)
    found = fleet.look(session, Scope(), service)
    assert found is not None  # nothing is outside of this scope
    if found.unreadable or found.version != version:
        why = found.unreadable[0].reason if found.unreadable else f"its record says {found.version or 'nothing'}"
        return Followed(f"doctor: {why}", unseen=True)
    if outcome.proposed:
        return Followed(f"waits for the merge of {next(iter(outcome.proposed.values()))}")
    if outcome.plan.pending and not outcome.applied:
        lost = next(change for change in outcome.plan.changes if change.irreversible)
        how = f"do it with platformctl doctor {service} --fix"
        return Followed(f"{lost.address} cannot be taken back: {lost.irreversible}; {how}")
    if found.drift:
        first = found.drift[0]
        return Followed(f"doctor: {first.place}: {first.drift.value}", drifted=True)
    return Followed()


def _without_loss(plan: Plan, recipe: Recipe) -> bool:
    """Nobody is there to be asked: what cannot be taken back is left to a person."""
    return not any(change.irreversible for change in plan.changes)
