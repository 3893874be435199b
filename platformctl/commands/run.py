"""One run: a plan is made under the service's lock, approved, journalled and applied."""

from __future__ import annotations

import os
import platform
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from platformctl.commands.session import Approve, Session
from platformctl.engine import plan as planning
from platformctl.engine.apply import Done, apply
from platformctl.engine.request import Request
from platformctl.errors import Failure, Interrupted
from platformctl.events import Stream, Type
from platformctl.journal import Journal, new_run_id
from platformctl.locks import Lock
from platformctl.model import Json, Plan, Plane
from platformctl.port import Usage
from platformctl.references import resolve


@dataclass(frozen=True)
class Outcome:
    """What a command ends with."""

    plan: Plan
    run: str = ""
    applied: bool = False
    places: Mapping[str, str] = field(default_factory=dict)
    next: tuple[str, ...] = ()
    standing: Mapping[Plane, str] = field(default_factory=dict)
    """Planes that have no live system behind them, with the reason."""
    seconds: float = 0.0
    usage: tuple[Usage, ...] = ()
    """What was asked of servers."""
    proposed: Mapping[str, str] = field(default_factory=dict)
    """Addresses that wait for somebody's consent, with where to give it."""
    waiting: tuple[str, ...] = ()
    """Titles of the steps that wait for those."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "service": self.plan.service,
            "path": self.plan.path,
            "version": self.plan.version,
            "run": self.run,
            "applied": self.applied,
            "changes": [change.to_json() for change in self.plan.changes],
            "proposed": dict(self.proposed),
            "waiting": list(self.waiting),
            "places": dict(self.places),
            "next": list(self.next),
            "rendered_only": {plane.value: why for plane, why in self.standing.items()},
            "seconds": round(self.seconds, 3),
            "usage": [usage.to_json() for usage in self.usage],
        }


def lock(session: Session, service: str, timeout: float = 0.0) -> Lock:
    """Be the only run on a service on this machine. Raises `Busy` saying who is at work."""
    session.home.prepare()
    held = Lock(session.home.locks / f"service-{session.organisation}-{service}")
    held.acquire(f"platformctl {session.command} {service}", timeout)
    if died := held.taken_over:
        session.stream(service=service).emit(
            Type.NOTE,
            message=f"taking over from process {died.pid} on {died.host}, which ended without a word",
        )
    return held


def unfinished(session: Session, request: Request) -> str:
    """The last run on this service when it asked for the same and did not end well: it is gone on with."""
    last = next(session.changing_runs(request.service), None)
    if last is None or last.status in ("done", "undone", "partly undone") or not last.changes:
        return ""
    asked = (last.first.path, last.first.version, last.first.data.get("answers"))
    same = asked == (request.recipe.path, request.recipe.version, dict(request.answers))
    same = same and last.first.data.get("overrides", []) == [one.to_record() for one in request.overrides]
    same = same and last.first.data.get("proposal") == request.proposal
    return last.id if same else ""


def carry_out(
    session: Session, request: Request, approve: Approve, run: str = "", planes: Collection[Plane] = ()
) -> Outcome:
    """Plan, have it approved, apply: on some planes, or on all. Call it under `lock`.

    Nothing is journalled when there is nothing to do.
    """
    stream = session.stream(service=request.service, path=request.recipe.path, version=request.recipe.version)
    stream.emit(Type.NOTE, status="planning", message=f"planning {request.service}")
    plan = planning.make(request, planes=planes)
    spent = stream.elapsed
    if not plan.pending and not run:
        outputs = {step.step.id: step.outputs for step in plan.steps}
        return Outcome(plan, **_summary(session, request, outputs), seconds=spent)
    if plan.pending and not approve(plan, request.recipe):
        return Outcome(plan, seconds=spent)
    return execute(session, request, plan, run, spent)


def execute(session: Session, request: Request, plan: Plan, run: str = "", spent: float = 0.0) -> Outcome:
    """Apply an approved plan with a journal.

    `run` is the run that goes on, when it is not a new one; `spent` is what planning took, in seconds.
    """
    run_id = run or new_run_id(request.service)
    about = {"service": request.service, "path": request.recipe.path, "version": request.recipe.version}
    with closing(Journal(session.home.runs, run_id)) as written:
        stream = Stream([written, *session.readers], run=run_id, **about)
        stream.emit(Type.RUN_STARTED, status="resumed" if run else "", data=_first_words(session, request))
        try:
            done = apply(plan, request, stream, run_id)
        except (Failure, OSError) as problem:
            failure = problem if isinstance(problem, Failure) else _storage_failed(problem)
            with suppress(OSError):
                _end_badly(stream, failure, spent)
            failure.hint = _how_to_go_on(failure, run_id)
            raise failure from None
        seconds = spent + stream.elapsed
        asked = {"usage": [usage.to_json() for usage in session.wiring.usage()]}
        proposed = {address: url for step in done.values() for address, url in step.proposed.items()}
        status = "proposed" if proposed else "done"
        stream.emit(Type.RUN_FINISHED, status=status, duration=seconds, data=asked if asked["usage"] else {})
    outputs = {id_: step.outputs for id_, step in done.items()}
    summary = _summary(session, request, outputs)
    if proposed:
        summary |= _consent(session, request, proposed, done)
    return Outcome(plan, run_id, True, **summary, seconds=seconds)


def _consent(
    session: Session, request: Request, proposed: Mapping[str, str], done: Mapping[str, Done]
) -> dict[str, Any]:
    """What waits for somebody's consent, and what to do then."""
    steps = [done[step.id] for step in request.recipe.steps]
    again = f"platformctl doctor {request.service} --fix" if session.command != "init" else "platformctl init"
    return {
        "proposed": proposed,
        "waiting": tuple(step.planned.step.title for step in steps if _waits(request, step)),
        "next": (*(f"merge {url}" for url in dict.fromkeys(proposed.values())), again),
    }


