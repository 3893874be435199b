"""What a proof has seen: checks, the panels' data, what happened when, and samples. Times are Unix seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from platformctl.model import Json


class Verdict(StrEnum):
    """How a check came out."""

    PASSED = "passed"
    FAILED = "failed"
    LEFT_OUT = "left out"


@dataclass(frozen=True)
class Check:
    """One claim, and whether it holds."""

    id: str
    """Its name for machines, for ever: `page_fires`."""
    title: str
    """The claim, for people: `The page fires when errors begin`."""
    verdict: Verdict
    detail: str
    """What was seen: figures when it holds, what is wrong when not, why it was left out."""
    culprit: str = ""
    """What is to blame: a panel, a rule, a route, a field of the log."""
    seconds: float = 0.0
    hint: str = ""


@dataclass(frozen=True)
class Series:
    """One line of a graph."""

    name: str
    """As its legend says it."""
    points: Sequence[tuple[float, float]]
    """Time and value; what is no number is left out."""


@dataclass(frozen=True)
class Asked:
    """One query of a panel, and what Prometheus answered."""

    expr: str
    """As it was asked, without variables."""
    series: Sequence[Series]
    problem: str = ""
    limit: bool = False
    """A limit to be drawn as a dashed line, not a measurement."""


@dataclass(frozen=True)
class Panel:
    """One panel of the dashboard with its data."""

    row: str
    title: str
    description: str
    unit: str
    """Grafana's name of the unit: `s`, `percentunit`, `bytes`."""
    asked: Sequence[Asked]
    steps: Sequence[tuple[str, float | None]] = ()
    """Grafana's names of colours, each with the value from which it holds."""
    stacked: bool = False
    number: bool = False
    """Whether the last value alone is shown."""


@dataclass(frozen=True)
class Moment:
    """One thing that happened, on the alert's time line."""

    at: float
    what: str
    """For people: `errors begin`."""
    kind: str
    """For machines: `traffic`, `errors`, `fired`, `paged`, `recovered`, `quiet`, `resolved`, `stopped`, `absent`."""


@dataclass(frozen=True)
class Page:
    """One event that arrived at the pager."""

    at: float
    action: str
    """`trigger` or `resolve`."""
    key: str
    """Whose key it came with, as a reference: `secret:payments`."""
    severity: str
    summary: str
    dedup_key: str


@dataclass(frozen=True)
class Evidence:
    """Everything that a proof has seen."""

    service: str
    path: str
    version: str
    """The golden path's."""
    team: str
    environment: str
    commit: str
    """What was proven, or where it was taken from when it is no commit."""
    began: datetime
    seconds: float
    lapse: int
    """How many times faster than the clock the rules' durations went by."""
    versions: Mapping[str, str]
    """Of the programs that took part: `prometheus` to `2.42.0`."""
    parts: Mapping[str, float]
    """Seconds by part of the proof, in order."""
    checks: Sequence[Check] = ()
    panels: Sequence[Panel] = ()
    moments: Sequence[Moment] = ()
    pages: Sequence[Page] = ()
    logs: Sequence[Mapping[str, Json]] = ()
    """Lines of the log, as samples."""
    spans: Sequence[Mapping[str, Json]] = ()
    """Spans that came by OTLP, as samples."""
    requests: Mapping[str, int] = field(default_factory=dict)
    """How many events were sent, by kind: `good`, `failing`."""

    @property
    def proven(self) -> bool:
        """Whether everything that was checked holds."""
        return bool(self.checks) and all(check.verdict is not Verdict.FAILED for check in self.checks)

    def to_json(self) -> Mapping[str, Json]:
        """The form for machines, without the panels' points."""
        form = {**asdict(self), "began": self.began.isoformat(timespec="milliseconds"), "proven": self.proven}
        del form["panels"]
        return form
