"""`platformctl resume`: finish a run that did not end."""

from __future__ import annotations

from platformctl import overrides
from platformctl.answers import Answers
from platformctl.commands import run
from platformctl.commands.init import ensure_prepared
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.commands.upgrade import UPGRADE, Options, answers_for, request_for, step_of
from platformctl.engine.request import Request
from platformctl.errors import BadInput
from platformctl.journal import Run
from platformctl.wiring import ORGANISATION


def resume(name: str, session: Session, approve: Approve) -> Outcome:
    """Apply what is left of a run, in the same journal.

    Raises `NotFound`, or `BadInput` when it has ended well, or the service has come to its version or a later one.
    """
    found = session.changing_run(name)
    if found.status in ("done", "undone"):
        raise BadInput(f"run {found.id} is {found.status}", hint="There is nothing to resume")
    first = found.first
    if first.path != ORGANISATION:
        ensure_prepared(session)
    held = run.lock(session, found.service)
    try:
        record = session.recorded(found.service) if first.path != ORGANISATION else None
        if record is not None and found.command == UPGRADE:
            return run.carry_out(session, _upgrade(session, found, record), approve, found.id)
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


def _upgrade(session: Session, found: Run, record: Answers) -> Request:
    """What an upgrade asked for. One that is proposed follows the answers that the service has by now."""
    version = found.first.version
    step = step_of(Options(found.service, version), session, record)
    if not step.needed:
        raise BadInput(
            f"{found.service} is on {step.path} {version} already",
            hint=f"What is left is made by: platformctl doctor {found.service} --fix",
        )
    proposed = found.status == "proposed"
    answers = answers_for(step, session, record) if proposed else found.first.data["answers"]
    return request_for(step, session, record, answers)
