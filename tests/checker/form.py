"""Layer `form`: what Grafana would read and nobody could use. Names, numbers, units, variables, data sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from platformctl.model import Json
from tests.checker import Finding
from tests.checker.promise import Promise

BUILT_IN: Final = {"__rate_interval": "2m", "__interval": "1m"}
"""Grafana's own variables: four samples, and the distance of two points."""
DATA_SOURCE: Final = "the data source that was chosen"
_VARIABLE: Final = re.compile(r"\$(\w+)|\$\{(\w+)\}")
_LEFT: Final = re.compile(r"\$\w+|\$\{\w+\}|\[\[\w+\]\]")
_OWN_UNIT: Final = re.compile("(suffix|prefix|count|si|time|currency):.+")
"""Units that a panel makes up, in Grafana's own way."""


def findings(dashboard: Json, promise: Promise) -> Iterator[Finding]:
    """What is wrong."""
    if dashboard["uid"] != f"svc-{promise.service}":
        yield Finding("dashboard", "the whole", f"its uid is {dashboard['uid']}, which is not its service's")
    numbers = Counter(panel["id"] for panel in dashboard["panels"])
    for panel in dashboard["panels"]:
        name = panel.get("title") or f"panel {panel['id']}"
        wrong = [f"{times} panels have the id {panel['id']}" for times in [numbers[panel["id"]]] if times > 1]
        if not panel.get("title"):
            wrong.append("it has no title")
        if panel["type"] != "row":
            wrong += _of_a_graph(panel)
        yield from (Finding("dashboard", name, what) for what in wrong)
    for variable in dashboard["templating"]["list"]:
        if not variable.get("name"):
            yield Finding("dashboard", "variable", f"it has no name: {variable.get('label')}")
    chosen = values(dashboard)
    for name, query in queries(dashboard):
        for text in (query["datasource"]["uid"], query.get("expr", "")):
            if left := _LEFT.findall(interpolated(text, chosen)):
                yield Finding("dashboard", name, f"no variable is called {', '.join(sorted(set(left)))}")
        if interpolated(query["datasource"]["uid"], chosen) != DATA_SOURCE:
            yield Finding("dashboard", name, f"it asks {query['datasource']['uid']}, which nobody chose")


def _of_a_graph(panel: Mapping[str, Any]) -> Iterator[str]:
    from grafana_foundation_sdk.models import units

    known = {unit for name, unit in vars(units).items() if isinstance(unit, str) and not name.startswith("_")}
    unit = panel["fieldConfig"]["defaults"].get("unit")
    if unit not in known and not _OWN_UNIT.fullmatch(str(unit)):
        yield f"no unit is called {unit!r}"
    letters = Counter(query.get("refId") for query in panel["targets"])
    yield from (f"{times} queries have the refId {letter!r}" for letter, times in letters.items() if times > 1)


def queries(dashboard: Json) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every query with the name of its panel or annotation."""
    for panel in dashboard["panels"]:
        for query in panel.get("targets", ()):
            yield panel.get("title") or f"panel {panel['id']}", query
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["target"]


def interpolated(text: str, chosen: Mapping[str, str]) -> str:
    """The text with variables replaced; one that nobody declared stays."""
    return _VARIABLE.sub(lambda found: chosen.get(found[1] or found[2], found[0]), text)


def values(dashboard: Json) -> dict[str, str]:
    """What each variable that has a name stands for when a dashboard is opened."""
    found = dict(BUILT_IN)
    for variable in dashboard["templating"]["list"]:
        value = DATA_SOURCE if variable["type"] == "datasource" else variable.get("current", {}).get("value", "")
        found[variable.get("name", "")] = variable.get("allValue", "") if value == ["$__all"] else value
    return found
