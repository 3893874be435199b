"""What a step was given by what was asked for before: the base of a merge."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from platformctl.engine.prediction import predicted
from platformctl.engine.rendering import Rendered
from platformctl.engine.request import Request, inputs_of
from platformctl.model import Step
from platformctl.recipe import Recipe, outputs_of_class
from platformctl.references import resolve


def inputs_before(request: Request, step: Step, outputs: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The inputs of a step's like in the request before, None where it has none; `outputs` are of steps that both have.

    Renderers give what they gave then. Files are rendered when somebody looks at them.
    """
    previous = request.previous
    assert previous is not None
    like = _like(previous.recipe, step)
    if like is None or (like.when and not resolve(like.when, previous.roots(outputs))):
        return None
    given: dict[str, Mapping[str, Any]] = {}
    uses = {one.id: one.uses for one in request.recipe.steps}
    needed = previous.recipe.needed_by({like.id}) - {like.id}
    for earlier in previous.recipe.steps:
        if earlier.id in needed:
            same = uses.get(earlier.id) == earlier.uses
            given[earlier.id] = _outputs_before(previous, earlier, given, outputs.get(earlier.id) if same else None)
    return inputs_of(previous, like, previous.action(like.uses, like.folders), given)


def _like(recipe: Recipe, step: Step) -> Step | None:
    """The step of another version that does what this one does: by its id, else the only one with its action."""
    same = [one for one in recipe.steps if one.uses == step.uses]
    alone = same[0] if len(same) == 1 else None
    return next((one for one in same if one.id == step.id), alone)


def _outputs_before(
    previous: Request, step: Step, given: Mapping[str, Mapping[str, Any]], now: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    action = previous.action(step.uses, step.folders)
    renders = hasattr(action, "render")
    if step.when and not resolve(step.when, previous.roots(given)):
        return {"files": {}} if renders else dict.fromkeys(outputs_of_class(action))
    if renders:
        return {"files": Rendered(partial(action.render, inputs_of(previous, step, action, given)))}
    return now if now is not None else predicted(action, inputs_of(previous, step, action, given))
