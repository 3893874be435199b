"""Extension points: where a recipe expects that services deviate, with what is allowed there and why one would.

Overriding elsewhere is possible, for nothing is a cage, and is marked as such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from platformctl.document import first_problem
from platformctl.errors import BadConfig
from platformctl.model import Step
from platformctl.overrides import Override
from platformctl.recipe import Recipe

ActionClass = Callable[[str], Any]


def point_of(recipe: Recipe, override: Override) -> Mapping[str, Any] | None:
    """The extension point that an override uses; None for one outside of them. A file's may be a glob."""
    exact = recipe.extension_points.get(override.target)
    if exact is not None or not override.file:
        return exact
    globs = (name for name in recipe.extension_points if name.startswith("file:"))
    return next((recipe.extension_points[name] for name in globs if fnmatchcase(override.target, name)), None)


def check(recipe: Recipe, overrides: Sequence[Override], action_class: ActionClass) -> None:
    """Raise `BadConfig`, with the record's line, for an override of nothing, or with a value that is not allowed."""
    steps = {step.id: step for step in recipe.steps}
    for override in overrides:
        if override.step:
            _check_step(steps, override, action_class)
        elif override.input:
            _check_input(recipe, steps, override, action_class)


def _check_step(steps: Mapping[str, Step], override: Override, action_class: ActionClass) -> None:
    step = steps.get(override.step)
    if step is None:
        raise _refused(override, f"there is no step {override.step!r}", f"Steps: {', '.join(steps)}")
    if hasattr(action_class(step.uses), "render"):
        what = f"step {override.step!r} makes files; a team takes over what makes something of them"
        raise _refused(override, what, "Override the file instead: file:PATH")


def _check_input(recipe: Recipe, steps: Mapping[str, Step], override: Override, action_class: ActionClass) -> None:
    step = steps.get(override.of_step)
    if step is None:
        raise _refused(override, f"there is no step {override.of_step!r}", f"Steps: {', '.join(steps)}")
    known = action_class(step.uses).INPUTS["properties"]
    if not override.place or override.place[0] not in known:
        raise _refused(override, f"step {step.id!r} has no such input", f"It has {', '.join(sorted(known))}")
    point = point_of(recipe, override)
    if point is None:
        return
    if problem := first_problem(point.get("schema", {}), override.value):
        raise _refused(override, problem[1], point["description"])


def _refused(override: Override, what: str, hint: str) -> BadConfig:
    return BadConfig(f"override of {override.target}: {what}", where=override.where, hint=hint)
