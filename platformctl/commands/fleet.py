"""Many services looked at at the same time, none of which can keep the others waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from platformctl.commands.catalog import owner_of
from platformctl.commands.diagnosis import Diagnosis, diagnose, explained, request_for, without_team
from platformctl.commands.scope import Scope
from platformctl.commands.session import Session
from platformctl.engine.drift import Finding
from platformctl.errors import Failure, NotFound
from platformctl.model import Drift, Plane
from platformctl.port import Shared

if TYPE_CHECKING:  # who looks at one service needs no processes
    from platformctl.commands.pool import Begin

_EACH: Final = 25
"""Services for which a further process pays: starting one takes as long as looking at many."""


def services(session: Session, only: Collection[str] = ()) -> list[str]:
    """Every service of the organisation, as the forge and the catalog know them, sorted.

    `only` are names; one that neither knows is `NotFound`.
    """
    from platformctl.wiring import RESERVED

    forge, catalog = session.wiring.ports["forge"], session.wiring.ports["catalog"]
    found = {name for name, owner in forge.owners().items() if owner.service == name}
    found |= set(catalog.names())
    found -= set(RESERVED)
    if unknown := sorted(set(only) - found):
        raise NotFound(f"there is no service {unknown[0]!r}", hint="See platformctl catalog list")
    return sorted(set(only) or found)


def examine(names: Sequence[str], scope: Scope, processes: int = 0) -> Generator[Diagnosis | None, None, None]:
    """Look at services; gives each as it is done, in no order, and None for one that is not in the scope.

    `processes` of 0: as many as pay. All of them have ended when this has.
    """
    from platformctl.commands.pool import Lost

    with closing(side_by_side(_begin, scope, names, scope.timeout, processes)) as answers:
        for name, answer in answers:
            yield _unreadable(name, answer.why) if isinstance(answer, Lost) else answer


def side_by_side(
    begin: Begin, task: Any, names: Sequence[str], timeout: float, processes: int = 0
) -> Generator[tuple[str, Any], None, None]:
    """Ask a few processes about services; gives each with its answer, or with `Lost`, as it comes, in no order.

    `timeout` is seconds for one service, `processes` of 0 as many as pay. All of them have ended when this has.
    """
    from platformctl.commands.pool import Pool

    pool = Pool(begin, task, min(processes or os.cpu_count() or 1, -(-len(names) // _EACH)), timeout)
    try:
        with closing(pool.run(names)) as answers:
            yield from answers
    finally:
        pool.end()


def _begin(scope: Scope) -> Callable[[str], Diagnosis | None]:
    """What a process does first: it reads what all services share once."""
    session = Session.open((), "doctor")
    share(session)
    return partial(look, session, scope)


def share(session: Session) -> None:
    """Let what all services share be looked at once in this session, and not once for each of them."""
    for port in session.wiring.known_ports:
        if isinstance(backend := session.wiring.ports[port], Shared):
            backend.look_once()


def look(session: Session, scope: Scope, name: str) -> Diagnosis | None:
    """Look at one service of a fleet; None when it is not in the scope. Whatever fails is said of it."""
    began = time.monotonic()
    try:
        record = session.recorded(name)
        if record is None:
            found = without_repository(session, name)
            return found if scope.has(team=found.team or scope.team, path=scope.path) else None
        if orphan := without_team(session, record):
            return orphan if scope.has(team=orphan.team, path=record.path) else None
        request = request_for(session, record)
        if not scope.has(team=str(request.platform.get("team", {}).get("slug", "")), path=record.path):
            return None
        found = diagnose(session, record, request, scope.planes, side_by_side=False)
        found = told(found, scope, session)
    except Exception as problem:  # of one service: the others are looked at all the same
        team = owner_of(session, name)
        asked_for = scope.has(team=team or scope.team, path=scope.path)
        return replace(_unreadable(name, said(problem)), team=team) if asked_for else None
    return replace(found, plan=None, seconds=time.monotonic() - began)


def said(problem: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(problem, Failure):
        return f"{problem.where}: {problem.what}" if problem.where else problem.what
    if isinstance(problem, OSError):
        where = f"{problem.filename}: " if problem.filename else ""
        return f"{where}{problem.strerror or problem}"
    return f"this is a bug: {type(problem).__name__}: {problem}"


def told(found: Diagnosis, scope: Scope, session: Session) -> Diagnosis:
    """What is told of a diagnosis: findings that matter, with what was asked about them."""
    findings = tuple(filter(scope.matters, found.findings))
    if found.plan is not None:
        findings = explained(findings, found.plan, session, traces=scope.traces, diffs=scope.diffs)
    return replace(found, findings=findings)


def without_repository(session: Session, name: str) -> Diagnosis:
    """One that is known and has no record to be looked at by."""
    there = session.wiring.ports["forge"].repository(name) is not None
    part, reason = (
        (".platformctl.yaml", "the record is not on main") if there else ("", "the catalog knows the service")
    )
    finding = Finding(Plane.DEVELOPER, "", f"repository/{name}", Drift.MISSING, part=part, reason=reason)
    return Diagnosis(name, team=owner_of(session, name), findings=(finding,))


def _unreadable(name: str, reason: str) -> Diagnosis:
    return Diagnosis(name, findings=(Finding(Plane.DEVELOPER, "", f"service/{name}", Drift.UNREADABLE, reason=reason),))
