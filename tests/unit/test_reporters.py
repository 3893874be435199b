"""What people and machines are shown."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from platformctl.commands.run import Outcome
from platformctl.events import SCHEMA, Event, Type
from platformctl.model import Change, Difference, Kind, Plan, Plane, differences
from platformctl.reporters.lines import outcome_lines, plan_lines
from platformctl.reporters.ndjson import Ndjson
from platformctl.reporters.plain import Plain
from platformctl.reporters.visible import visible
from tests.unit.test_engine import make
from tests.unit.world import World, request, step

NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
CHANGE = Change("thing/x", Kind.UPDATE, "s", Plane.SECURITY, "thing", differences=(Difference("~", "a", "1 → 2"),))


def shown(plan: Plan) -> str:
    return "\n".join("".join(text for _, text in line) for line in plan_lines(plan))


def test_a_plan_is_shown_by_plane_with_its_differences() -> None:
    world = World({"thing/y": ({"value": 1}, "r", None)})
    text = shown(make(request(world, step("a", name="x", value=1), step("b", name="y", value=2))))
    assert "Plan for svc" in text and "developer" in text
    assert "  + thing/x" in text and "  ~ thing/y" in text and "      ~ value  1 → 2" in text
    assert text.endswith("1 to create, 1 to update.")


def test_an_empty_plan_says_so() -> None:
    assert shown(Plan("svc", "p", "1.0.0", {}, ())).endswith("Nothing to do: all is as it should be.")


def test_every_event_survives_its_json_form() -> None:
    event = Event(
        Type.CHANGE_APPLIED,
        NOW,
        run="r",
        service="s",
        plane=Plane.SECURITY,
        change=CHANGE,
        duration=1.25,
        data={"a": 1},
    )
    assert Event.from_json(json.loads(json.dumps(event.to_json()))) == event


def test_machines_get_the_schema_first_and_one_object_a_line() -> None:
    out = io.StringIO()
    report = Ndjson(out)
    report(Event(Type.NOTE, NOW, message="a\u2028b\nc"))
    first, second = out.getvalue().splitlines()
    assert json.loads(first)["type"] == "schema" and json.loads(first)["version"] == SCHEMA
    assert json.loads(second) == {"type": "note", "at": "2026-11-23T19:00:00.000Z", "message": "a\u2028b\nc"}


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            Event(Type.STEP_FINISHED, NOW, plane=Plane.RESOURCE, status="applied", message="m", duration=0.26),
            "resource: m: done (0.3 s)\n",
        ),
        (
            Event(Type.STEP_FINISHED, NOW, plane=Plane.RESOURCE, status="failed", message="m", duration=0.01),
            "resource: m: FAILED\n",
        ),
        (
            Event(Type.STEP_RETRIED, NOW, plane=Plane.RESOURCE, message="m", data={"wait": 0.3}),
            "resource: m: trying again in 0.3 s\n",
        ),
        (Event(Type.NOTE, NOW, message="a\x1b[2Jb"), "a\\x1b[2Jb\n"),
        (Event(Type.NOTE, NOW, status="planning", message="m"), ""),
        (Event(Type.CHANGE_STARTED, NOW, change=CHANGE), ""),
    ],
)
def test_a_pipe_gets_plain_lines(event: Event, line: str) -> None:
    out = io.StringIO()
    Plain(out)(event)
    assert out.getvalue() == line


def test_text_cannot_steer_a_terminal() -> None:
    assert visible("a\x1b]0;x\x07\x9b2J\u202eb\tc\nd é 😀") == "a\\x1b]0;x\\x07\\x9b2J\\u202eb\tc\nd é 😀"


@pytest.mark.parametrize(
    ("found", "wanted", "lines"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("~", "a", "1 → 2")]),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, [("-", "a.b", "1"), ("+", "a.c", "1")]),
        ({"a": []}, {"a": ["x", "y"]}, [("~", "a", "(empty) → x, y")]),
        (
            {"a": "x" * 80 + "one"},
            {"a": "x" * 80 + "two"},
            [("~", "a", "…xxxxxxxxxxone → …xxxxxxxxxxtwo")],
        ),
        ({"a": "x" * 100}, {"a": "x" * 101}, [("~", "a", "…xxxxxxxxxx → …xxxxxxxxxxx")]),
    ],
)
def test_differences_are_leaf_by_leaf(found: object, wanted: object, lines: list[tuple[str, str, str]]) -> None:
    assert [(line.sign, line.what, line.text) for line in differences(wanted, found)] == lines


def test_a_terminal_shows_steps_by_plane(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    from platformctl.reporters.rich import Rich

    report = Rich()
    for plane, name in ((Plane.SECURITY, "second"), (Plane.DEVELOPER, "first")):
        report(Event(Type.STEP_STARTED, NOW, step=name, plane=plane, message=name))
        report(Event(Type.STEP_FINISHED, NOW, step=name, plane=plane, message=name, status="applied", duration=0.5))
    report(Event(Type.RUN_FINISHED, NOW, status="done"))
    said = capsys.readouterr().err
    assert said.index("developer") < said.index("first") < said.rindex("security") < said.rindex("second")
    assert "✓" in said and "0.5 s" in said and "\x1b[3" not in said


def test_every_way_in_which_a_step_ends_has_a_word_and_a_mark(capsys: pytest.CaptureFixture[str]) -> None:
    from platformctl.reporters.rich import Rich

    report, out = Rich(), io.StringIO()
    for status in ("applied", "unchanged", "rendered", "skipped", "left alone", "proposed", "waiting", "failed"):
        event = Event(Type.STEP_FINISHED, NOW, step=status, plane=Plane.SECURITY, message=status, status=status)
        report(replace(event, type=Type.STEP_STARTED))
        report(event)
        Plain(out)(event)
    report(Event(Type.RUN_FINISHED, NOW, status="done"))
    assert len(out.getvalue().splitlines()) == 8 and "left alone" in capsys.readouterr().err


def test_what_is_proposed_is_no_success_and_says_what_to_do() -> None:
    url = "https://forge.example/pull/1"
    plan = Plan("svc", "p", "1.0.0", {}, ())
    done = Outcome(plan, "r", True, next=(f"merge {url}",), proposed={"files/svc": url}, waiting=("the catalog",))
    lines = ["".join(text for _, text in line) for line in outcome_lines(done)]
    assert lines[1:4] == [
        "… svc is proposed, in 0.0 s  run r",
        f"  proposed  {url}  files/svc",
        "  waits     the catalog",
    ]
    assert lines[-2:] == ["Next", f"  merge {url}"] and "✓" not in "".join(lines)
    out = io.StringIO()
    Plain(out)(Event(Type.CHANGE_PROPOSED, NOW, message=f"files/svc is proposed: {url}"))
    assert out.getvalue() == f"files/svc is proposed: {url}\n"
