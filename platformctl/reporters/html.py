"""A diagnosis as one HTML page, for people who look at many services, or keep what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from platformctl.commands.diagnosis import Diagnosis
from platformctl.engine.drift import Finding
from platformctl.model import Drift, Plane
from platformctl.page import page
from platformctl.reporters.findings import (
    MEANINGS,
    came_about,
    counted,
    fix_lines,
    in_short,
    newer,
    on_purpose,
    verdict,
)


def report(diagnoses: Sequence[Diagnosis], seconds: float) -> str:
    """What was found out about services, in `seconds`: a page that loads nothing and runs nothing.

    The same diagnoses give the same page.
    """
    shown = [_shown(number, one) for number, one in enumerate(diagnoses)]
    values = {
        "verdict": verdict(diagnoses),
        "well": not any(one.drift or one.unreadable for one in diagnoses),
        "figures": list(_figures(diagnoses, seconds)),
        "services": sorted(shown, key=lambda one: one.rank),
        "meanings": [(drift.value, MEANINGS[drift]) for drift in _classes(diagnoses)],
        "counted": counted,
    }
    return page(Path(__file__).parent, "diagnosis.html.j2", values)


@dataclass(frozen=True)
class Figure:
    """One of the few numbers that are said first."""

    name: str
    value: int
    note: str
    bad: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a diff, with its style."""

    text: str
    style: str


@dataclass(frozen=True)
class Service:
    """One service as the page shows it."""

    anchor: str
    diagnosis: Diagnosis
    sign: str
    rank: int
    """What is wrong comes first."""
    short: str
    planes: Sequence[tuple[Plane, Sequence[tuple[Finding, str]]]]
    """Findings by plane, each with how it came about."""
    diff: Sequence[Line]
    newer: Sequence[str]
    deviations: Sequence[str]

    @property
    def has_more(self) -> bool:
        """Whether there is more to say than that it is as it should be."""
        return bool(self.planes or self.newer or self.deviations)


def _shown(number: int, diagnosis: Diagnosis) -> Service:
    wrong = (*diagnosis.drift, *diagnosis.unreadable)
    sign, rank = ("failed", 0) if diagnosis.drift else ("left out", 1) if wrong else ("passed", 2)
    due = [newer(one) for one in diagnosis.due]
    return Service(
        anchor=f"service-{number}",
        diagnosis=diagnosis,
        sign=sign,
        rank=rank,
        short=_short(diagnosis),
        planes=list(_by_plane(wrong)),
        diff=[Line(text, _style(text)) for text in fix_lines(diagnosis.drift)],
        newer=due,
        deviations=[on_purpose(one) for one in diagnosis.deviations],
    )


def _short(diagnosis: Diagnosis) -> str:
    if diagnosis.drift:
        return in_short(diagnosis)
    return f"unreadable: {diagnosis.unreadable[0].reason}" if diagnosis.unreadable else "as it should be"


def _by_plane(found: Sequence[Finding]) -> Iterator[tuple[Plane, Sequence[tuple[Finding, str]]]]:
    for plane in Plane:
        if here := [(one, came_about(one)) for one in found if one.plane is plane]:
            yield plane, here


def _style(line: str) -> str:
    """The class of a line of a diff."""
    if line.startswith(("+++", "---", "@@")):
        return "about"
    return {"+": "added", "-": "gone"}.get(line[:1], "")


def _figures(diagnoses: Sequence[Diagnosis], seconds: float) -> Iterator[Figure]:
    drifted = sum(bool(one.drift) for one in diagnoses)
    unread = sum(bool(one.unreadable) for one in diagnoses)
    well = sum(not one.drift and not one.unreadable for one in diagnoses)
    yield Figure("As they should be", well, f"of {counted(len(diagnoses), 'service')}, in {seconds:.1f} s")
    yield Figure("Drifted", drifted, counted(sum(len(one.drift) for one in diagnoses), "finding"), drifted > 0)
    yield Figure("Not read in full", unread, "neither fine nor drift", unread > 0)
    deviating = sum(bool(one.deviations) for one in diagnoses)
    yield Figure("Deviate on purpose", deviating, "with a reason that is recorded")
    yield Figure("Could be upgraded", sum(bool(one.due) for one in diagnoses), "a newer golden path is there")


def _classes(diagnoses: Sequence[Diagnosis]) -> list[Drift]:
    """The classes that are on the page, in their order."""
    there = {found.drift for one in diagnoses for found in (*one.drift, *one.unreadable)}
    return [drift for drift in Drift if drift in there]
