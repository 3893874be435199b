"""`platformctl doctor`: does the world still agree with what the service was made with?"""

from __future__ import annotations

from dataclasses import dataclass

from platformctl.commands import run
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.engine import plan as planning
from platformctl.engine.request import Request
from platformctl.errors import Failure
from platformctl.events import Type
from platformctl.model import Difference, Kind, Plan, Plane
from platformctl.port import Examined, Need


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
    notes: tuple[str, ...] = ()
    """What to know before something is put right, such as a proposal that waits."""


def doctor(service: str, session: Session) -> Diagnosis:
    """Plan the recorded recipe with the recorded answers: what it would change is drift. Writes nothing."""
    stream = session.stream()
    with session.scratch() as prepared:
        request = _request(service, prepared, writes=False)
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
    notes = tuple(note for step in plan.steps for note in step.notes) if plan.changes else ()
    return Diagnosis(plan, tuple(findings), tuple(seen.items()), stream.elapsed, notes)


def platform(session: Session) -> list[tuple[str, Need]]:
    """Everything that the platform needs of its tools and servers, by port. Writes nothing."""
    wiring = session.wiring
    config = wiring.config
    ports = [port for port in wiring.known_ports if port != "images" or wiring.standing(Plane.DELIVERY).live]
    found = []
    for port in ports:
        what = f"backend {config.kind(port)}" if config.kind(port) else "address"
        try:
            backend = wiring.ports[port]
            backend.check()
            whole = backend.needs() if isinstance(backend, Examined) else [Need(what)]
        except Failure as failure:
            whole = [Need(what, _of(failure), failure.hint)]
        found += [(port, need) for need in whole]
    if config.source is not None and not any(need.problem for port, need in found if port == "forge"):
        problem = "" if wiring.prepared_now else "they are not what this platform needs"
        hint = "Prepare them with: platformctl init"
        found.append(("forge", Need("the organisation's own repositories", problem, hint)))
    return sorted(found, key=lambda item: item[0])


def _of(failure: Failure) -> str:
    return f"{failure.where}: {failure.what}" if failure.where else failure.what


def fix(service: str, session: Session, approve: Approve) -> Outcome:
    """Apply what doctor would report."""
    name = session.service(service).service
    held = run.lock(session, name)
    try:
        return run.carry_out(session, _request(name, session, writes=True), approve)
    finally:
        held.release()


def _request(service: str, session: Session, *, writes: bool) -> Request:
    record = session.service(service)
    recipe = session.wiring.recipe(record.path, record.version)
    session.wiring.check(recipe, record.answers, writes=writes)
    return session.recorded_request(recipe, record)
