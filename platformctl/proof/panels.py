"""What a dashboard shows of a service: every query asked as Grafana asks it, over what Prometheus really has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from platformctl.errors import ToolFailed
from platformctl.proof import dashboard as form
from platformctl.proof.dashboard import Graph
from platformctl.proof.evidence import Asked, Panel, Series
from platformctl.proof.finding import Finding
from platformctl.stack.durations import duration
from platformctl.stack.prometheus import Prometheus, Refused, Samples

_ALL: Final = "$__all"
_LABEL: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_LABEL_VALUES: Final = re.compile(r"label_values\((?:(.+),\s*)?(\w+)\)", re.DOTALL)
SELECTOR: Final = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{([^{}]*)\}")
"""A metric with its matchers, in PromQL."""
_MATCHER: Final = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Window:
    """The time that is looked at: Unix seconds, and the seconds between two scrapes, which is a graph's step."""

    begin: float
    end: float
    interval: float


class Reader:
    """Looks at one dashboard, as Grafana does."""

    def __init__(self, prometheus: Prometheus, dashboard: Mapping[str, Any], service: str, window: Window) -> None:
        self._prometheus = prometheus
        self._dashboard = dashboard
        self._service = service
        self._window = window
        self.findings: list[Finding] = []
        self._values = self._of_variables()

    def panels(self) -> list[Panel]:
        """Every panel with its data. What is wrong is in `findings` then."""
        found = [self._panel(graph) for graph in form.graphs(self._dashboard)]
        for name, expr in form.marks(self._dashboard):
            try:
                self._over(self._interpolated(expr))
            except Refused as refused:
                self.findings.append(Finding(name, str(refused)))
        return found

    def _panel(self, graph: Graph) -> Panel:
        drawn = graph.panel.get("fieldConfig") or {}
        defaults = drawn.get("defaults") or {}
        limits = _limits(drawn)
        steps = (defaults.get("thresholds") or {}).get("steps") or ()
        stacking = ((defaults.get("custom") or {}).get("stacking") or {}).get("mode", "none")
        return Panel(
            row=graph.row,
            title=graph.name,
            description=str(graph.panel.get("description", "")),
            unit=str(defaults.get("unit", "none")),
            asked=[self._asked(graph, target, target.get("refId") in limits) for target in graph.targets],
            steps=[(str(step.get("color")), step.get("value")) for step in steps],
            stacked=stacking != "none",
            number=graph.panel.get("type") == "stat",
        )

    def _asked(self, graph: Graph, target: Mapping[str, Any], limit: bool) -> Asked:
        expr = self._interpolated(str(target.get("expr", "")))
        found: Sequence[Samples] = []
        try:
            found = self._over(expr, instant=bool(target.get("instant")))
            problems = [*_empty(found), *nobodys(self._prometheus, expr, self._window)]
            problems += everybodys(expr, {"service": self._service})
            if not SELECTOR.search(expr):
                problems.append("it reads nothing of the service")
        except Refused as refused:
            problems = [str(refused)]
        legend = str(target.get("legendFormat", ""))
        if found:
            labels = {label for series in found for label in series.labels}
            unknown = [label for label in _LABEL.findall(legend) if label not in labels]
            problems += [f"its legend has {{{{{label}}}}}, which no series has" for label in unknown]
        self.findings += [Finding(graph.name, f"{what}, in {expr}") for what in problems]
        series = [Series(_named(legend, one.labels), points) for one in found if (points := _finite(one.points))]
        return Asked(expr, series, "; ".join(problems), limit)

    def _over(self, expr: str, *, instant: bool = False) -> Sequence[Samples]:
        """The answer to a query. Raises `Refused`."""
        window = self._window
        if instant:
            found = self._prometheus.query(expr, window.end)
            return [Samples(one.labels, [(one.at, one.value)]) for one in found]
        return self._prometheus.query_range(expr, window.begin, window.end, window.interval)

    def _interpolated(self, text: str) -> str:
        return form.interpolated(text, self._values)

    def _of_variables(self) -> dict[str, str]:
        """What each variable stands for when the dashboard is opened."""
        window = self._window
        self._values = {
            "__interval": duration(window.interval),
            "__interval_ms": str(round(window.interval * 1000)),
            # The step and one scrape, and four scrapes at least. (docs: grafana.com, Prometheus template variables)
            "__rate_interval": duration(4 * window.interval),
            "__range": duration(window.end - window.begin),
            "__range_s": str(round(window.end - window.begin)),
        }
        for variable in form.variables(self._dashboard):
            self._values[str(variable.get("name"))] = self._chosen(variable)
        return self._values

    def _chosen(self, variable: Mapping[str, Any]) -> str:
        current = (variable.get("current") or {}).get("value", "")
        wanted = [str(one) for one in (current if isinstance(current, list) else [current])]
        if variable.get("type") == "query":
            values = self._label_values(variable)
            if not values:
                self.findings.append(Finding(f"variable {variable.get('name')}", "its query finds nothing"))
        else:
            values = [str(one.get("value")) for one in variable.get("options") or () if isinstance(one, dict)]
        if wanted == [_ALL]:
            if given := variable.get("allValue"):
                return str(given)
            wanted = values
        if variable.get("multi") or variable.get("includeAll"):
            return f"({'|'.join(re.escape(one) for one in wanted)})" if len(wanted) > 1 else re.escape("".join(wanted))
        return wanted[0] if wanted else ""

    def _label_values(self, variable: Mapping[str, Any]) -> list[str]:
        query = variable.get("query")
        text = str(query.get("query", "") if isinstance(query, dict) else query or "")
        asked = _LABEL_VALUES.fullmatch(self._interpolated(text).strip())
        if asked is None:
            return []
        match = {"match[]": asked[1]} if asked[1] else {}
        try:
            found = self._prometheus.ask(f"label/{asked[2]}/values", **match)
        except Refused:
            return []
        return [str(value) for value in found]


