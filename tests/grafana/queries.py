"""The queries of a dashboard as Grafana would send them, and what a real Prometheus answers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from platformctl.model import Json
from tests.prometheus import Prometheus, Refused

BUILT_IN: Final = {"__rate_interval": "2m", "__interval": "1m"}
"""Grafana's own variables: four samples, and the distance of two points."""
_VARIABLE: Final = re.compile(r"\$(\w+)|\$\{(\w+)\}")
_LEFT: Final = re.compile(r"\$\w|\$\{|\[\[")
_LABEL_VALUES: Final = re.compile(r"label_values\((.+), (\w+)\)")


def interpolated(text: str, values: Mapping[str, str]) -> str:
    """The text with variables replaced; one that nobody declared stays."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2], found[0]), text)


def complaints(dashboard: Json, prometheus: Prometheus, begin: float, end: float) -> list[str]:
    """What is wrong with variables, queries and units when Prometheus has what the dashboard is about."""
    from grafana_foundation_sdk.models import units

    values, found = _values(dashboard)
    found += [f"the variable {name} has no value" for name in _empty(dashboard, values, prometheus, end)]
    known = {unit for name, unit in vars(units).items() if isinstance(unit, str) and not name.startswith("_")}
    for panel in dashboard["panels"]:
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "")
        if (
            panel["type"] != "row"
            and unit not in known
            and not re.match("(suffix|prefix|count|si|time|currency):", unit)
        ):
            found.append(f"{panel['title']}: unknown unit {unit!r}")
    for title, query in queries(dashboard):
        source = interpolated(str(query.get("datasource", {}).get("uid", "")), values)
        if source != "a data source":
            found.append(f"{title}: it asks {source!r}")
        if why := _wrong(interpolated(str(query.get("expr", "")), values), prometheus, begin, end):
            found.append(f"{title}: {why}")
    return found


def queries(dashboard: Json) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every query with the name of its panel or annotation."""
    for panel in dashboard["panels"]:
        for query in panel.get("targets", ()):
            yield panel["title"], query
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["target"]


def _values(dashboard: Json) -> tuple[dict[str, str], list[str]]:
    """What each variable stands for at first, and those that stand for nothing."""
    values, wrong = dict(BUILT_IN), []
    for variable in dashboard["templating"]["list"]:
        chosen = "a data source" if variable["type"] == "datasource" else variable.get("current", {}).get("value")
        if chosen == ["$__all"]:
            chosen = variable.get("allValue", "")
        if not variable.get("name") or not isinstance(chosen, str):
            wrong.append(f"a variable is not usable: {variable.get('name')!r} {chosen!r}")
            continue
        values[variable["name"]] = chosen
    return values, wrong


def _empty(dashboard: Json, values: Mapping[str, str], prometheus: Prometheus, end: float) -> Iterator[str]:
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        asked = _LABEL_VALUES.fullmatch(interpolated(variable["query"]["query"], values))
        assert asked, variable
        try:
            answer = prometheus.ask(
                f"label/{asked[2]}/values", **{"match[]": asked[1], "start": end - 3600, "end": end}
            )
        except Refused:
            answer = []
        if not answer:
            yield str(variable.get("name"))


def _wrong(expr: str, prometheus: Prometheus, begin: float, end: float) -> str:
    if _LEFT.search(expr):
        return f"a variable is left in {expr!r}"
    try:
        found = prometheus.over(expr, begin, end, 60)
    except Refused as refused:
        return str(refused)
    if not any(math.isfinite(value) for series in found.values() for value in series.values()):
        return f"no data for {expr}"
    return ""
