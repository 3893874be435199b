"""Plans of some planes alone: nothing else is looked at or touched, but for what these need; renders wait."""

from __future__ import annotations

from dataclasses import replace

from platformctl.engine.apply import apply
from platformctl.engine.drift import findings
from platformctl.engine.plan import make
from platformctl.engine.rendering import Rendered
from platformctl.engine.request import Request
from platformctl.model import Drift, File, Owner, Plane, Planned, Severity
from platformctl.overrides import Override
from tests.unit.world import World, request, step, stream

SECURITY = (Plane.SECURITY,)


def asked(world: World) -> Request:
    """Two things on the developer plane, and one on the security plane that needs the first one's id."""
    return request(
        world,
        step("a", name="x", value=1),
        step("b", name="y", value=2),
        replace(step("c", "a", name="z", value="${{ steps.a.outputs.id }}"), plane=Plane.SECURITY),
    )


def there(**values: object) -> World:
    return World({f"thing/{name}": ({"value": value}, f"r-{name}", None) for name, value in values.items()})


def test_only_what_was_asked_for_is_looked_at() -> None:
    plan = make(asked(there(x=9, y=9, z="id-x")), planes=SECURITY)
    assert [(one.step.id, list(one.observed)) for one in plan.steps] == [("a", []), ("b", []), ("c", ["thing/z"])]
    assert not plan.pending


def test_what_is_needed_is_known_although_it_is_not_looked_at() -> None:
    world = there(x=9, z="something else")
    (change,) = make(asked(world), planes=SECURITY).changes
    assert change.after == {"value": "id-x"}


def test_applying_some_planes_leaves_the_others_alone() -> None:
    world = there(x=9, z="something else")
    mine = asked(world)
    emitted, _ = stream()
    done = apply(make(mine, planes=SECURITY), mine, emitted, "r")
    assert {name: value["value"] for name, (value, *_) in world.things.items()} == {"thing/x": 9, "thing/z": "id-x"}
    assert [done[id_].status for id_ in "abc"] == ["left alone", "left alone", "applied"]


def test_what_could_not_be_known_is_waited_for() -> None:
    plan = make(asked(there(z="id-x")), planes=SECURITY, tolerant=True)
    assert [one.step.id for one in plan.steps if one.deferred and not one.left_alone] == ["c"]


def test_a_render_waits_until_somebody_looks() -> None:
    made: list[int] = []

    def render() -> dict[str, File]:
        made.append(1)
        return {"a": File(b"1")}

    tree = Rendered(render)
    assert made == []
    assert (dict(tree), len(tree), list(tree)) == ({"a": File(b"1")}, 1, ["a"])
    assert made == [1]
    assert tree == {"a": File(b"1")}


def test_what_is_taken_by_something_else_is_a_finding_of_its_own() -> None:
    world = World({"thing/x": ({"value": 1}, "r", Owner("other", "run"))})
    plan = make(request(world, step("a", name="x", value=1), step("b", name="y", value=2)), tolerant=True)
    found = findings(plan, lambda planned: None)
    assert [(one.address, one.drift, one.severity) for one in found] == [
        ("thing/x", Drift.FOREIGN, Severity.ERROR),
        ("thing/y", Drift.MISSING, Severity.ERROR),
    ]


def test_a_step_that_was_taken_over_is_left_alone_whatever_stands_there() -> None:
    from datetime import date

    world = World({"thing/x": ({"value": 9}, "r", Owner("other", "run"))})
    mine = request(world, step("a", name="x", value=1))
    mine = replace(mine, overrides=(Override("why", "who", date(2026, 1, 1), step="a"),))
    plan = make(mine)
    assert (plan.pending, plan.steps[0].foreign) == (False, {})
    assert apply(plan, mine, stream()[0], "r")["a"].status == "unchanged"
    assert world.writes == 0


def test_an_input_that_is_overridden_is_asked_for_like_any_other() -> None:
    from datetime import date

    world = there(x=1)
    about = {"why": "why", "decided_by": "who", "since": date(2026, 1, 1)}
    mine = request(world, step("a", name="x", value=1))
    holds = replace(mine, overrides=(Override(**about, input="a.value", value=5),))
    (change,) = make(holds).changes
    assert change.after == {"value": 5}
    ended = replace(mine, overrides=(Override(**about, input="a.value", value=5, until=date(2026, 1, 2)),))
    assert not make(ended).pending
    assert [one.target for one in ended.expired()] == ["a.value"]


def test_how_something_came_to_differ_is_the_actions_to_say() -> None:
    class Knows:
        def drift(self, *_: object) -> Drift:
            return Drift.BEHIND

    def action(planned: Planned) -> object:
        return Knows() if planned.step.id == "a" else object()

    plan = make(request(there(x=9, y=9), step("a", name="x", value=1), step("b", name="y", value=2)))
    assert [(one.part, one.drift, one.expected, one.found) for one in findings(plan, action)] == [
        ("value", Drift.BEHIND, "1", "9"),
        ("value", Drift.OUT_OF_BAND, "2", "9"),
    ]
