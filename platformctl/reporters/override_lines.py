"""Overrides and deviations as people read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

import yaml

from platformctl.answers import Answers
from platformctl.commands.deviations import Common
from platformctl.commands.override import Point
from platformctl.model import Json
from platformctl.overrides import Override
from platformctl.reporters.lines import Line

_NAMES: Final = 4
"""Services of one deviation that are named."""


def override_lines(record: Answers, found: Sequence[tuple[Override, bool]]) -> Iterator[Line]:
    """What a service overrides, with why and until when."""
    if not found:
        yield [("strong", record.service), ("", f" is as {record.path} {record.version} has it.")]
        return
    yield [("strong", record.service), ("quiet", f"  {record.path} {record.version}")]
    for override, holds in found:
        style = "change" if holds else "bad"
        yield [(style, "  ≠ "), ("", _with_value(override))]
        ends = f"until {override.until}" if override.until else "with no end"
        over = "" if holds else ": it has ended, and what it was about is drift again"
        yield [("quiet", f"      {override.why}")]
        yield [("quiet", f"      decided by {override.decided_by} on {override.since}, {ends}{over}")]


def point_lines(record: Answers, points: Sequence[Point]) -> Iterator[Line]:
    """Where a service can deviate, what is there now, and what is allowed."""
    yield [("strong", record.service), ("quiet", f"  {record.path} {record.version}")]
    if not points:
        yield [("", "  This golden path names no extension points. Anything can be overridden all the same.")]
    for point in points:
        yield [("", "  "), ("strong", point.target)]
        outside = "Outside of the extension points: nothing is known of it, and nobody has planned for it."
        yield [("", f"      {point.description or outside}")]
        if point.default is not None:
            yield [("quiet", f"      the default is {_shown(point.default)}")]
        if point.schema:
            yield [("quiet", f"      allowed is {json.dumps(dict(point.schema))}")]
        if point.override:
            yield [("change", f"      here it is overridden: {_with_value(point.override)}")]


def deviation_lines(found: Sequence[Common], looked_at: int) -> Iterator[Line]:
    """What a fleet overrides, and which defaults should change."""
    if not found:
        yield [("", f"None of {looked_at} services deviates.")]
        return
    for one in found:
        number, teams = len(one.services), len(one.teams)
        counts = f"{number} service{'s' * (number > 1)} of {teams} team{'s' * (teams > 1)}"
        yield [("strong", one.target), ("quiet", f"  {one.path}  {counts}")]
        names = ", ".join(list(one.services)[:_NAMES]) + (f" and {number - _NAMES} more" if number > _NAMES else "")
        yield [("quiet", f"  {names}")]
        if one.outside:
            yield [("quiet", "  no extension point of the golden path")]
        if one.asks_for_change:
            yield from _change_lines(one)
    yield []
    deviating = len({name for one in found for name in one.services})
    asking = sum(one.asks_for_change for one in found)
    asks = f" {asking} default{'s' * (asking > 1)} should change." if asking else ""
    yield [("strong", f"{deviating} of {looked_at} services deviate.{asks}")]


def _change_lines(one: Common) -> Iterator[Line]:
    """The default that would make these overrides unnecessary."""
    value, number = one.most_wanted
    if "." not in one.target or ":" in one.target:
        yield [("change", "  ask these teams why: the golden path should not need to be left here")]
        return
    yield [("change", f"  a default of {_shown(value)} would make {number} of them unnecessary:")]
    step, *place = one.target.split(".")
    inner: Json = value
    for name in reversed(place):
        inner = {name: inner}
    text = yaml.safe_dump({"steps": [{"id": step, "with": inner}]}, sort_keys=False)
    yield from ([("", f"    {line}")] for line in text.splitlines())


def _with_value(override: Override) -> str:
    return f"{override.target} = {_shown(override.value)}" if override.input else override.target


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