def _waits(request: Request, step: Done) -> bool:
    """Whether a step does something once there is consent."""
    if request.proposal is not None:
        of_step = step.planned.step
        return step.planned.left_alone and not hasattr(request.action(of_step.uses, of_step.folders), "render")
    return step.status == "waiting" and bool(step.planned.changes or step.planned.deferred)


def _end_badly(stream: Stream, failure: Failure, spent: float) -> None:
    stream.emit(
        Type.RUN_FINISHED,
        status="interrupted" if isinstance(failure, Interrupted) else "failed",
        message=failure.what,
        cause=failure.cause.value,
        duration=spent + stream.elapsed,
    )


def _storage_failed(problem: OSError) -> Failure:
    return Failure(problem.strerror or str(problem), where=str(problem.filename or ""))


def _first_words(session: Session, request: Request) -> dict[str, Json]:
    from platformctl import __version__

    return {
        "command": session.command,
        "organisation": session.organisation,
        "answers": dict(request.answers),
        **({"overrides": [one.to_record() for one in request.overrides]} if request.overrides else {}),
        **({"proposal": dict(request.proposal)} if request.proposal is not None else {}),
        "platformctl": __version__,
        "host": platform.node(),
        "pid": os.getpid(),
    }


def _how_to_go_on(failure: Failure, run: str) -> str:
    go_on = f"Go on with: platformctl resume {run}; take it back with: platformctl undo {run}"
    return f"{failure.hint}. {go_on}" if failure.hint else go_on


def _makes(session: Session) -> bool:
    """Whether the command makes a service, so that its maker wants to know what to do next."""
    return session.command in ("new", "apply", "resume")


def _summary(session: Session, request: Request, outputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if request.proposal is not None:
        return {"usage": tuple(session.wiring.usage())}  # what is only proposed is nowhere yet
    roots = request.roots(outputs)
    planes = dict.fromkeys(step.plane for step in request.recipe.steps)
    standings = {plane: session.wiring.standing(plane) for plane in planes}
    return {
        "places": {label: str(resolve(text, roots)) for label, text in request.recipe.outputs.items()},
        "next": tuple(str(resolve(text, roots)) for text in request.recipe.next) if _makes(session) else (),
        "usage": tuple(session.wiring.usage()),
        "standing": {plane: standing.why for plane, standing in standings.items() if not standing.live},
    }
