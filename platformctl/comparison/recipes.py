"""The steps, outputs, extension points and proofs of two recipes compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from platformctl.comparison.rules import Changed, Rule
from platformctl.comparison.schemas import compared
from platformctl.model import Difference, Json, Step, differences
from platformctl.recipe import Recipe

_SHOWN: Final = 3
"""How many differences of one step are shown."""


def steps(before: Recipe, after: Recipe, renderers: Collection[str], keepers: Collection[str]) -> Iterator[Changed]:
    """What has changed in the steps. `renderers` and `keepers` are the ids of those that render and that keep files."""
    old, new = ({step.id: step for step in recipe.steps} for recipe in (before, after))
    for id_, step in old.items():
        if id_ not in new:
            yield Changed(Rule.STEP_REMOVED, f"step:{id_}", f"{step.uses}, on the plane {step.plane.value}")
        else:
            yield from _step(step, new[id_], renders=id_ in renderers, keeps=id_ in keepers)
    for id_, step in new.items():
        if id_ not in old:
            yield Changed(Rule.STEP_ADDED, f"step:{id_}", f"{step.uses}, on the plane {step.plane.value}")


def _step(before: Step, after: Step, *, renders: bool, keeps: bool) -> Iterator[Changed]:
    target = f"step:{before.id}"
    if before.uses != after.uses:
        same = before.uses.partition("@")[0] == after.uses.partition("@")[0]
        rule = Rule.STEP_RENEWED if same else Rule.STEP_REPLACED
        yield Changed(rule, target, f"{before.uses} → {after.uses}")
    if before.plane is not after.plane:
        yield Changed(Rule.STEP_MOVED, target, f"{before.plane.value} → {after.plane.value}")
    if keeps:  # which files it keeps, and how, is compared file by file
        return
    if lines := differences(after.arguments, before.arguments):
        yield Changed(Rule.STEP_RENDERS_FROM if renders else Rule.STEP_ASKS_OTHERWISE, target, _in_short(lines))


def _in_short(lines: list[Difference]) -> str:
    """The first differences; a sign is what becomes of something, where `+` and `-` are seen from the later version."""
    shown = [f"{line.what}: {_becomes(line)}" for line in lines[:_SHOWN]]
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "; ".join([*shown, *more])


def _becomes(line: Difference) -> str:
    return {"+": f"new, {line.text}", "-": "gone"}.get(line.sign, line.text)


def taken(
    before: Mapping[str, Collection[str]], after: Mapping[str, Collection[str]], known: Collection[str]
) -> Iterator[Changed]:
    """Steps that both versions have, of which one leaves them out. Both are the steps left out, by case of the grid."""
    for id_ in known:
        lost = [case for case in before if id_ not in before[case] and id_ in after[case]]
        won = [case for case in before if id_ in before[case] and id_ not in after[case]]
        if lost:
            yield Changed(Rule.STEP_LEFT_OUT, f"step:{id_}", f"in {', '.join(lost)}")
        if won:
            yield Changed(Rule.STEP_TAKEN, f"step:{id_}", f"in {', '.join(won)}")


def outputs(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Changed]:
    """What has changed in the outputs."""
    for label in {**before, **after}:
        target = f"output:{label}"
        if label not in after:
            yield Changed(Rule.OUTPUT_REMOVED, target, before[label])
        elif label not in before:
            yield Changed(Rule.OUTPUT_ADDED, target, after[label])
        elif before[label] != after[label]:
            yield Changed(Rule.OUTPUT_CHANGED, target, f"{before[label]} → {after[label]}")


Points = Mapping[str, Mapping[str, Json]]


def extension_points(before: Points, after: Points) -> Iterator[Changed]:
    """What has changed in the extension points."""
    for name in {**before, **after}:
        target = f"extension_point:{name}"
        if name not in after:
            yield Changed(Rule.EXTENSION_POINT_REMOVED, target)
        elif name not in before:
            yield Changed(Rule.EXTENSION_POINT_ADDED, target, after[name]["description"])
        else:
            for less, how in compared(before[name].get("schema", {}), after[name].get("schema", {})):
                yield Changed(Rule.EXTENSION_POINT_NARROWED if less else Rule.EXTENSION_POINT_WIDENED, target, how)
            if before[name]["description"] != after[name]["description"]:
                yield Changed(Rule.EXTENSION_POINT_DESCRIBED, target)


def proof(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Changed]:
    """What has changed in how services are proven."""
    if before and not after:
        yield Changed(Rule.PROOF_REMOVED, "proof")
    elif after and not before:
        yield Changed(Rule.PROOF_ADDED, "proof")
    elif lines := differences(after, before):
        yield Changed(Rule.PROOF_CHANGED, "proof", _in_short(lines))
