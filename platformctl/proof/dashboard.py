"""A dashboard as Grafana reads it: whether it can, and what it would ask."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from platformctl.document import first_problem
from platformctl.model import Json
from platformctl.proof.finding import Finding
from platformctl.schemas import schema

_VARIABLE: Final = re.compile(r"\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\]")
"""Grafana's three ways to write one. (docs: grafana.com, Dashboards, Variables, Variable syntax)"""
_OWN_UNIT: Final = re.compile("(suffix|prefix|count|si|time|currency):.+")
"""Units that a panel makes up. (docs: grafana.com, Configure standard options, Unit, Custom units)"""
_WHOLE: Final = "dashboard"


@dataclass(frozen=True)
class Graph:
    """A panel that asks something, with the heading that it stands under."""

    row: str
    panel: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What people call it."""
        return name_of(self.panel)

    @property
    def targets(self) -> Sequence[Mapping[str, Any]]:
        """Its queries, as far as they are any."""
        given = self.panel.get("targets")
        return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def form(dashboard: Json, uid: str) -> list[Finding]:
    """What Grafana could not read of the dashboard with this uid, or nobody could use."""
    whole = schema("dashboard")
    found = _problems(whole, dashboard, _WHOLE)
    if not isinstance(dashboard, dict):
        return found
    if dashboard.get("uid") != uid:
        found.append(Finding(_WHOLE, f"its uid is {dashboard.get('uid')}, and not {uid}"))
    panels = list(_panels(dashboard))
    one = {"$defs": whole["$defs"], "$ref": "#/$defs/panel"}
    for panel in panels:
        found += _problems(one, panel, name_of(panel))
    numbers = Counter(panel.get("id") for panel in panels if isinstance(panel, dict) and "id" in panel)
    found += [Finding(_WHOLE, f"{times} panels have the id {id_}") for id_, times in numbers.items() if times > 1]
    declared = {str(one.get("name")) for one in variables(dashboard)}
    for graph in graphs(dashboard):
        found += [Finding(graph.name, what) for what in _unusable(graph, declared)]
    return found


def _problems(schema: Mapping[str, Json], data: Json, culprit: str) -> list[Finding]:
    """The most telling violation, without the names of all that would be allowed."""
    problem = first_problem(schema, data)
    return [Finding(culprit, problem[1].partition("; known:")[0])] if problem else []


def _unusable(graph: Graph, declared: set[str]) -> Iterator[str]:
    from grafana_foundation_sdk.models import units

    known = {unit for name, unit in vars(units).items() if isinstance(unit, str) and not name.startswith("_")}
    unit = _below(graph.panel, "fieldConfig", "defaults").get("unit")
    if unit is not None and unit not in known and not _OWN_UNIT.fullmatch(str(unit)):
        yield f"Grafana has no unit {unit!r}"
    letters = Counter(str(target.get("refId")) for target in graph.targets)
    yield from (f"{times} queries have the refId {letter!r}" for letter, times in letters.items() if times > 1)
    texts = [str(target.get("expr", "")) for target in graph.targets]
    texts += [str(_below(target, "datasource").get("uid", "")) for target in (graph.panel, *graph.targets)]
    for name in dict.fromkeys(name for text in texts for name in named(text)):
        if name not in declared and not name.startswith("__"):
            yield f"it uses ${name}, and there is no such variable"


def graphs(dashboard: Mapping[str, Any]) -> Iterator[Graph]:
    """Every panel that asks something, in order."""
    row = ""
    for panel in _panels(dashboard):
        if not isinstance(panel, dict):
            continue
        if panel.get("type") == "row":
            row = name_of(panel)
        elif panel.get("targets"):
            yield Graph(row, panel)


def variables(dashboard: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The variables that it declares."""
    listed = _below(dashboard, "templating").get("list")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def marks(dashboard: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and query of everything that is marked in graphs."""
    listed = _below(dashboard, "annotations").get("list")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and (expr := _below(one, "target").get("expr")):
            yield str(one.get("name") or "annotation"), str(expr)


def named(text: str) -> list[str]:
    """The variables that a text uses."""
    return ["".join(groups) for groups in _VARIABLE.findall(text)]


def interpolated(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables replaced; one that has no value stays."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2] or found[3], found[0]), text)


def name_of(panel: Json) -> str:
    """A panel's title, or which one it is."""
    if not isinstance(panel, dict):
        return "panel"
    return str(panel.get("title") or f"panel {panel.get('id', '')}".strip())


def _panels(dashboard: Mapping[str, Any]) -> Iterator[Json]:
    """Panels in order, those of collapsed rows included."""
    listed = dashboard.get("panels")
    for panel in listed if isinstance(listed, list) else []:
        yield panel
        if isinstance(panel, dict) and isinstance(panel.get("panels"), list):
            yield from panel["panels"]


def _below(whole: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A mapping within, or an empty one."""
    here: Any = whole
    for name in names:
        here = here.get(name) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else {}
