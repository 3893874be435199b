"""`platformctl apply`: carry out a saved plan, exactly."""

from __future__ import annotations

import json
from pathlib import Path

from platformctl import __version__
from platformctl.commands import run
from platformctl.commands.init import ensure_prepared
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.engine import plan as planning
from platformctl.engine import saved
from platformctl.errors import BadInput
from platformctl.home import write_out
from platformctl.inputs import complete
from platformctl.model import Plan


def save(plan: Plan, file: Path) -> None:
    """Write a plan to a file. Raises `BadInput` for one that could not see everything."""
    if plan.unreadable:
        _, address, reason = plan.unreadable[0]
        raise BadInput(f"a plan that is blind cannot be saved: {address}: {reason}")
    content = (json.dumps(saved.to_json(plan, __version__), indent=2) + "\n").encode()
    write_out(file, content)


def apply(file: Path, session: Session, approve: Approve) -> Outcome:
    """Apply a saved plan. Raises `Moved`, before anything is written, when the world is no longer what it was."""
    if not file.is_file():
        raise BadInput("there is no such file", where=str(file))
    plan_file = saved.read(file.read_text(encoding="utf-8", errors="replace"), str(file))
    recipe = session.wiring.recipe(plan_file["path"], plan_file["version"])
    session.wiring.check(recipe, complete(recipe.inputs, plan_file["answers"]))
    ensure_prepared(session)
    held = run.lock(session, plan_file["service"])
    try:
        record = session.recorded(plan_file["service"])
        request = session.request(
            recipe,
            plan_file["answers"],
            session.request_before(record) if record else None,
            overrides=record.overrides if record else (),
        )
        plan = planning.make(request)
        saved.check(plan_file, plan, str(file))
        if not plan.pending or not approve(plan, recipe):
            return Outcome(plan)
        return run.execute(session, request, plan)
    finally:
        held.release()
