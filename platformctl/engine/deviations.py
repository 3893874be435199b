"""What a service does otherwise on purpose: each override beside the default that it stands in for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from platformctl.engine.request import Request
from platformctl.extension_points import point_of
from platformctl.model import Json, Observed, Plan, Planned
from platformctl.overrides import Override, covers, value_at
from platformctl.references import has_unknown, resolve


@dataclass(frozen=True)
class Deviation:
    """One override that holds."""

    override: Override
    default: Json
    """What an input would be, as far as that is known; None for files and steps."""
    differs: bool
    """Whether it changes anything; one that does not can be dropped."""
    outside: bool
    """Whether the recipe did not expect it there."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        about = {"default": self.default, "differs": self.differs, "extension_point": not self.outside}
        return {"target": self.override.target, **self.override.to_record(), **about}


def deviations(request: Request, plan: Plan) -> list[Deviation]:
    """Every override that holds today, in the order of the record."""
    planned = {step.step.id: step for step in plan.steps}
    return [_deviation(request, planned, override) for override in request.in_force()]


def _deviation(request: Request, planned: Mapping[str, Planned], override: Override) -> Deviation:
    outside = point_of(request.recipe, override) is None
    if override.input:
        outputs = {id_: step.outputs for id_, step in planned.items()}
        step = planned[override.of_step].step
        default = resolve(step.arguments, request.roots(outputs))
        there = value_at(default, override.place)
        known = None if has_unknown(there) else there
        return Deviation(override, known, known != override.value, outside)
    if override.step:
        return Deviation(override, None, bool(planned[override.step].deviations), outside)
    return Deviation(override, None, any(_differs(step, override.file) for step in planned.values()), outside)


def _differs(planned: Planned, file: str) -> bool:
    """Whether a file of a step's, or one of several, is otherwise than it would be."""
    if file not in planned.inputs.get("overridden", ()):
        return False
    for address, seen in planned.observed.items():
        if isinstance(seen, Observed) and isinstance(seen.value, Mapping):
            wanted = planned.desired.get(address, {})
            paths = filter(partial(covers, file), {**wanted, **seen.value})
            return any(wanted.get(path) != seen.value.get(path) for path in paths)
    return False
