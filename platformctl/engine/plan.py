"""Planning: what is asked for against what is there. Writes nothing, ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platformctl.action import Adopting, Irreversible, Notes, OwnDiff, Proposing, Resource
from platformctl.document import first_problem
from platformctl.engine import graph
from platformctl.errors import BadRecipe, NoAccess, NotFound, Taken, ToolFailed
from platformctl.model import (
    UNKNOWN,
    Address,
    Change,
    Difference,
    Json,
    Kind,
    Observed,
    Plan,
    Planned,
    Step,
    Unreadable,
    differences,
)
from platformctl.recipe import Recipe, outputs_of_class
from platformctl.references import has_unknown, resolve

MakeAction = Callable[[str, tuple[Path, ...]], Any]
"""Gives the action named in `uses`, with its port or the recipe's folders."""


@dataclass(frozen=True)
class Request:
    """What is asked for: a recipe with answers, on a platform."""

    recipe: Recipe
    answers: Mapping[str, Json]
    platform: Mapping[str, Any]
    action: MakeAction
    previous: Mapping[str, Json] | None = None
    """The answers that the service has now, when they differ."""
    stop: threading.Event = field(default_factory=threading.Event)
    adopt: bool = False
    """Whether what is nobody's may be taken over."""

    @property
    def service(self) -> str:
        """The service's name."""
        return str(self.answers["name"])

    def roots(self, outputs: Mapping[str, Mapping[str, Any]], *, previous: bool = False) -> dict[str, Any]:
        """What references can start from."""
        answers = self.previous if previous and self.previous is not None else self.answers
        return {
            "inputs": answers,
            "platform": self.platform,
            "recipe": self.recipe.facts,
            "steps": {id_: {"outputs": given} for id_, given in dict(outputs).items()},  # other steps add to it
        }


def make(request: Request, *, tolerant: bool = False) -> Plan:
    """Observe everything, in parallel where steps do not wait for one another, and say what would change.

    Raises `Taken` when an address belongs to something else, and whatever an action raises; when `tolerant`, an
    address that a tool fails to show is unreadable and the others are still looked at.
    """
    outputs: dict[str, Mapping[str, Any]] = {}
    before: dict[str, Mapping[str, Any]] = {}

    def work(step: Step) -> Planned:
        planned = plan_step(request, step, outputs, before, tolerant=tolerant)
        outputs[step.id] = planned.outputs
        return planned

    done = graph.run(request.recipe.steps, work, request.stop)
    steps = [done[step.id] for step in request.recipe.steps]
    if any(step.changes for step in steps):
        steps = [_with_what_is_proposed(request, step) for step in steps]
    return Plan(
        service=request.service,
        path=request.recipe.path,
        version=request.recipe.version,
        answers=request.answers,
        steps=steps,
    )


def _with_what_is_proposed(request: Request, planned: Planned) -> Planned:
    """The step with a note of what waits for consent. It may be why other steps differ, so all of them are asked."""
    if not any(isinstance(seen, Observed) and seen.value is not None for seen in planned.observed.values()):
        return planned
    action = request.action(planned.step.uses, planned.step.folders)
    if not isinstance(action, Proposing):
        return planned
    try:
        notes = [f"{address} is proposed: {url}" for address, url in action.proposed(planned.inputs).items()]
    except (ToolFailed, NoAccess) as failure:
        notes = [f"cannot see what is proposed for {planned.step.title}: {failure.what}"]
    return replace(planned, notes=(*planned.notes, *notes))


