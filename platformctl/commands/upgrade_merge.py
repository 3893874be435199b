"""`platformctl upgrade --merge`: what needs nobody is merged at once, and all else follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from platformctl.commands import mend
from platformctl.commands.merging import held_up, is_ours, merge
from platformctl.commands.new import Ask
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.commands.upgrade import Options, Step, branches, conflicts, upgrade
from platformctl.model import Json


@dataclass(frozen=True)
class Merging:
    """What became of a service that was to be on another version at once."""

    waits_for: str = ""
    """Why it is only proposed; empty: it is on the version."""
    commit: str = ""
    """The commit by which it came in; empty where it was there before."""
    followed: Outcome | None = None
    """Of bringing the other planes along; None while it is only proposed."""

    @property
    def refused(self) -> bool:
        """Whether nobody has approved what the other planes need."""
        return self.followed is not None and self.followed.plan.pending and not self.followed.applied

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        if self.followed is None:
            return {"waits_for": self.waits_for}
        return {"merged": self.commit, "followed": self.followed.to_json()}


def upgrade_merge(
    options: Options, session: Session, approve: Approve, ask: Ask | None = None
) -> tuple[Step, Outcome | None, Merging | None]:
    """Propose it, merge it as a campaign would, and bring the other planes along.

    What waits for checks or for a person stays proposed. No `Merging`: it conflicts, or was not approved. Raises
    `Protected` where the branch's rules keep it out, and whatever `upgrade` raises.
    """
    step, outcome = upgrade(options, session, approve, ask)
    commit = ""
    if outcome is not None:
        if not outcome.applied or conflicts(outcome.plan):
            return step, outcome, None
        at = branches(session, outcome.plan)
        forge = session.wiring.ports["forge"]
        head = forge.head(at.repository, at.head)
        ours = is_ours(session, step.service, at.repository, head)
        if why := held_up(session, forge.checks(at.repository, head), ours=ours):
            return step, outcome, Merging(why)
        commit = merge(session, at, head)
    followed = mend.fix(step.service, replace(session, command="doctor"), approve)
    return step, outcome, Merging("", commit, followed)
