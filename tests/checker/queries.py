"""Layer `queries`: every query of a dashboard, as Grafana sends it, asked of a Prometheus that knows the service."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from platformctl.model import Json
from tests.checker import Finding
from tests.checker.form import interpolated, queries, values
from tests.prometheus import Prometheus, Refused

SELECTOR: Final = re.compile(r"[a-zA-Z_:][\w:]*\{[^}]*\}")
"""A metric with its matchers, in PromQL."""
_LABEL: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_LABEL_VALUES: Final = re.compile(r"label_values\((.+), (\w+)\)")


def findings(dashboard: Json, prometheus: Prometheus, begin: float, end: float) -> Iterator[Finding]:
    """What is wrong, when Prometheus has seen everything that the dashboard is about, between two moments."""
    chosen = values(dashboard)
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query" and not _found(variable, chosen, prometheus, begin, end):
            yield Finding("dashboard", f"variable {variable.get('name')}", "it has no values")
    for name, query in queries(dashboard):
        expr = interpolated(query.get("expr", ""), chosen)
        for what in _wrong(expr, query.get("legendFormat", ""), prometheus, begin, end):
            yield Finding("dashboard", name, what)


def _found(
    variable: Mapping[str, Any], chosen: Mapping[str, str], prometheus: Prometheus, begin: float, end: float
) -> Any:
    asked = _LABEL_VALUES.fullmatch(interpolated(variable["query"]["query"], chosen))
    try:
        return asked and prometheus.ask(f"label/{asked[2]}/values", **{"match[]": asked[1], "start": begin, "end": end})
    except Refused:
        return None


def _wrong(expr: str, legend: str, prometheus: Prometheus, begin: float, end: float) -> Iterator[str]:
    try:
        found = prometheus.over(expr, begin, end, 60)
    except Refused as refused:
        yield f"{refused} in {expr}"
        return
    for selector in SELECTOR.findall(expr):
        if not prometheus.ask("series", **{"match[]": selector, "start": begin, "end": end}):
            yield f"nobody has {selector}"
    if not any(math.isfinite(value) for series in found.values() for value in series.values()):
        yield f"no data for {expr}"
    for label in _LABEL.findall(legend):
        if not any(label in dict(labels) for labels in found):
            yield f"its legend has {{{{{label}}}}}, and no series has that label"
