"""`platformctl upgrade --merge`: what needs nobody is merged at once, and all else follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from platformctl.commands import mend
from platformctl.commands.merging import merge
from platformctl.commands.new import Ask
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.commands.upgrade import Options, Step, branches, conflicts, upgrade
from platformctl.model import Json


@dataclass(frozen=True)
class Followed:
    """What became of a service after it was proposed."""

    commit: str
    """The commit by which it came in; empty where it was there before."""
    outcome: Outcome
    """Of bringing the other planes along."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {"merged": self.commit, "followed": self.outcome.to_json()}


def upgrade_merge(
    options: Options, session: Session, approve: Approve, ask: Ask | None = None
) -> tuple[Step, Outcome | None, Followed | None]:
    """Propose it, merge it, and bring the other planes along; what needs a person stays proposed.

    Raises `Protected` where the branch's rules keep it out, and whatever `upgrade` raises.
    """
    step, outcome = upgrade(options, session, approve, ask)
    commit = ""
    if outcome is not None:
        if not outcome.applied or conflicts(outcome.plan):
            return step, outcome, None
        at = branches(session, outcome.plan)
        commit = merge(session, at, session.wiring.ports["forge"].head(at.repository, at.head))
    return step, outcome, Followed(commit, mend.fix(step.service, replace(session, command="doctor"), approve))
