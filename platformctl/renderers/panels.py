"""What a dashboard shows, as data: rows of panels, each with its queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Steps = Sequence[tuple[str, float | None]]
"""Colours, each with the value from which it holds; None for the first."""


@dataclass(frozen=True)
class Query:
    """PromQL, and the name of its series: text in which `{{label}}` is the label's value.

    A `limit` is drawn as a dashed red line, and never stacked on others.
    """

    expr: str
    legend: str
    limit: bool = False


@dataclass(frozen=True)
class Panel:
    """One panel: what it is called, what it means, Grafana's unit of its values, and where they come from.

    `number` shows the last value alone, else there is a graph in which every step but the first is a line.
    """

    title: str
    text: str
    unit: str
    queries: Sequence[Query]
    steps: Steps = ()
    stacked: bool = False
    number: bool = False


@dataclass(frozen=True)
class Row:
    """Panels side by side under a heading."""

    title: str
    panels: Sequence[Panel]
