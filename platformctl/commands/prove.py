"""`platformctl prove`: show that a service is observable, by running it, watching it and breaking it on purpose."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformctl.commands.session import PROOF, Session
from platformctl.commands.subject import Subject, sources, subject
from platformctl.errors import BadInput, Cause, Failure, Interrupted
from platformctl.events import Stream, Type
from platformctl.home import write_atomically
from platformctl.journal import Journal, new_run_id
from platformctl.locks import held
from platformctl.model import Json, Plane
from platformctl.proof.case import Case
from platformctl.proof.drill import TOOLS, Drill
from platformctl.proof.evidence import Check, Evidence, Verdict
from platformctl.stack.checkout import Source
from platformctl.stack.tools import Tools


@dataclass(frozen=True)
class Proof:
    """What a proof came to, and the run that its journal is."""

    run: str
    evidence: Evidence
    folder: Path
    """What its programs wrote, logs among it."""


def prove(service: str, session: Session, report: Path | None = None) -> Proof:
    """Prove a service by its name, else that of the clone around the working folder, as it is there.

    A report is written either way. Raises `NotFound` or `BadInput` for a service that cannot be proven,
    `NoAccess` when a program is missing, `Busy` when the service is being proven.
    """
    about = subject(session, service)
    if not about.proof:
        where = f"{about.record.path} {about.record.version}"
        raise BadInput(
            f"golden path {where} does not say how its services are proven", hint="See `proof` in its recipe"
        )
    if report is not None and not report.absolute().parent.is_dir():
        raise BadInput(
            f"there is no folder {report.absolute().parent}", hint="--report takes a file in a folder that is"
        )
    tools = Tools(session.wiring.config.tools_folder)
    driver = session.wiring.driver(about.proof["driver"])(about.proof["drive"])
    for name in (*TOOLS, *driver.TOOLS):
        tools.find(name)
    session.home.prepare()
    folder = session.home.path / "cache" / "proofs" / session.organisation / about.service
    lock = session.home.locks / f"prove-{session.organisation}-{about.service}"
    with held(lock, f"platformctl prove {about.service}"), sources(session, about, tools) as source:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        run = new_run_id(about.service)
        with closing(Journal(session.home.runs, run)) as written:
            stream = Stream([written, *session.readers], run=run, **_context(about))
            stream.emit(Type.RUN_STARTED, data=_first_words(session, about))
            try:
                drill = Drill(_case(session, about, source), driver, tools, folder, _teller(stream))
                evidence = drill.run()
            except (Failure, OSError, KeyboardInterrupt) as problem:
                with suppress(OSError):
                    _end_badly(stream, problem)
                raise
            _end(stream, evidence)
    if report is not None:
        from platformctl.proof.report import page

        write_atomically(report.absolute(), page(evidence).encode())
    return Proof(run, evidence, folder)


def _case(session: Session, about: Subject, source: Source) -> Case:
    """The service with what stands for it in monitoring."""
    wiring, given = session.wiring, about.proof
    standing: dict[str, Any] = {}
    if "alerts" in given:
        alerting = wiring.ports["alerting"]
        found = alerting.alerts(about.service, about.environment)
        paging = wiring.config.team(about.team).paging if about.team else ""
        expected = alerting.expects(paging) if paging else ""
        standing = {
            "rules": (found.rules if found else "") or "",
            "configuration": alerting.configuration(about.service, about.environment),
            "whose": lambda file: _whose(file, about.team, expected),
            "whose_key": lambda file: paging if _is(file, expected) else file,
        }
    if uid := given.get("dashboard"):
        state = wiring.ports["grafana"].dashboard(uid)
        standing["dashboard"] = state.dashboard if state else None
    return Case(
        service=about.service,
        path=about.record.path,
        version=about.record.version,
        team=about.team,
        environment=about.environment,
        folder=source.folder,
        commit=source.commit or str(source.folder),
        proof=given,
        labels=about.labels(),
        variables=about.variables,
        **standing,
    )


def _whose(file: str, team: str, expected: str) -> str:
    if not expected or _is(file, expected):
        return ""
    return f"it arrives with the key {Path(file).name}, which is not {team}'s"


def _is(file: str, expected: str) -> bool:
    """Whether a key file is the one that is spoken of."""
    return file in expected.split()


def _teller(stream: Stream) -> Any:
    """Tells the stream's readers of every check."""

    def told(id_: str, title: str, check: Check | None) -> None:
        about = {"step": id_, "plane": Plane.MONITORING, "message": title}
        if check is None:
            stream.emit(Type.STEP_STARTED, **about)
            return
        seen = {name: text for name in ("detail", "culprit", "hint") if (text := getattr(check, name))}
        stream.emit(Type.STEP_FINISHED, **about, status=check.verdict.value, duration=check.seconds, data=seen)

    return told


def _end(stream: Stream, evidence: Evidence) -> None:
    failed = [check for check in evidence.checks if check.verdict is Verdict.FAILED]
    data = {
        "proven": evidence.proven,
        "parts": dict(evidence.parts),
        "checks": {check.id: check.verdict.value for check in evidence.checks},
    }
    if evidence.proven:
        stream.emit(Type.RUN_FINISHED, status="done", duration=stream.elapsed, data=data)
        return
    message = "; ".join(f"{check.title}: {check.culprit}" for check in failed) or "nothing could be checked"
    # What a golden path promises does not hold, whoever has changed what it made.
    cause = Cause.RECIPE.value
    stream.emit(Type.RUN_FINISHED, status="failed", duration=stream.elapsed, data=data, message=message, cause=cause)


def _end_badly(stream: Stream, problem: BaseException) -> None:
    stopped = isinstance(problem, KeyboardInterrupt | Interrupted)
    cause = problem.cause if isinstance(problem, Failure) else Cause.USER if stopped else Cause.PLATFORM
    stream.emit(
        Type.RUN_FINISHED,
        status="interrupted" if stopped else "failed",
        message="stopped" if stopped else str(problem),
        cause=cause.value,
        duration=stream.elapsed,
    )


def _context(about: Subject) -> dict[str, str]:
    return {"service": about.service, "path": about.record.path, "version": about.record.version}


def _first_words(session: Session, about: Subject) -> Mapping[str, Json]:
    from platformctl import __version__

    return {
        "command": PROOF,
        "organisation": session.organisation,
        "answers": dict(about.record.answers),
        "platformctl": __version__,
        "host": platform.node(),
        "pid": os.getpid(),
    }
