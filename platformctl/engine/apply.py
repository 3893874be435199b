"""Applying a plan: intent to the journal, change to the world, proof, outcome to the journal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from platformctl.action import Proposed, Resource
from platformctl.engine import graph
from platformctl.engine.plan import compare, plan_step
from platformctl.engine.request import Request, inputs_of
from platformctl.errors import Failure, Interrupted, Moved, NotConverged, ToolFailed
from platformctl.events import Stream, Type
from platformctl.model import Address, Change, Observed, Owner, Plan, Planned, Step, Unreadable

ATTEMPTS: Final = 4
"""How often a change is tried when its failures are marked transient."""
FIRST_PAUSE: Final = 0.2
"""Seconds before the second try; doubled each time, with jitter."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Done:
    """How a step ended, with the outputs that it really has."""

    planned: Planned
    status: str
    outputs: Mapping[str, Any]
    proposed: Mapping[Address, str] = field(default_factory=dict)
    """Where somebody has to consent before it goes on."""


def apply(plan: Plan, request: Request, stream: Stream, run: str) -> dict[str, Done]:
    """Bring the world to the plan. What is right already is left alone.

    Raises `ToolFailed` before anything is written when an address cannot be read; `Moved` when the world is no
    longer what was observed; `NotConverged` when a change did not take; `Interrupted` after Ctrl-C.
    """
    if blind := plan.unreadable:
        step, address, reason = blind[0]
        raise ToolFailed(f"cannot see {address} ({step.step.title}): {reason}")
    return _Application(plan, request, stream, run).done()


class _Application:
    def __init__(self, plan: Plan, request: Request, stream: Stream, run: str) -> None:
        self._planned = {planned.step.id: planned for planned in plan.steps}
        self._request = request
        self._stream = stream
        self._owner = Owner(request.service, run)
        self._outputs: dict[str, Mapping[str, Any]] = {}
        self._waiting: set[str] = set()

    def done(self) -> dict[str, Done]:
        return graph.run(self._request.recipe.steps, self._step, self._request.stop)

    def _step(self, step: Step) -> Done:
        planned = self._planned[step.id]
        if planned.left_alone:
            self._outputs[step.id] = planned.outputs
            return Done(planned, "left alone", planned.outputs)
        began = time.monotonic()
        self._stream.emit(Type.STEP_STARTED, step=step.id, plane=step.plane, message=step.title)
        try:
            done = self._carry_out(step)
        except Failure as failure:
            self._finished(step, "failed", began, str(failure), failure.cause.value)
            raise
        self._outputs[step.id] = done.outputs
        self._finished(step, done.status, began)
        return done

    def _finished(self, step: Step, status: str, began: float, message: str = "", cause: str = "") -> None:
        self._stream.emit(
            Type.STEP_FINISHED,
            step=step.id,
            plane=step.plane,
            status=status,
            message=message or step.title,
            cause=cause,
            duration=time.monotonic() - began,
        )

    def _carry_out(self, step: Step) -> Done:
        if self._waiting & set(step.needs):
            self._waiting.add(step.id)
            return Done(self._planned[step.id], "waiting", self._planned[step.id].outputs)
        planned = self._up_to_date(step)
        if planned.skipped:
            return Done(planned, "skipped", planned.outputs)
        action = self._request.action(step.uses, step.folders)
        if hasattr(action, "render"):
            return Done(planned, "rendered", planned.outputs)
        observed = {at: seen for at, seen in planned.observed.items() if isinstance(seen, Observed)}
        for change in planned.changes:
            seen = self._change(action, planned, replace(change, owner=self._owner))
            if isinstance(seen, Proposed):
                self._waiting.add(step.id)
                return Done(planned, "proposed", planned.outputs, {change.address: seen.url})
            observed[change.address] = seen
        outputs = action.outputs_of(planned.inputs, observed)
        return Done(planned, "applied" if planned.changes else "unchanged", outputs)

    def _up_to_date(self, step: Step) -> Planned:
        """The step as planned, or planned anew where an output turned out other than predicted."""
        planned = self._planned[step.id]
        if planned.skipped:
            return planned
        action = self._request.action(step.uses, step.folders)
        actual = inputs_of(self._request, step, action, self._outputs)
        given = {key: value for key, value in planned.inputs.items() if key != "previous"}
        if not planned.deferred and actual == given:
            return planned
        again = plan_step(self._request, step, self._outputs)
        if again.deferred:
            raise NotConverged(f"step {step.id!r} waits for an output that an earlier step did not give")
        if blind := [seen for seen in again.observed.values() if isinstance(seen, Unreadable)]:
            raise ToolFailed(f"cannot see what {step.title!r} is about: {blind[0].reason}")
        return again

    def _change(self, action: Resource, planned: Planned, change: Change) -> Observed | Proposed:
        """Make one change and prove it, unless it waits for somebody's consent."""
        began = time.monotonic()
        step = planned.step
        self._stream.emit(Type.CHANGE_STARTED, step=step.id, plane=step.plane, change=change)
        applied = self._retrying(step, lambda: action.apply(planned.inputs, change))
        if isinstance(applied, Proposed):
            about = {"message": f"{change.address} is proposed: {applied.url}", "data": {"url": applied.url}}
            self._stream.emit(Type.CHANGE_PROPOSED, step=step.id, plane=step.plane, change=change, **about)
            return applied
        seen = applied.observed or self._look_again(action, planned, change)
        if change.after is not None:
            lines = compare(action, planned.inputs, change.address, change.after, seen)
            if lines or seen.value is None:
                what = lines[0].what if lines else "it is not there"
                raise NotConverged(f"{change.address} was changed and still differs: {what}")
        elif seen.value is not None:
            raise NotConverged(f"{change.address} was deleted and is still there")
        self._stream.emit(
            Type.CHANGE_APPLIED,
            step=step.id,
            plane=step.plane,
            change=replace(change, left=seen.revision),
            duration=time.monotonic() - began,
        )
        return seen

    def _look_again(self, action: Resource, planned: Planned, change: Change) -> Observed:
        seen = self._retrying(planned.step, lambda: action.observe(planned.inputs)).get(change.address, Observed())
        if isinstance(seen, Unreadable):
            raise NotConverged(f"{change.address} was changed and cannot be read back: {seen.reason}")
        return seen

    def _retrying(self, step: Step, call: Callable[[], Result]) -> Result:
        """Call, and again after a growing pause while the failure is marked transient."""
        pause = FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return call()
            except Moved:
                raise
            except Failure as failure:
                if not failure.transient or attempt == ATTEMPTS:
                    raise
                if self._request.stop.is_set():
                    raise Interrupted("stopped") from failure
                wait = pause * random.uniform(0.75, 1.5)  # noqa: S311 - jitter, not a secret
                self._stream.emit(
                    Type.STEP_RETRIED,
                    step=step.id,
                    plane=step.plane,
                    message=str(failure),
                    data={"attempt": attempt, "wait": round(wait, 2)},
                )
                time.sleep(wait)
                pause *= 2
        raise AssertionError("unreachable")