def plan_step(
    request: Request,
    step: Step,
    outputs: Mapping[str, Mapping[str, Any]],
    before: dict[str, Mapping[str, Any]] | None = None,
    *,
    tolerant: bool = False,
) -> Planned:
    """Plan one step with the outputs that earlier steps have, or are predicted to have.

    `before` collects what renderers gave with the previous answers, for actions that merge.
    """
    action = request.action(step.uses, step.folders)
    if step.when and not resolve(step.when, request.roots(outputs)):
        return Planned(step, skipped=True, outputs=dict.fromkeys(outputs_of_class(action)))
    inputs: dict[str, Any] = resolve(step.arguments, request.roots(outputs))
    if has_unknown(inputs):
        return Planned(step, inputs, deferred=True, outputs=_unknown(action))
    if problem := first_problem(action.INPUTS, inputs):
        raise BadRecipe(f"step {step.id!r}: {problem[1]}", where=step.where)
    if hasattr(action, "render"):
        if before is not None and request.previous is not None:
            earlier = resolve(step.arguments, request.roots(outputs, previous=True))
            before[step.id] = {"files": action.render(earlier)}
        return Planned(step, inputs, outputs={"files": action.render(inputs)})
    if before and "previous" in action.INPUTS["properties"]:
        inputs["previous"] = resolve(step.arguments, request.roots({**outputs, **before}, previous=True))
    try:
        return _plan_resource(request, step, action, inputs, _observed(action, inputs, tolerant=tolerant))
    except (BadRecipe, NotFound) as failure:
        if failure.where:
            raise
        raise BadRecipe(f"step {step.id!r}: {failure.what}", where=step.where) from None


def _observed(
    action: Resource, inputs: Mapping[str, Any], *, tolerant: bool
) -> Mapping[Address, Observed | Unreadable]:
    try:
        return action.observe(inputs)
    except (ToolFailed, NoAccess) as failure:
        if not tolerant:
            raise
        return {address: Unreadable(str(failure)) for address in action.desired(inputs)}


def _unknown(action: Any) -> dict[str, Any]:
    return dict.fromkeys(outputs_of_class(action), UNKNOWN)


def _plan_resource(
    request: Request,
    step: Step,
    action: Resource,
    inputs: Mapping[str, Any],
    observed: Mapping[Address, Observed | Unreadable],
) -> Planned:
    desired = action.desired(inputs)
    readable = {address: seen for address, seen in observed.items() if isinstance(seen, Observed)}
    changes = []
    for address in {**desired, **readable}:
        seen = readable.get(address)
        if seen is None:
            continue
        adopted = _check_owner(request, action, address, seen)
        if change := _change(step, action, inputs, address, desired.get(address), seen, adopted=adopted):
            changes.append(change)
    whole = len(readable) == len(observed)
    return Planned(
        step,
        inputs,
        observed,
        tuple(changes),
        action.outputs_of(inputs, readable) if whole else _unknown(action),
        tuple(action.notes(inputs, readable)) if whole and isinstance(action, Notes) else (),
    )


def _check_owner(request: Request, action: Resource, address: Address, seen: Observed) -> bool:
    """Whether it has to be adopted. Raises `Taken` when it may not be touched."""
    if seen.owner is None or seen.owner.service == request.service:
        return False
    if seen.owner.service:
        raise Taken(f"{address} is taken: it belongs to {seen.owner.service}", hint="Choose another name")
    if not isinstance(action, Adopting):
        raise Taken(f"{address} is taken: platformctl did not make it", hint="Choose another name, or remove it first")
    if not request.adopt:
        raise Taken(
            f"{address} is taken: platformctl did not make it",
            hint="Choose another name, or take it over with: platformctl new --adopt",
        )
    return True


def _change(
    step: Step,
    action: Resource,
    inputs: Mapping[str, Any],
    address: Address,
    wanted: Json,
    seen: Observed,
    *,
    adopted: bool,
) -> Change | None:
    lines = compare(action, inputs, address, wanted, seen)
    if adopted:
        lines.append(Difference("~", "owner", "nobody → this service"))
    if not lines and (wanted is None) == (seen.value is None):
        return None
    kind = Kind.CREATE if seen.value is None else Kind.DELETE if wanted is None else Kind.UPDATE
    change = Change(
        address=address,
        kind=kind,
        step=step.id,
        plane=step.plane,
        uses=step.uses,
        before=seen.value,
        after=wanted,
        revision=seen.revision,
        differences=tuple(lines),
        adopted=adopted,
    )
    if isinstance(action, Irreversible) and (why := action.irreversible(change)):
        change = replace(change, irreversible=why)
    return change


def compare(
    action: Resource, inputs: Mapping[str, Any], address: Address, wanted: Json, seen: Observed
) -> list[Difference]:
    """How the world differs from what is asked for, by the action's own diff where it has one."""
    if isinstance(action, OwnDiff) and wanted is not None:
        return list(action.differences(inputs, address, seen))
    if wanted is None or seen.value is None:
        return []
    return differences(wanted, seen.value)
