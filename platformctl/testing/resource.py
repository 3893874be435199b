"""What every resource promises. Each check tries one promise in an empty folder, and raises `Broken`."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from platformctl.document import first_problem
from platformctl.engine import plan as planning
from platformctl.engine.plan import compare
from platformctl.errors import Failure
from platformctl.model import UNKNOWN, Change, Kind
from platformctl.testing.case import Broken, ResourceCase
from platformctl.testing.declared import check_inputs, check_schema
from platformctl.testing.killing import a_kill_between_any_two_writes_is_recovered
from platformctl.testing.process import Act, touches
from platformctl.testing.secrecy import a_secret_stays_secret
from platformctl.testing.stage import FIRST, SECOND, Stage, differing, owned, without_outcome


def inputs_and_outputs_are_described(case: ResourceCase, folder: Path) -> None:
    check_inputs(case)
    check_schema("OUTPUTS", getattr(case.action, "OUTPUTS", None))
    if not isinstance(getattr(case.action, "PORT", None), str):
        raise Broken("PORT does not name a port")


def desired_and_outputs_are_pure(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    action, inputs = stage.action(), copy.deepcopy(dict(case.inputs))
    seen = stage.observed(case.inputs)
    calls: dict[str, Callable[[], object]] = {
        "desired": lambda: action.desired(inputs),
        "outputs_of": lambda: action.outputs_of(inputs, seen),
    }
    for name, call in calls.items():
        if done := touches(call, *Act):
            raise Broken(f"{name} {done[0]}")
        if call() != call():
            raise Broken(f"{name} says something else when it is asked again")
        if inputs != case.inputs:
            raise Broken(f"{name} changes the inputs that it is given")


def planning_writes_nothing(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    _plan_only(stage, case.inputs)
    stage.apply(case.inputs)
    _plan_only(stage, case.inputs)
    if case.other is not None:
        _plan_only(stage, case.other)


def _plan_only(stage: Stage, inputs: Mapping[str, Any]) -> None:
    before, files = stage.look(), stage.files()
    written = touches(lambda: stage.plan(inputs), Act.WRITE)
    if stage.look() != before:
        raise Broken(f"after planning, {differing(before, stage.look())}")
    if stage.files() != files:
        raise Broken(f"after planning, {differing(files, stage.files())}")
    for deed in written:
        if not _is_scratch(Path(deed.partition(" ")[2]), stage):
            raise Broken(f"while planning, it {deed}")


def _is_scratch(path: Path, stage: Stage) -> bool:
    import tempfile

    return path.is_relative_to(stage.world) or path.is_relative_to(tempfile.gettempdir())


def apply_converges(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    for inputs, run in ((case.inputs, FIRST), (case.other, SECOND)):
        if inputs is None:
            continue
        changes = _applied(stage, inputs, run)
        seen, action = stage.observed(inputs), stage.action()
        for change in changes:
            there = seen.get(change.address)
            if change.kind is Kind.DELETE and there is not None and there.value is not None:
                raise Broken(f"{change.address} was deleted and is there")
            if change.kind is not Kind.DELETE and (there is None or there.value is None):
                raise Broken(f"{change.address} was applied and is not there")
            if there is not None and (lines := compare(action, inputs, change.address, change.after, there)):
                raise Broken(f"{change.address} was applied and still differs in {lines[0].what}: {lines[0].text}")


def _applied(stage: Stage, inputs: Mapping[str, Any], run: str) -> tuple[Change, ...]:
    changes = stage.apply(inputs, run)
    if not changes:
        raise Broken("no change was planned: the inputs of the case ask for nothing that is not there")
    return changes


def a_second_apply_writes_nothing(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    _applied(stage, case.inputs, FIRST)
    there, files = stage.look(), stage.files()
    if again := stage.apply(case.inputs, SECOND):
        what = again[0].differences[0].what if again[0].differences else "it is not there"
        raise Broken(f"{again[0].address} was applied a second time: {what}")
    if stage.look() != there or stage.files() != files:
        raise Broken(f"{differing(files, stage.files())} after the second apply")


def outputs_are_as_declared(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    _check_outputs(case, stage.plan(case.inputs).outputs, "before creation")
    stage.apply(case.inputs)
    outputs = stage.plan(case.inputs).outputs
    _check_outputs(case, outputs, "after creation")
    for name, value in outputs.items():
        if value is UNKNOWN:
            raise Broken(f"{name} is still unknown after creation")
    if problem := first_problem(case.action.OUTPUTS, dict(outputs)):
        raise Broken(f"OUTPUTS does not allow what it gives: {problem[1]}")


def _check_outputs(case: ResourceCase, outputs: Mapping[str, Any], when: str) -> None:
    declared = case.action.OUTPUTS["properties"].keys()
    for name in declared - outputs.keys():
        raise Broken(f"OUTPUTS declares {name}, which is not given {when}")
    for name in outputs.keys() - declared:
        raise Broken(f"{name} is given {when}, and OUTPUTS does not declare it")


def a_change_survives_serialisation(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    changes = list(stage.plan(case.inputs).changes)
    stage.apply(case.inputs)
    if case.other is not None:
        changes += stage.plan(case.other).changes
    for change in changes:
        try:
            back = Change.from_json(json.loads(json.dumps(owned(change, FIRST).to_json())))
        except (TypeError, ValueError) as problem:
            raise Broken(f"the change of {change.address} is not JSON: {problem}") from None
        for part in ("before", "after"):
            if getattr(back, part) != getattr(change, part):
                raise Broken(f"`{part}` of {change.address} comes back from JSON as something else")
        if back != owned(change, FIRST):
            raise Broken(f"the change of {change.address} comes back from JSON as another")


def a_stale_change_is_refused(case: ResourceCase, folder: Path) -> None:
    assert case.other is not None
    stage = Stage(case, folder)
    request = stage.request(case.inputs)
    planned = planning.make(request).steps[0]
    stage.apply(case.other)
    before = stage.look()
    action = request.action("", ())
    for change in planned.changes:
        try:
            action.apply(planned.inputs, owned(change, SECOND))
        except Failure:
            continue
        raise Broken(f"{change.address} was written from a plan made before somebody else wrote there")
    if stage.look() != before:
        raise Broken(f"a refused change was made all the same: {differing(before, stage.look())}")


def undo_of_a_creation_leaves_nothing(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    before = stage.look()
    _applied(stage, case.inputs, FIRST)
    if stage.look() == before:
        raise Broken("the world looks the same after a creation as before: the case does not look at it")
    for time in ("undo", "a second undo"):
        stage.undo(stage.run(FIRST))
        if stage.look() != before:
            raise Broken(f"after {time}, {differing(before, stage.look())}")


def undo_of_a_creation_without_its_outcome_leaves_nothing(case: ResourceCase, folder: Path) -> None:
    stage = Stage(case, folder)
    before = stage.look()
    _applied(stage, case.inputs, FIRST)
    stage.undo(without_outcome(stage.run(FIRST)))
    if stage.look() != before:
        raise Broken(f"after undo, {differing(before, stage.look())}")


def undo_of_an_update_restores(case: ResourceCase, folder: Path) -> None:
    assert case.other is not None
    stage = Stage(case, folder)
    _applied(stage, case.inputs, FIRST)
    before = stage.look()
    _applied(stage, case.other, SECOND)
    stage.undo(stage.run(SECOND))
    if stage.look() != before:
        raise Broken(f"after undo, {differing(before, stage.look())}")


def undo_of_all_runs_leaves_nothing(case: ResourceCase, folder: Path) -> None:
    assert case.other is not None
    stage = Stage(case, folder)
    before = stage.look()
    _applied(stage, case.inputs, FIRST)
    _applied(stage, case.other, SECOND)
    for run in (SECOND, FIRST):
        stage.undo(stage.run(run))
    if stage.look() != before:
        raise Broken(f"after undo of both, {differing(before, stage.look())}")


def undo_leaves_what_was_changed_since(case: ResourceCase, folder: Path) -> None:
    assert case.other is not None
    stage = Stage(case, folder)
    _applied(stage, case.inputs, FIRST)
    since = {change.address for change in _applied(stage, case.other, SECOND)}
    before = stage.observed(case.other)
    left = {change.address for change, _ in stage.undo_what_stands(stage.run(FIRST))}
    now = stage.observed(case.other)
    for address in since & {change.address for change in stage.run(FIRST).changes}:
        if address not in now or now[address].value != before[address].value:
            raise Broken(f"{address} was taken back, although another run has changed it since")
        if address not in left:
            raise Broken(f"{address} was not taken back, and undo does not say so")


RESOURCE_CHECKS: Final[tuple[Callable[[ResourceCase, Path], None], ...]] = (
    inputs_and_outputs_are_described,
    desired_and_outputs_are_pure,
    planning_writes_nothing,
    apply_converges,
    a_second_apply_writes_nothing,
    outputs_are_as_declared,
    a_change_survives_serialisation,
    a_stale_change_is_refused,
    undo_of_a_creation_leaves_nothing,
    undo_of_a_creation_without_its_outcome_leaves_nothing,
    undo_of_an_update_restores,
    undo_of_all_runs_leaves_nothing,
    undo_leaves_what_was_changed_since,
    a_kill_between_any_two_writes_is_recovered,
    a_secret_stays_secret,
)
UPDATE_CHECKS: Final = (
    a_stale_change_is_refused,
    undo_of_an_update_restores,
    undo_of_all_runs_leaves_nothing,
    undo_leaves_what_was_changed_since,
)
"""Checks that need a case with `other` inputs."""
