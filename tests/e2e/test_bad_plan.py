"""Saved plans that are damaged or cannot be written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.sandbox import NEW, Pristine, Says, World, row


def test_a_plan_that_cannot_be_written(used: World) -> None:
    used.refused("plan", *NEW[1:], "-o", "no/such.plan", code=1, says=["no/", "No such file"])


def without(*keys: str) -> Callable[[dict[str, Any]], object]:
    return lambda plan: {key: value for key, value in plan.items() if key not in keys}


def having(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda plan: {**plan, **values}


@pytest.fixture(scope="module")
def plan_file(with_service: Pristine) -> dict[str, Any]:
    """A plan that was saved, read back."""
    used = with_service.restored()
    assert used.run("plan", *NEW[1:], "-o", "x.plan").code == 0
    data: dict[str, Any] = json.loads((used.work / "x.plan").read_text(encoding="utf-8"))
    (used.work / "x.plan").unlink()
    return data


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        row("empty", lambda _: b"", 2, ["not a plan", "platformctl plan"]),
        row("garbage", lambda _: b"garbage", 2, ["not a plan"]),
        row("not text", lambda _: b"\xff\xfe\0", 2, ["not a plan"]),
        row("half", lambda plan: json.dumps(plan)[:200].encode(), 2, ["not a plan"]),
        row("a list", lambda _: [], 2, ["not a plan"]),
        row("a number", lambda _: 3, 2, ["not a plan"]),
        row("null", lambda _: None, 2, ["not a plan"]),
        row("deep", lambda _: b"[" * 100_000, 2, ["not a plan"]),
        row("format", having(schema=2), 2, ["format 2"]),
        row("no service", without("service"), 2, ["damaged", "'service'"]),
        row("no answers", without("answers"), 2, ["damaged", "'answers'"]),
        row("service", having(service=3), 2, ["damaged", "'service'"]),
        row("changes", having(changes={}), 2, ["damaged", "'changes'"]),
        row("changes text", having(changes=["x"]), 2, ["damaged"]),
        row("changes empty", having(changes=[{}]), 2, ["damaged"]),
        row("path", having(path="gone"), 2, ["'gone'"]),
        row("path outside", having(path="../service"), 2, ["'../service'"]),
        row("version", having(version="7.0.0"), 2, ["'7.0.0'"]),
        row("answer", having(answers={"name": "new-api", "team": "payments", "tier": "gold"}), 2, ["'gold'"]),
        row("answers empty", having(answers={}), 2, ["'new-api'", "None"]),
        row("observed", having(observed={}), 1, ["Nothing was written", "Make a new plan"]),
        row("changes none", having(changes=[]), 1, ["Nothing was written", "Make a new plan"]),
        row(
            "service outside",
            having(service="../x"),
            2,
            ["'../x'"],
        ),
        row(
            "service of another",
            having(service="base-api"),
            2,
            ["base-api", "new-api"],
        ),
    ],
)
def test_a_damaged_plan(
    used: World, plan_file: dict[str, Any], change: Callable[[dict[str, Any]], object], code: int, says: Says
) -> None:
    made = change(plan_file)
    (used.work / "x.plan").write_bytes(made if isinstance(made, bytes) else json.dumps(made).encode())
    used.refused("apply", "x.plan", "--no-input", code=code, says=says)


def test_a_plan_that_was_not_damaged(used: World, plan_file: dict[str, Any]) -> None:
    """What the table above breaks one piece of."""
    (used.work / "x.plan").write_text(json.dumps(plan_file), encoding="utf-8")
    assert used.run("apply", "x.plan", "--no-input").code == 0
