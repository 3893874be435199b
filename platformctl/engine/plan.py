"""Planning: what is asked for against what is there. Writes nothing, ever."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from platformctl.action import Adopting, Irreversible, Notes, OwnDiff, Proposing, Resource
from platformctl.document import first_problem
from platformctl.engine import graph
from platformctl.engine.earlier import inputs_before
from platformctl.engine.prediction import predicted, unknown
from platformctl.engine.rendering import Rendered, without_files
from platformctl.engine.request import Request, inputs_of, takes_proposal
from platformctl.errors import BadConfig, BadRecipe, Failure, NoAccess, NotFound, Taken, ToolFailed
from platformctl.model import (
    Address,
    Change,
    Difference,
    Foreign,
    Json,
    Kind,
    Observed,
    Plan,
    Plane,
    Planned,
    Step,
    Unreadable,
    differences,
)
from platformctl.recipe import outputs_of_class
from platformctl.references import has_unknown, resolve

_UNREADABLE: Final = (ToolFailed, NoAccess, BadConfig, OSError)
"""What says that something could not be looked at: a program or server that fails, a file that is damaged."""


def make(
    request: Request, *, tolerant: bool = False, planes: Collection[Plane] = (), side_by_side: bool = True
) -> Plan:
    """Observe everything, `side_by_side` where steps do not wait for one another, and say what would change.

    With `planes`, only these are looked at, and for a proposal only what is proposed; of other steps what they would
    give is predicted. Raises `Taken` when an address belongs to something else, and whatever an action raises; when
    `tolerant`, an address that cannot be looked at is unreadable, one of something else is foreign, and the others are
    still looked at.
    """
    outputs: dict[str, Mapping[str, Any]] = {}

    looked_at = {step.id for step in request.recipe.steps if _looks(request, step, planes)}
    wanted = request.recipe.needed_by(looked_at)

    def work(step: Step) -> Planned:
        looks = step.id in looked_at
        planned = plan_step(request, step, outputs, tolerant=tolerant, looks=looks)
        if not looks and step.id in wanted and has_unknown(dict(planned.outputs)):
            # What it gives is needed and depends on what stands there. What differs there is not asked for.
            seen = plan_step(request, step, outputs, tolerant=tolerant)
            planned = replace(planned, outputs=seen.outputs)
        if not (tolerant or planes):
            _render_all(planned)
        outputs[step.id] = planned.outputs
        return planned

    in_turn = graph.run if side_by_side else graph.in_order
    done = in_turn(request.recipe.steps, work, request.stop)
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


def _render_all(planned: Planned) -> None:
    """Who is going to make something hears before anything is made what cannot be rendered, whoever needs it."""
    for given in planned.outputs.values():
        if isinstance(given, Rendered):
            given.make()


def _looks(request: Request, step: Step, planes: Collection[Plane]) -> bool:
    """Whether a step is planned, and not only predicted for those that are."""
    if request.proposal is not None:
        return takes_proposal(request.action(step.uses, step.folders))
    return not planes or step.plane in planes


def _with_what_is_proposed(request: Request, planned: Planned) -> Planned:
    """The step with a note of what waits for consent. It may be why other steps differ, so all of them are asked."""
    if not any(isinstance(seen, Observed) and seen.value is not None for seen in planned.observed.values()):
        return planned
    action = request.action(planned.step.uses, planned.step.folders)
    if not isinstance(action, Proposing):
        return planned
    try:
        notes = [f"{address} is proposed: {url}" for address, url in action.proposed(planned.inputs).items()]
    except _UNREADABLE as failure:
        why = failure.what if isinstance(failure, Failure) else _said(failure)
        notes = [f"cannot see what is proposed for {planned.step.title}: {why}"]
    return replace(planned, notes=(*planned.notes, *notes), waiting=tuple(notes))


def plan_step(
    request: Request,
    step: Step,
    outputs: Mapping[str, Mapping[str, Any]],
    *,
    tolerant: bool = False,
    looks: bool = True,
) -> Planned:
    """Plan one step with the outputs that earlier steps have, or are predicted to have.

    Unless it `looks`, its outputs are predicted and nothing is observed.
    """
    action = request.action(step.uses, step.folders)
    renders = hasattr(action, "render")
    if step.when and not resolve(step.when, request.roots(outputs)):
        left_out = {"files": {}} if renders else dict.fromkeys(outputs_of_class(action))
        return Planned(step, skipped=True, outputs=left_out)
    inputs = inputs_of(request, step, action, outputs)
    if has_unknown(inputs):
        return Planned(step, inputs, deferred=True, left_alone=not looks, outputs=unknown(action))
    if problem := first_problem(action.INPUTS, without_files(inputs)):
        raise BadRecipe(f"step {step.id!r}: {problem[1]}", where=step.where)
    if renders:
        return Planned(step, inputs, outputs={"files": Rendered(partial(action.render, inputs))})
    if not looks:
        return Planned(step, inputs, left_alone=True, outputs=predicted(action, inputs))
    if request.previous is not None and "previous" in action.INPUTS["properties"]:
        inputs["previous"] = inputs_before(request, step, outputs)
    try:
        seen = _observed(action, inputs, tolerant=tolerant)
        return _plan_resource(request, step, action, inputs, seen, tolerant=tolerant)
    except (BadRecipe, NotFound) as failure:
        if failure.where:
            raise
        raise BadRecipe(f"step {step.id!r}: {failure.what}", where=step.where) from None


def _observed(
    action: Resource, inputs: Mapping[str, Any], *, tolerant: bool
) -> Mapping[Address, Observed | Unreadable | Foreign]:
    try:
        return action.observe(inputs)
    except (*_UNREADABLE, Taken) as failure:
        if not tolerant:
            raise
        seen = Foreign(failure.what) if isinstance(failure, Taken) else Unreadable(_said(failure))
        return dict.fromkeys(action.desired(inputs), seen)


def _said(failure: Failure | OSError) -> str:
    if isinstance(failure, Failure):
        return str(failure)
    return f"{failure.filename}: {failure.strerror}" if failure.filename else str(failure)


def _plan_resource(
    request: Request,
    step: Step,
    action: Resource,
    inputs: Mapping[str, Any],
    seen_there: Mapping[Address, Observed | Unreadable | Foreign],
    *,
    tolerant: bool,
) -> Planned:
    desired = action.desired(inputs)
    foreign = {address: seen for address, seen in seen_there.items() if isinstance(seen, Foreign)}
    observed = {address: seen for address, seen in seen_there.items() if not isinstance(seen, Foreign)}
    readable = {address: seen for address, seen in observed.items() if isinstance(seen, Observed)}
    taken_over = any(one.step == step.id for one in request.in_force())
    changes = []
    for address in {**desired, **readable}:
        seen = readable.get(address)
        if seen is None:
            continue
        try:
            adopted = _check_owner(request, action, address, seen)
        except Taken as taken:
            if not (tolerant or taken_over):
                raise
            foreign[address] = Foreign(taken.what)
            continue
        if change := _change(step, action, inputs, address, desired.get(address), seen, adopted=adopted):
            changes.append(change)
    whole = len(readable) == len(seen_there)
    return Planned(
        step,
        inputs,
        observed,
        changes=() if taken_over else tuple(changes),
        foreign={} if taken_over else foreign,
        desired=desired,
        deviations=tuple(changes) if taken_over else (),
        outputs=action.outputs_of(inputs, readable) if whole else predicted(action, inputs),
        notes=tuple(action.notes(inputs, readable)) if whole and isinstance(action, Notes) else (),
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
