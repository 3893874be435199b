"""What people read while a service is up: where everything is, its log, and the pages that came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from platformctl.commands.up import Paged
from platformctl.model import Json
from platformctl.reporters.lines import Line
from platformctl.stack.service import parsed
from platformctl.stack.staging import Standing

_STYLES: Final = {
    "debug": "quiet",
    "warning": "change",
    "warn": "change",
    "error": "bad",
    "critical": "bad",
    "fatal": "bad",
}
_FIRST: Final = ("timestamp", "level", "message")
_KNOWN: Final = ("service", "team", "environment", "version")
"""Fields that say the same on every line of one service."""


def place_lines(standing: Standing) -> Iterator[Line]:
    """Where everything is."""
    yield [("good", "✓ "), ("strong", standing.service), ("", " is up")]
    yield []
    width = max(map(len, standing.places), default=0)
    for name, place in standing.places.items():
        yield [("quiet", f"  {name:<{width}}  "), ("", place)]
    yield []


def log_lines(line: str) -> Iterator[Line]:
    """A line of the service's log: time, level and message, then the fields that differ from line to line.

    What is no JSON stays as it is; a text of several lines, such as a stack trace, follows below.
    """
    found = parsed(line)
    if isinstance(found, str):
        yield [("", found)]
        return
    level = str(found.get("level", ""))
    fields = {
        name: value for name, value in found.items() if name not in (*_FIRST, *_KNOWN) and value not in ("", None)
    }
    long = {name: str(value) for name, value in fields.items() if "\n" in str(value)}
    short = "".join(f"  {name}={_said(value)}" for name, value in fields.items() if name not in long)
    time = str(found.get("timestamp", "")).partition("T")[2] or str(found.get("timestamp", ""))
    style = _STYLES.get(level.lower(), "")
    yield [
        ("quiet", f"{time} "),
        (style or "good", f"{level:<7} "),
        (style, str(found.get("message", ""))),
        ("quiet", short),
    ]
    for name, text in long.items():
        yield [("quiet", f"  {name}")]
        yield from ([("quiet", f"    {part}")] for part in text.splitlines())


def page_line(page: Paged) -> Line:
    """A page that would have come, and to whom."""
    if page.refused:
        return [("bad", f"page refused: {page.refused}")]
    style = "good" if page.action == "resolve" else "bad" if page.severity in ("critical", "error") else "change"
    word = {"trigger": "page", "resolve": "resolved"}.get(page.action, page.action)
    severity = f" {page.severity}" if page.severity else ""
    return [(style, f"{word}{severity}: "), ("strong", page.summary), ("quiet", f"  key {page.key}")]


def _said(value: Json) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else repr(value)
