"""`platformctl doctor`: does the world still agree with what the service was made with?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from platformctl.commands import fleet, run
from platformctl.commands.diagnosis import Diagnosis, diagnose, request_for, traced, without_team
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session, not_prepared, service_here
from platformctl.errors import Failure
from platformctl.events import Type
from platformctl.model import Json, Plane, Severity
from platformctl.port import Examined, Need

Told = Callable[[Diagnosis, int, int], None]
"""Hears of a service that was looked at, how many were, and how many there are."""

_ORDER = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


@dataclass(frozen=True)
class Scope:
    """Which services are looked at, and what of them is told."""

    services: tuple[str, ...] = ()
    team: str = ""
    path: str = ""
    planes: tuple[Plane, ...] = ()
    severity: Severity = Severity.NOTE
    """What matters less is not told."""
    traces: bool = False
    """Whether it is asked who changed things."""
    timeout: float = fleet.TIMEOUT
    """Seconds for each service."""

    def narrowed(self, found: Diagnosis) -> Diagnosis | None:
        """What is told of a service; None when it is not in the scope. One that cannot be read is in every scope."""
        other = (self.team and found.team != self.team) or (self.path and found.path != self.path)
        if other and found.path:
            return None
        least = _ORDER.index(self.severity)
        kept = tuple(one for one in found.findings if _ORDER.index(one.severity) >= least)
        return replace(found, findings=kept)


@dataclass(frozen=True)
class Fleet:
    """What was found out about many services."""

    diagnoses: tuple[Diagnosis, ...]
    seconds: float

    def to_json(self) -> dict[str, Json]:
        """The form for machines; each finding of a service has come as an event before."""
        return {
            "services": [one.to_json() for one in self.diagnoses],
            "drifted": len(self.drifted),
            "unreadable": len(self.unreadable),
            "seconds": round(self.seconds, 3),
        }

    @property
    def drifted(self) -> tuple[Diagnosis, ...]:
        """Services of which something has drifted."""
        return tuple(one for one in self.diagnoses if one.drift)

    @property
    def unreadable(self) -> tuple[Diagnosis, ...]:
        """Services of which something could not be read."""
        return tuple(one for one in self.diagnoses if one.unreadable)


def doctor(service: str, session: Session, planes: Collection[Plane] = ()) -> Diagnosis:
    """Look at one service, and ask who changed what has drifted. Writes nothing.

    Raises `NotFound` or `BadInput` as `Session.service` does; for one that only the catalog knows, that is a finding.
    """
    stream = session.stream()
    with session.scratch() as prepared:
        name = service or service_here()
        if prepared.recorded(name) is None and prepared.wiring.ports["catalog"].entity(name) is not None:
            found = fleet.look(prepared, name, fleet.Task(frozenset(planes)))
        elif orphan := without_team(prepared, record := prepared.service(name)):
            found = orphan
        else:
            found = diagnose(prepared, record, request_for(prepared, record), planes)
            if found.plan:
                found = replace(found, findings=traced(found.findings, found.plan, prepared))
    tell(session, found)
    return replace(found, seconds=stream.elapsed)


def doctor_all(scope: Scope, session: Session, told: Told) -> Fleet:
    """Look at every service in a scope, side by side; none of them stops the others. Writes nothing.

    `told` hears of each service as it is done. Raises `NotFound` for a service that there is not, and `BadConfig` for
    an organisation that is not prepared.
    """
    stream = session.stream()
    if not session.wiring.prepared:
        raise not_prepared(session.wiring.config)
    names = fleet.services(session, scope.services)
    found: list[Diagnosis] = []
    for diagnosis in fleet.examine(names, fleet.Task(frozenset(scope.planes), scope.traces), scope.timeout):
        told(diagnosis, len(found) + 1, len(names))
        if shown := scope.narrowed(diagnosis):
            tell(session, shown)
            found.append(shown)
    return Fleet(tuple(sorted(found, key=lambda one: one.service)), stream.elapsed)


def tell(session: Session, diagnosis: Diagnosis) -> None:
    """Tell whoever listens of every finding."""
    stream = session.stream(service=diagnosis.service, path=diagnosis.path, version=diagnosis.version)
    for found in diagnosis.findings:
        stream.emit(
            Type.FINDING,
            step=found.step,
            plane=found.plane,
            status=found.drift.value,
            message=found.reason,
            data=found.to_json(),
        )


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


def fix(service: str, session: Session, approve: Approve, planes: Collection[Plane] = ()) -> Outcome:
    """Apply what doctor would report, on these planes; on all of them when none is named."""
    name = session.service(service).service
    held = run.lock(session, name)
    try:
        request = request_for(session, session.service(name), writes=True)
        return run.carry_out(session, request, approve, planes=planes)
    finally:
        held.release()
