"""`platformctl upgrade --local`: the same in a clone, for whoever wants to work on it before it is proposed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from platformctl import answers
from platformctl.commands.init import ensure_prepared
from platformctl.commands.new import Ask
from platformctl.commands.session import Approve, Session, clone_here, service_here
from platformctl.commands.upgrade import Options, Step, answers_for, request_for, step_of
from platformctl.engine import plan as planning
from platformctl.errors import BadInput
from platformctl.model import Change, Kind, Observed, Plan, Planned


def upgrade_local(
    options: Options, session: Session, approve: Approve, ask: Ask | None = None
) -> tuple[Step, Plan | None, bool]:
    """Change index and working tree of the clone around the working folder; nothing is committed.

    Gives the plan, none where the clone is on that version, and whether it was approved. Raises `BadInput` where
    something is not committed, and outside of a clone; `NoAccess` without git.
    """
    clone, name = session.wiring.clone(clone_here()), service_here()
    if options.service not in ("", name):
        raise BadInput(f"this is a clone of {name}", hint=f"Go into a clone of {options.service}")
    clone.check_clean()
    ensure_prepared(session)
    content = clone.read(name, clone.head(name, "main"), answers.FILE)
    if content is None:
        raise BadInput(f"{answers.FILE} is not committed here", where=str(clone_here()), hint="Commit it first")
    record = answers.read(content, answers.FILE)
    step = step_of(options, session, record)
    if not step.needed:
        return step, None, False
    request = request_for(step, session, record, answers_for(step, session, record, options.settings, ask))
    plan = planning.make(request)
    (planned,) = [one for one in plan.steps if "upgrade" in one.inputs]
    files = session.wiring.action_class(planned.step.uses)(clone)
    here = _here(planned, files)
    plan = replace(plan, steps=[here if one is planned else one for one in plan.steps])
    if not approve(plan, request.recipe):
        return step, plan, False
    (seen,) = here.observed.values()
    assert isinstance(seen, Observed)
    conflicts = seen.facts["upgraded"].merged.conflicts
    stages = {one.path: (one.base, one.ours, one.theirs) for one in conflicts if one.base or one.theirs}
    clone.change(files.writes(here.inputs, seen), stages)
    return step, plan, True


def preview_local(options: Options, session: Session, ask: Ask | None = None) -> tuple[Step, Plan | None]:
    """What `upgrade_local` would do. Writes nothing; raises as it does."""
    step, plan, _ = upgrade_local(options, session, lambda plan, recipe: False, ask)
    return step, plan


def _here(planned: Planned, files: Any) -> Planned:
    """The files' step as it is in the clone."""
    observed = files.observe(planned.inputs)
    ((address, seen),) = observed.items()
    change = Change(
        address,
        Kind.UPDATE,
        planned.step.id,
        planned.step.plane,
        planned.step.uses,
        before=seen.value,
        after=planned.desired[address],
        revision=seen.revision,
        differences=tuple(files.differences(planned.inputs, address, seen)),
    )
    return replace(planned, observed=observed, changes=(change,))