def nobodys(prometheus: Prometheus, expr: str, window: Window) -> Iterator[str]:
    """What is to be said of every selector in PromQL that finds nothing within the window."""
    for name, matchers in dict.fromkeys(SELECTOR.findall(expr)):
        selector = f"{name}{{{matchers}}}"
        try:
            asked: dict[str, str | float] = {"match[]": selector, "start": window.begin, "end": window.end}
            if not prometheus.ask("series", **asked):
                yield f"nobody has {selector}"
        except (Refused, ToolFailed):
            continue  # what Prometheus cannot read it says of the whole query


def everybodys(expr: str, labels: Mapping[str, str]) -> Iterator[str]:
    """What is to be said of every selector in PromQL that is not bound to these labels."""
    for name, matchers in dict.fromkeys(SELECTOR.findall(expr)):
        bound = dict(_MATCHER.findall(matchers))
        yield from (f"{name} of every {label}" for label, value in labels.items() if bound.get(label) != value)


def _empty(found: Sequence[Samples]) -> Iterator[str]:
    if not any(isfinite(value) for series in found for _, value in series.points):
        yield "no number" if found else "no data"


def _finite(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [point for point in points if isfinite(point[1])]


def _named(legend: str, labels: Mapping[str, str]) -> str:
    """The name of a series, as its legend says it."""
    if not legend:
        return ", ".join(f"{name}={value}" for name, value in labels.items())
    return _LABEL.sub(lambda found: labels.get(found[1], ""), legend)


def _limits(drawn: Mapping[str, Any]) -> set[str]:
    """The queries that are drawn as dashed lines."""
    overrides = drawn.get("overrides")
    return {
        str(one["matcher"].get("options"))
        for one in (overrides if isinstance(overrides, list) else ())
        if isinstance(one, dict)
        and isinstance(one.get("matcher"), dict)
        and any(isinstance(way, dict) and way.get("id") == "custom.lineStyle" for way in one.get("properties") or ())
    }
