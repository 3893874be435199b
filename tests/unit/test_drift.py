"""What a plan says about a service, as findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from platformctl.action import Inputs
from platformctl.engine import drift
from platformctl.engine.plan import make
from platformctl.errors import Taken, ToolFailed
from platformctl.model import Change, Difference, Drift, Observed, Owner
from tests.unit.world import Thing, World, request, step


class Knowing(Thing):
    """A thing that knows how it came to differ, or fails to find out."""

    failure: Exception | None = None
    hidden: str | Exception = ""

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        if self.failure:
            raise self.failure
        return Drift.EDITED

    def unseen(self, inputs: Inputs) -> str:
        if isinstance(self.hidden, Exception):
            raise self.hidden
        return self.hidden


def told(world: World, action: Thing, **inputs: Any) -> list[tuple[str, str, Drift, str]]:
    """Address, part, class and reason of every finding."""
    plan = make(request(world, step("a", **inputs)), tolerant=True)
    return [(one.address, one.part, one.drift, one.reason) for one in drift.findings(plan, lambda _: action)]


def standing(value: Mapping[str, Any] | None = None, owner: str = "svc") -> World:
    return World({"thing/x": (value or {"value": 1}, "r", Owner(owner, "run"))})


def test_an_action_says_how_a_part_came_to_differ_and_without_one_somebody_has_changed_it() -> None:
    world = standing()
    assert told(world, Knowing(world), name="x", value=1) == []
    assert told(world, Knowing(world), name="x", value=2) == [("thing/x", "value", Drift.EDITED, "")]
    assert told(world, Thing(world), name="x", value=2) == [("thing/x", "value", Drift.OUT_OF_BAND, "")]


def test_what_cannot_be_found_out_does_not_hide_that_it_differs() -> None:
    world, action = standing(), Knowing(World())
    action.failure = ToolFailed("no history")
    assert told(world, action, name="x", value=2) == [("thing/x", "value", Drift.OUT_OF_BAND, "")]


@pytest.mark.parametrize(
    ("hidden", "drift_", "reason"),
    [
        ("", Drift.MISSING, ""),
        ("it may not be seen", Drift.UNREADABLE, "it may not be seen"),
        (ToolFailed("nobody answers"), Drift.UNREADABLE, "nobody answers"),
    ],
)
def test_what_is_not_there_is_told_from_what_may_not_be_seen(
    hidden: str | Exception, drift_: Drift, reason: str
) -> None:
    action = Knowing(World())
    action.hidden = hidden
    assert told(World(), action, name="x", value=1) == [("thing/x", "", drift_, reason)]


def test_what_something_else_has_is_foreign() -> None:
    world = standing(owner="other")
    [(address, part, class_, reason)] = told(world, Thing(world), name="x", value=1)
    assert (address, part, class_) == ("thing/x", "", Drift.FOREIGN) and "other" in reason
    world = World(broken=Taken("somebody else wrote it"))
    assert told(world, Thing(world), name="x", value=1) == [("thing/x", "", Drift.FOREIGN, "somebody else wrote it")]
