"""What people read of a log, of pages, and of where everything is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from platformctl.commands.up import Paged
from platformctl.reporters.lines import Line
from platformctl.reporters.up_lines import log_lines, page_line, place_lines
from platformctl.stack.staging import Standing

BASE = {
    "timestamp": "2026-01-02T03:04:05.678Z",
    "level": "INFO",
    "logger": "app.access",
    "message": "GET /",
    "service": "svc",
    "team": "payments",
    "environment": "staging",
    "version": "1",
    "trace_id": "",
}


def text(lines: Iterable[Line]) -> str:
    return "\n".join("".join(part for _, part in line) for line in lines)


def styles(lines: Iterable[Line]) -> set[str]:
    return {style for line in lines for style, _ in line}


LINES: dict[str, tuple[str | dict[str, Any], str]] = {
    "time, level, message and what differs": (
        {**BASE, "status": 200, "duration": 0.25, "ok": True, "list": ["a"]},
        "03:04:05.678Z INFO    GET /  logger=app.access  status=200  duration=0.25  ok=True  list=['a']",
    ),
    "a stack trace below": (
        {**BASE, "level": "ERROR", "logger": "", "exception": "Traceback:\n  line 1"},
        "03:04:05.678Z ERROR   GET /\n  exception\n    Traceback:\n      line 1",
    ),
    "no JSON": ("make: done", "make: done"),
    "an object of somebody else's": ({"a": 1}, "        a=1"),
    "another time": ({"timestamp": "noon", "level": "WARN", "message": "m"}, "noon WARN    m"),
}


@pytest.mark.parametrize("case", LINES)
def test_a_line_of_the_log(case: str) -> None:
    line, shown = LINES[case]
    found = text(log_lines(line if isinstance(line, str) else json.dumps(line)))
    assert found.strip(" ") == shown.strip(" ")


@pytest.mark.parametrize(
    ("level", "style"),
    [
        ("INFO", "good"),
        ("debug", "quiet"),
        ("WARNING", "change"),
        ("WARN", "change"),
        ("error", "bad"),
        ("FATAL", "bad"),
    ],
)
def test_a_level_has_its_colour(level: str, style: str) -> None:
    (line,) = log_lines(json.dumps({"level": level, "message": "m"}))
    assert next(kind for kind, part in line if part.strip() == level) == style


PAGES = {
    "page critical: it burns  key secret:payments": ("trigger", "critical", "it burns", "", "bad"),
    "page warning: it smokes  key secret:payments": ("trigger", "warning", "it smokes", "", "change"),
    "resolved critical: it burns  key secret:payments": ("resolve", "critical", "it burns", "", "good"),
    "page refused: payload.severity '' is none of them": (
        "trigger",
        "",
        "it burns",
        "payload.severity '' is none of them",
        "bad",
    ),
}


@pytest.mark.parametrize("shown", PAGES)
def test_a_page(shown: str) -> None:
    action, severity, summary, refused, style = PAGES[shown]
    line = page_line(Paged(action, severity, summary, "secret:payments", refused))
    assert text([line]) == shown
    assert style in styles([line])


def test_places_stand_below_one_another() -> None:
    lines = text(place_lines(Standing("svc", 1, True, {"service": "http://a", "Prometheus": "http://b"})))
    assert lines == "✓ svc is up\n\n  service     http://a\n  Prometheus  http://b\n"
