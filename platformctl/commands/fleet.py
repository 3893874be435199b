"""Many services looked at at the same time, none of which can keep the others waiting.

Each is looked at in one of a few processes, which this one ends when a service takes too long. So a program that hangs,
a file that never answers and a disk that is gone cost their own service a line, and nobody else a second.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from platformctl.commands.diagnosis import Diagnosis, diagnose, request_for, traced
from platformctl.commands.session import Session
from platformctl.engine.drift import Finding
from platformctl.errors import Failure, NotFound
from platformctl.model import Drift, Plane
from platformctl.port import Shared

TIMEOUT: Final = 60.0
"""Seconds that one service may take; with all planes, on a quiet machine, it takes less than one."""
_EACH: Final = 25
"""Services for which a further process pays: starting one takes as long as looking at many."""


@dataclass(frozen=True)
class Task:
    """What every process needs to know."""

    planes: frozenset[Plane] = frozenset()
    """Which are looked at; empty: all."""
    traces: bool = False
    """Whether it is asked who changed things, and when."""


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


def examine(names: Sequence[str], task: Task, timeout: float = TIMEOUT, processes: int = 0) -> Iterator[Diagnosis]:
    """Look at services; gives each as it is done, in no order. `processes` of 0: as many as pay."""
    pool = _Pool(task, min(processes or os.cpu_count() or 1, -(-len(names) // _EACH)), timeout)
    try:
        yield from pool.run(names)
    finally:
        pool.end()


class _Pool:
    def __init__(self, task: Task, size: int, timeout: float) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._task = task
        self._size = size
        self._timeout = timeout
        self._workers: list[_Worker] = []

    def run(self, names: Sequence[str]) -> Iterator[Diagnosis]:
        waiting = list(reversed(names))
        self._workers = [_Worker(self._context, self._task) for _ in range(self._size)]
        for worker in self._workers:
            worker.give(waiting)
        while busy := [worker for worker in self._workers if worker.busy]:
            due = min(worker.began for worker in busy) + self._timeout - time.monotonic()
            ready = wait([worker.connection for worker in busy], max(0.0, due))
            for worker in busy:
                if worker.connection in ready:
                    yield from worker.take()
                elif time.monotonic() - worker.began >= self._timeout:
                    yield _unreadable(worker.service, f"it gave no answer within {self._timeout:g} seconds")
                    waiting += worker.stop()
                self._go_on(worker, waiting)

    def _go_on(self, worker: _Worker, waiting: list[str]) -> None:
        """Give a process more to do, or another one in its place."""
        if worker.gone:
            self._workers.remove(worker)
            if not waiting:
                return
            worker = _Worker(self._context, self._task)
            self._workers.append(worker)
        worker.give(waiting)

    def end(self) -> None:
        """End every process."""
        for worker in self._workers:
            worker.stop()


class _Worker:
    """One process. It is given a few services at a time, and works on them in order."""

    _AHEAD: Final = 4

    def __init__(self, context: Any, task: Task) -> None:
        self.connection, theirs = context.Pipe()
        self.began = 0.0
        self.gone = False
        self._given: list[str] = []
        self._process = context.Process(target=_work, args=(theirs, task), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def busy(self) -> bool:
        """Whether it has something to do."""
        return bool(self._given)

    @property
    def service(self) -> str:
        """The service that it is at."""
        return self._given[0]

    def give(self, waiting: list[str]) -> None:
        """Give it more to do, from the end of what waits."""
        while waiting and len(self._given) < self._AHEAD:
            name = waiting.pop()
            if not self._given:
                self.began = time.monotonic()
            self._given.append(name)
            self.connection.send(name)

    def take(self) -> Iterator[Diagnosis]:
        """What it has found out; a process that has died has found out nothing."""
        try:
            found: Diagnosis = self.connection.recv()
        except (EOFError, OSError):
            name = self._given.pop(0)
            self.gone = True
            yield _unreadable(name, "whoever looked at it has died")
            return
        self._given.pop(0)
        self.began = time.monotonic()
        yield found

    def stop(self) -> list[str]:
        """End it; gives what it had not begun, the first one last."""
        self.gone = True
        self._process.kill()
        self._process.join()
        self.connection.close()
        left = self._given[1:]
        self._given = []
        return left[::-1]


def _work(connection: Connection, task: Task) -> None:
    """What a process does: look at each service that it is given, and say what it found out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us says when to stop
    session = Session.open((), "doctor")
    share(session)
    while True:
        try:
            name = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(look(session, name, task))


def share(session: Session) -> None:
    """Let what all services share be looked at once in this session, and not once for each of them."""
    for port in session.wiring.known_ports:
        if isinstance(backend := session.wiring.ports[port], Shared):
            backend.look_once()


def look(session: Session, name: str, task: Task) -> Diagnosis:
    """Look at one service of a fleet; whatever fails is said of it."""
    began = time.monotonic()
    try:
        record = session.recorded(name)
        if record is None:
            return _without_repository(session, name)
        request = request_for(session, record)
        found = diagnose(session, record, request, task.planes, side_by_side=False)
        if task.traces and found.plan:
            found = replace(found, findings=traced(found.findings, found.plan, session))
    except (Failure, OSError) as problem:
        what = problem.what if isinstance(problem, Failure) else problem.strerror or str(problem)
        where = f"{problem.where}: " if isinstance(problem, Failure) and problem.where else ""
        return _unreadable(name, f"{where}{what}")
    return replace(found, plan=None, seconds=time.monotonic() - began)


def _without_repository(session: Session, name: str) -> Diagnosis:
    """One that is known and has no record to be looked at by."""
    there = session.wiring.ports["forge"].repository(name) is not None
    part, reason = (
        (".platformctl.yaml", "the record is not on main") if there else ("", "the catalog knows the service")
    )
    finding = Finding(Plane.DEVELOPER, "", f"repository/{name}", Drift.MISSING, part=part, reason=reason)
    return Diagnosis(name, findings=(finding,))


def _unreadable(name: str, reason: str) -> Diagnosis:
    return Diagnosis(name, findings=(Finding(Plane.DEVELOPER, "", f"service/{name}", Drift.UNREADABLE, reason=reason),))
