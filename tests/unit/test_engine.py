"""Plans and what is done with them, on a world in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from platformctl.engine import apply as applying
from platformctl.engine import saved
from platformctl.engine.apply import ATTEMPTS, apply
from platformctl.engine.earlier import inputs_before
from platformctl.engine.plan import make, plan_step
from platformctl.engine.undo import undo
from platformctl.errors import BadConfig, BadInput, Interrupted, Moved, NotConverged, Taken, ToolFailed
from platformctl.events import Type
from platformctl.journal import Run
from platformctl.model import UNKNOWN, Change, Kind, Owner
from tests.unit.world import World, flaky, request, step, stream


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "FIRST_PAUSE", 0.001)


def test_planning_writes_nothing_and_says_what_is_missing() -> None:
    world = World()
    plan = make(request(world, step("a", name="x", value=1)))
    assert [(change.address, change.kind) for change in plan.changes] == [("thing/x", Kind.CREATE)]
    assert world.writes == 0


def test_an_empty_plan_means_that_all_is_right() -> None:
    world = World({"thing/x": ({"value": 1}, "r", None)})
    assert not make(request(world, step("a", name="x", value=1))).pending


def test_a_difference_is_an_update_with_its_lines() -> None:
    world = World({"thing/x": ({"value": 1}, "r7", None)})
    (change,) = make(request(world, step("a", name="x", value=2))).changes
    assert (change.kind, change.before, change.after, change.revision) == (
        Kind.UPDATE,
        {"value": 1},
        {"value": 2},
        "r7",
    )
    assert [(line.what, line.text) for line in change.differences] == [("value", "1 → 2")]


def test_references_carry_outputs_and_what_is_not_known_yet_defers() -> None:
    world = World()
    asked = request(
        world,
        step("a", name="x", value="${{ inputs.name }}-${{ platform.colour }}"),
        step("b", "a", name="y", value="${{ steps.a.outputs.id }}"),
    )
    plan = make(asked)
    assert plan.changes[0].after == {"value": "svc-red"}
    assert plan.steps[1].deferred
    assert plan.steps[1].outputs["id"] is UNKNOWN
    told, _ = stream()
    apply(plan, asked, told, "run")
    assert world.things["thing/y"][0] == {"value": "id-x"}


def test_steps_are_left_out_by_when() -> None:
    world = World()
    asked = request(world, step("a", when="${{ inputs.wanted }}", name="x", value=1), wanted=False)
    plan = make(asked)
    assert plan.steps[0].skipped and not plan.pending


@pytest.mark.parametrize(("now", "before"), [(True, False), (False, True), (False, False), (True, True)])
def test_a_renderer_that_is_left_out_gives_no_files_and_gave_none(now: bool, before: bool) -> None:
    words = step("a", uses="words", when="${{ inputs.wanted }}", text="x")
    takes = step("b", name="x", value="${{ steps.a.outputs.files }}")
    asked = request(World(), words, takes, wanted=now)
    planned = plan_step(asked, words, {})
    assert (planned.skipped, [*planned.outputs["files"]]) == (not now, ["words"] if now else [])
    changed = replace(asked, previous=replace(asked, answers={"name": "svc", "wanted": before}))
    earlier = inputs_before(changed, takes, {})
    assert earlier is not None and [*earlier["value"]] == (["words"] if before else [])


def test_an_address_of_somebody_else_is_taken() -> None:
    world = World({"thing/x": ({"value": 1}, "r", Owner("other", "run"))})
    with pytest.raises(Taken, match="it belongs to other"):
        make(request(world, step("a", name="x", value=1)))


def test_apply_is_idempotent() -> None:
    world = World()
    asked = request(world, step("a", name="x", value=1), step("b", "a", name="y", value=2))
    told, heard = stream()
    apply(make(asked), asked, told, "run")
    assert world.writes == 2
    assert [event.type for event in heard if event.change] == [
        Type.CHANGE_STARTED,
        Type.CHANGE_APPLIED,
        Type.CHANGE_STARTED,
        Type.CHANGE_APPLIED,
    ]
    again = make(asked)
    assert not again.pending
    apply(again, asked, told, "run")
    assert world.writes == 2


def test_the_intent_is_told_before_the_world_is_touched() -> None:
    world = World()
    asked = request(world, step("a", name="x", value=1))
    seen = []
    told, _ = stream()
    original = told.emit

    def emit(type_: Type, **fields: object) -> None:
        seen.append((type_, world.writes))
        original(type_, **fields)

    told.emit = emit  # type: ignore[method-assign]
    apply(make(asked), asked, told, "run")
    assert (Type.CHANGE_STARTED, 0) in seen and (Type.CHANGE_APPLIED, 1) in seen


def test_when_the_intent_cannot_be_written_the_world_is_not_touched() -> None:
    world = World()
    asked = request(world, step("a", name="x", value=1))
    told, _ = stream()

    def full(event: object) -> None:
        if getattr(event, "type", None) is Type.CHANGE_STARTED:
            raise OSError(28, "No space left on device")

    told._readers.insert(0, full)
    with pytest.raises(OSError, match="No space"):
        apply(make(asked), asked, told, "run")
    assert world.writes == 0


def test_a_world_that_moved_since_the_plan_is_not_overwritten() -> None:
    world = World()
    asked = request(world, step("a", name="x", value=1))
    plan = make(asked)
    world.put("thing/x", {"value": "theirs"}, "", None)
    told, _ = stream()
    with pytest.raises(Moved):
        apply(plan, asked, told, "run")
    assert world.things["thing/x"][0] == {"value": "theirs"}


def test_passing_failures_are_retried_within_bounds() -> None:
    world = World(fail=flaky(ATTEMPTS - 1))
    asked = request(world, step("a", name="x", value=1))
    told, heard = stream()
    apply(make(asked), asked, told, "run")
    assert sum(event.type is Type.STEP_RETRIED for event in heard) == ATTEMPTS - 1
    world = World(fail=flaky(ATTEMPTS))
    asked = request(world, step("a", name="x", value=1))
    with pytest.raises(ToolFailed):
        apply(make(asked), asked, told, "run")
    assert world.writes == 0


def test_other_failures_are_not_retried() -> None:
    world = World(fail=[ToolFailed("no")])
    asked = request(world, step("a", name="x", value=1))
    told, heard = stream()
    with pytest.raises(ToolFailed):
        apply(make(asked), asked, told, "run")
    assert not [event for event in heard if event.type is Type.STEP_RETRIED]


def test_convergence_is_proven() -> None:
    world = World(deaf=True)
    asked = request(world, step("a", name="x", value=1))
    told, heard = stream()
    with pytest.raises(NotConverged):
        apply(make(asked), asked, told, "run")
    assert not [event for event in heard if event.type is Type.CHANGE_APPLIED]


def test_what_cannot_be_read_stops_the_run_before_it_begins() -> None:
    world = World(blind=True)
    asked = request(world, step("a", name="x", value=1), step("b", name="y", value=1))
    plan = make(asked)
    assert len(plan.unreadable) == 2
    told, heard = stream()
    with pytest.raises(ToolFailed, match="it is dark"):
        apply(plan, asked, told, "run")
    assert heard == [] and world.writes == 0


def test_a_tool_that_fails_makes_its_address_unreadable_for_who_tolerates_it() -> None:
    world = World(broken=ToolFailed("it does not answer"))
    asked = request(world, step("a", name="x", value=1), step("b", "a", name="y", value="${{ steps.a.outputs.id }}"))
    with pytest.raises(ToolFailed, match="does not answer"):
        make(asked)
    plan = make(asked, tolerant=True)
    assert [(address, why) for _, address, why in plan.unreadable] == [("thing/x", "it does not answer")]
    assert plan.changes == () and plan.steps[1].deferred


def test_what_does_not_depend_on_an_unreadable_address_is_looked_at() -> None:
    world = World(things={"thing/y": ({"value": "x"}, "r", None)}, broken=BadConfig("damaged"), broken_at="x")
    asked = request(
        world,
        step("a", uses="named", name="x", value=1),
        step("b", "a", name="y", value="${{ steps.a.outputs.name }}"),
        step("c", name="w", value=1),
    )
    plan = make(asked, tolerant=True)
    assert [address for _, address, _ in plan.unreadable] == ["thing/x"]
    assert [change.address for change in plan.changes] == ["thing/w"]
    assert list(plan.steps[1].observed) == ["thing/y"]


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (BadConfig("this file is damaged", where="x.json"), "x.json: this file is damaged"),
        (IsADirectoryError(21, "Is a directory", "/a/b"), "/a/b: Is a directory"),
    ],
)
def test_what_is_damaged_is_unreadable_for_who_tolerates_it(failure: Exception, why: str) -> None:
    world = World(broken=failure)
    asked = request(world, step("a", name="x", value=1))
    with pytest.raises(type(failure)):
        make(asked)
    plan = make(asked, tolerant=True)
    assert [(address, reason) for _, address, reason in plan.unreadable] == [("thing/x", why)]


def test_what_is_found_to_be_taken_is_foreign_for_who_tolerates_it() -> None:
    world = World(broken=Taken("somebody else has it"))
    asked = request(world, step("a", name="x", value=1), step("b", "a", name="y", value="${{ steps.a.outputs.id }}"))
    with pytest.raises(Taken):
        make(asked)
    plan = make(asked, tolerant=True)
    assert {address: one.reason for address, one in plan.steps[0].foreign.items()} == {
        "thing/x": "somebody else has it"
    }
    assert plan.unreadable == () and plan.steps[1].deferred


def test_what_waits_for_consent_holds_up_only_what_depends_on_it() -> None:
    world = World(consent="https://forge.example/pull/1")
    asked = request(
        world, step("a", name="x", value=1), step("b", "a", name="y", value=1), step("c", uses="words", text="w")
    )
    told, heard = stream()
    done = apply(make(asked), asked, told, "run")
    assert {id_: step.status for id_, step in done.items()} == {"a": "proposed", "b": "waiting", "c": "rendered"}
    said = [event for event in heard if event.type is Type.CHANGE_PROPOSED]
    assert [event.change.address for event in said if event.change] == ["thing/x"]
    assert said[0].data == {"url": "https://forge.example/pull/1"} and done["a"].proposed == {
        "thing/x": "https://forge.example/pull/1"
    }
    assert world.writes == 0


def test_after_a_failure_nothing_that_waits_is_started() -> None:
    world = World(fail=[ToolFailed("no")])
    asked = request(world, step("a", name="x", value=1), step("b", "a", name="y", value=1))
    told, heard = stream()
    with pytest.raises(ToolFailed):
        apply(make(asked), asked, told, "run")
    assert {event.step for event in heard} == {"a"}


def test_a_stop_starts_nothing_more() -> None:
    world = World()
    asked = request(world, step("a", name="x", value=1), step("b", "a", name="y", value=1))
    plan = make(asked)
    told, _ = stream()

    def stop(event: object) -> None:
        if getattr(event, "type", None) is Type.CHANGE_APPLIED:
            asked.stop.set()

    told._readers.append(stop)
    with pytest.raises(Interrupted):
        apply(plan, asked, told, "run")
    assert set(world.things) == {"thing/x"}


def test_undo_reads_the_journal_backwards() -> None:
    world = World({"thing/y": ({"value": "before"}, "r0", None)})
    asked = request(world, step("a", name="x", value=1), step("b", "a", name="y", value=2))
    told, heard = stream()
    apply(make(asked), asked, told, "run")
    left = undo(Run("run", tuple(heard)), asked.action, told)
    assert left == []
    assert {address: thing[0] for address, thing in world.things.items()} == {"thing/y": {"value": "before"}}
    undone = [event.change.address for event in heard if event.type is Type.CHANGE_UNDONE and event.change]
    assert undone == ["thing/y", "thing/x"]


def test_undo_names_what_moved_and_leaves_it() -> None:
    world = World()
    asked = request(world, step("a", name="x", value=1), step("b", name="y", value=2))
    told, heard = stream()
    apply(make(asked), asked, told, "run")
    world.put("thing/x", {"value": "theirs"}, world.things["thing/x"][1], None)
    left = undo(Run("run", tuple(heard)), asked.action, told)
    assert [(change.address, why) for change, why in left] == [("thing/x", "it moved")]
    assert set(world.things) == {"thing/x"}


def test_a_change_survives_its_journal() -> None:
    world = World({"thing/x": ({"value": 1}, "r7", None)})
    (change,) = make(request(world, step("a", name="x", value=2))).changes
    assert Change.from_json(json.loads(json.dumps(change.to_json()))) == change


def test_a_saved_plan_is_refused_when_the_world_has_changed() -> None:
    world = World()
    asked = request(world, step("a", name="x", value=1), step("b", name="y", value=1))
    kept = saved.read(json.dumps(saved.to_json(make(asked), "0")), "f")
    saved.check(kept, make(asked), "f")
    world.put("thing/y", {"value": 3}, "", None)
    with pytest.raises(Moved, match="thing/y"):
        saved.check(kept, make(asked), "f")


def test_a_saved_plan_is_refused_when_it_would_do_something_else() -> None:
    world = World()
    kept = saved.to_json(make(request(world, step("a", name="x", value=1))), "0")
    with pytest.raises(Moved, match="thing/x"):
        saved.check(kept, make(request(world, step("a", name="x", value=2))), "f")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1}', '{"schema": 1, "service": 3}'])
def test_what_is_not_a_plan_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        saved.read(text, "f")


def test_a_renderer_gives_files_to_later_steps(tmp_path: Path) -> None:
    asked = request(World(), step("w", uses="words", text="${{ inputs.name }}"))
    plan = make(asked)
    assert plan.steps[0].outputs["files"]["words"].content == b"svc"
