"""`platformctl resume`: finish a run that did not end."""

from __future__ import annotations

from platformctl import overrides
from platformctl.commands import run
from platformctl.commands.init import ensure_prepared
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.commands.upgrade import UPGRADE, Step, request_for
from platformctl.errors import BadInput
from platformctl.wiring import ORGANISATION


def resume(name: str, session: Session, approve: Approve) -> Outcome:
    """Apply what is left of a run, in the same journal. Raises `NotFound`, or `BadInput` when it has ended well."""
    found = session.changing_run(name)
    if found.status in ("done", "undone"):
        raise BadInput(f"run {found.id} is {found.status}", hint="There is nothing to resume")
    first = found.first
    if first.path != ORGANISATION:
        ensure_prepared(session)
    held = run.lock(session, found.service)
    try:
        record = session.recorded(found.service) if first.path != ORGANISATION else None
        if record is not None and found.command == UPGRADE and record.version != first.version:
            step = Step(found.service, first.path, record.version, first.version)
            request = request_for(step, session, record, first.data["answers"])
            return run.carry_out(session, request, approve, found.id)
        recipe = session.wiring.recipe(first.path, first.version)
        asked = overrides.read(first.data.get("overrides", ()), str(found.id))
        request = session.request(
            recipe,
            first.data["answers"],
            session.request_before(record) if record else None,
            overrides=asked,
            proposal=first.data.get("proposal"),
        )
        session.wiring.check(recipe, request.answers)
        return run.carry_out(session, request, approve, found.id)
    finally:
        held.release()
