"""What doctor found out, as people read it: one service by plane, a fleet as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from platformctl.commands.diagnosis import Diagnosis, is_due
from platformctl.commands.doctor import Fleet
from platformctl.engine.deviations import Deviation
from platformctl.engine.drift import Finding
from platformctl.model import Drift, Plane, Severity
from platformctl.reporters.findings import came_about, counted, in_short, newer, on_purpose
from platformctl.reporters.lines import Line

_STYLES: Final = {Severity.ERROR: "bad", Severity.WARNING: "change", Severity.NOTE: "quiet"}
_SIGNS: Final = {"+": "good", "-": "bad"}
_MOST: Final = 12
"""Findings of one address that are shown; --json has all of them."""


def diagnosis_lines(diagnosis: Diagnosis) -> Iterator[Line]:
    """One service, plane by plane, then what it does otherwise on purpose, and what to do."""
    yield [("strong", diagnosis.service), ("quiet", f"  {diagnosis.path} {diagnosis.version}".rstrip())]
    checked = dict(diagnosis.checked)
    for plane in Plane:
        found = [one for one in diagnosis.findings if one.plane is plane and not is_due(one)]
        if not checked.get(plane) and not found:
            continue
        if not found:
            yield [("good", "  ✓ "), ("", f"{plane.value:<10}"), ("quiet", f"  {checked[plane]} checked")]
            continue
        word = "unreadable" if all(one.drift is Drift.UNREADABLE for one in found) else "drift"
        yield [("bad", "  ✗ "), ("strong", f"{plane.value:<10}"), ("bad", f"  {word}")]
        for address, of_address in groupby(found, key=lambda one: one.address):
            yield from _address_lines(address, list(of_address))
    for due in diagnosis.due:
        yield _due_line(due)
    for deviation in diagnosis.deviations:
        yield _deviation_line(deviation)
    for note in diagnosis.notes:
        yield [("change", f"  note: {note}")]
    yield []
    yield _verdict_line(diagnosis)


def _address_lines(address: str, found: Sequence[Finding]) -> Iterator[Line]:
    first = found[0]
    whole = first.line is None
    style = _STYLES[max((one.severity for one in found), key=list(_STYLES)[::-1].index)]
    sign = "!" if first.drift is Drift.UNREADABLE else "+" if first.drift is Drift.MISSING and whole else "~"
    yield [(style, f"    {sign} "), ("", address), ("quiet", _after(first) if whole else "")]
    if whole:
        return
    told: set[str] = set()
    for one in found[:_MOST]:
        line = one.line
        assert line is not None
        text = f": {line.text}" if line.text else ""
        yield [(_STYLES[one.severity], f"        {line.sign} "), ("", f"{line.what}{text}"), ("quiet", _after(one))]
        if one.diff and one.diff not in told:
            told.add(one.diff)
            yield from diff_lines([one.diff])
    if len(found) > _MOST:
        yield [("quiet", f"        … and {len(found) - _MOST} more: see --json")]


def diff_lines(diffs: Iterable[str]) -> Iterator[Line]:
    """Diffs of texts, below what they are about."""
    for text in diffs:
        for line in text.splitlines():
            style = "quiet" if line.startswith(("+++", "---", "@@")) else _SIGNS.get(line[:1], "")
            yield [(style, f"          {line}")]


def _after(found: Finding) -> str:
    """The class of a finding, with who and when where that is known."""
    return f"  {came_about(found, _ago)}"


def _ago(at: datetime) -> str:
    """How long ago something was, as people say it."""
    seconds = (datetime.now(UTC) - at).total_seconds()
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if (number := int(seconds // size)) > 0:
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def _due_line(due: Finding) -> Line:
    return [(_STYLES[due.severity], "  ↑ "), ("", newer(due))]


def _deviation_line(deviation: Deviation) -> Line:
    drop = "" if deviation.differs else ": drop it"
    return [("change", "  ≠ "), ("", f"{on_purpose(deviation)}{drop}")]


def _verdict_line(diagnosis: Diagnosis) -> Line:
    if diagnosis.drift:
        number = len({(one.address, one.part) for one in diagnosis.drift})
        fixable = any(one.change for one in diagnosis.drift)
        fix = f" Put it right with: platformctl doctor {diagnosis.service} --fix" if fixable else ""
        return [("", f"{number} drifted.{fix}")]
    if diagnosis.unreadable:
        return [("", f"{len(diagnosis.unreadable)} could not be read; the rest is as it should be.")]
    return [("", f"All is as it should be ({diagnosis.seconds:.1f} s).")]


def fleet_lines(fleet: Fleet) -> Iterator[Line]:
    """A row for each service that is not as it should be, then how many are."""
    shown = [one for one in fleet.diagnoses if one.drift or one.unreadable]
    if shown:
        width = max(len(one.service) for one in shown)
        team = max(len(one.team) for one in shown)
        yield [("quiet", f"  {'service':<{width}}  {'team':<{team}}  what")]
    for one in shown:
        style = "bad" if one.drift else "change"
        sign = "✗" if one.drift else "!"
        about = f"{one.service:<{width}}  {one.team:<{team}}  "
        yield [(style, f"{sign} "), ("", about), ("quiet", _in_short(one))]
    if shown:
        yield []
    good = len(fleet.diagnoses) - len(shown)
    parts = [f"{counted(len(fleet.diagnoses), 'service')} in {fleet.seconds:.1f} s", f"{good} as they should be"]
    parts += [f"{len(fleet.drifted)} drifted"] if fleet.drifted else []
    parts += [f"{len(fleet.unreadable)} not read"] if fleet.unreadable else []
    due = sum(bool(one.due) for one in fleet.diagnoses)
    parts += [f"{due} could be upgraded"] if due else []
    deviating = sum(bool(one.deviations) for one in fleet.diagnoses)
    parts += [f"{deviating} deviate on purpose"] if deviating else []
    yield [("strong", f"{', '.join(parts)}.")]


def unread_lines(fleet: Fleet) -> Iterator[Line]:
    """What could not be read of many services, with why."""
    for one in fleet.unreadable:
        yield [("change", "! "), ("", one.service), ("quiet", f"  unreadable: {one.unreadable[0].reason}")]


def _in_short(diagnosis: Diagnosis) -> str:
    """What is wrong with one service, in one line."""
    if not diagnosis.drift:
        return f"unreadable: {diagnosis.unreadable[0].reason}"
    first = diagnosis.drift[0]
    more = f" and {len(diagnosis.drift) - 1} more" if len(diagnosis.drift) > 1 else ""
    return f"{in_short(diagnosis)}: {first.place}{more}"
