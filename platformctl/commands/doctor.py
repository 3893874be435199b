"""`platformctl doctor`: does the world still agree with what the service was made with?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace

from platformctl.commands import fleet
from platformctl.commands.diagnosis import Diagnosis, diagnose, request_for, without_team
from platformctl.commands.scope import Scope
from platformctl.commands.session import Session, not_prepared, service_here
from platformctl.errors import Failure
from platformctl.events import Type
from platformctl.model import Json, Plane
from platformctl.port import Examined, Need

Told = Callable[["Progress"], None]
"""Hears how far it is, after each service."""
Watched = Callable[[], AbstractContextManager[Told]]
"""Shows how far it is while it is open."""


@dataclass(frozen=True)
class Progress:
    """How far a look at many services is."""

    done: int
    of: int
    counted: int
    what: str = "drifted"
    """What is counted."""


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


def doctor(service: str, session: Session, scope: Scope) -> Diagnosis:
    """Look at one service, on the planes of a scope, and tell what matters in it. Writes nothing.

    Raises `NotFound` or `BadInput` as `Session.service` does; for one that only the catalog knows, that is a finding.
    """
    stream = session.stream()
    with session.scratch() as prepared:
        name = service or service_here()
        if prepared.recorded(name) is None and prepared.wiring.ports["catalog"].entity(name) is not None:
            found = fleet.without_repository(prepared, name)
        elif orphan := without_team(prepared, record := prepared.service(name)):
            found = orphan
        else:
            found = fleet.told(diagnose(prepared, record, request_for(prepared, record), scope.planes), scope, prepared)
    tell(session, found)
    return replace(found, seconds=stream.elapsed)


def doctor_all(scope: Scope, session: Session, told: Told) -> Fleet:
    """Look at every service in a scope, side by side; none of them stops the others. Writes nothing.

    Raises `NotFound` for a service that there is not, and `BadConfig` for an organisation that is not prepared.
    """
    stream = session.stream()
    if not session.wiring.prepared:
        raise not_prepared(session.wiring.config)
    names = fleet.services(session, scope.services)
    found: list[Diagnosis] = []
    with closing(fleet.examine(names, scope)) as examined:
        for done, diagnosis in enumerate(examined, 1):
            if diagnosis is not None:
                tell(session, diagnosis)
                found.append(diagnosis)
            told(Progress(done, len(names), sum(bool(one.drift) for one in found)))
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
