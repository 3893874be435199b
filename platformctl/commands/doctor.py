"""`platformctl doctor`: does the world still agree with what the service was made with?"""

from __future__ import annotations

from dataclasses import dataclass

from platformctl.commands import run
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.engine import plan as planning
from platformctl.engine.plan import Request
from platformctl.events import Type
from platformctl.model import Difference, Kind, Plan, Plane


@dataclass(frozen=True)
class Finding:
    """One address that is not as it should be. `kind` is what `--fix` would do; None when it could not be read."""

    plane: Plane
    step: str
    address: str
    kind: Kind | None
    differences: tuple[Difference, ...]
    reason: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What doctor found out about one service."""

    plan: Plan
    findings: tuple[Finding, ...]
    checked: tuple[tuple[Plane, int], ...]
    """How many addresses were looked at, by plane."""
    seconds: float


def doctor(service: str, session: Session) -> Diagnosis:
    """Plan the recorded recipe with the recorded answers: what it would change is drift. Writes nothing."""
    stream = session.stream()
    with session.scratch() as prepared:
        request = _request(service, prepared)
        plan = planning.make(request, tolerant=True)
    findings = [
        Finding(step.step.plane, step.step.id, change.address, change.kind, change.differences)
        for step in plan.steps
        for change in step.changes
    ]
    findings += [Finding(step.step.plane, step.step.id, at, None, (), why) for step, at, why in plan.unreadable]
    findings += [
        Finding(step.step.plane, step.step.id, step.step.title, None, (), "it depends on what could not be read")
        for step in plan.steps
        if step.deferred and not hasattr(session.wiring.action_class(step.step.uses), "render")
    ]
    seen: dict[Plane, int] = {}
    for step in plan.steps:
        seen[step.step.plane] = seen.get(step.step.plane, 0) + len(step.observed)
    for found in findings:
        stream.emit(
            Type.FINDING,
            service=plan.service,
            path=plan.path,
            version=plan.version,
            step=found.step,
            plane=found.plane,
            status=found.kind.value if found.kind else "unreadable",
            message=found.reason,
            data={
                "address": found.address,
                "differences": [[line.sign, line.what, line.text] for line in found.differences],
            },
        )
    return Diagnosis(plan, tuple(findings), tuple(seen.items()), stream.elapsed)


def fix(service: str, session: Session, approve: Approve) -> Outcome:
    """Apply what doctor would report."""
    name = session.service(service).service
    held = run.lock(session, name)
    try:
        return run.carry_out(session, _request(name, session), approve)
    finally:
        held.release()


def _request(service: str, session: Session) -> Request:
    record = session.service(service)
    recipe = session.wiring.recipe(record.path, record.version)
    session.wiring.check(recipe, record.answers)
    return session.recorded_request(recipe, record)
