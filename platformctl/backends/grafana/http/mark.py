"""The mark in a dashboard that says whose it is, and how to know whether it is still as it was written.

The mark is a constant among the dashboard's variables, hidden from those who look at it. Nothing else survives
everywhere: some servers ignore annotations of a resource, fields that are not of the schema are dropped when somebody
saves in Grafana's editor, and tags are offered to everybody as a filter.
https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/dashboard/

Below `/apis`, Grafana brings a dashboard to its newest schema before it stores it, so what is read back is not what was
written. The mark therefore has the digest of what was written and the version that the write was going to make: while
that version stands, nobody has changed it since.
https://github.com/grafana/grafana/blob/main/pkg/registry/apis/dashboard/mutate.go
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from platformctl.model import Json, Owner

_NAME: Final = "platformctl"
_TEXT: Final = re.compile(r"([a-z0-9-]+) ([A-Za-z0-9-]*) ([0-9]+) ([0-9a-f]{64})")
_HIDDEN: Final = 2
"""https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/"""


@dataclass(frozen=True)
class Mark:
    """Whose a dashboard is, the version that its write made, and the digest of what was written."""

    owner: Owner
    version: int
    sha256: str


def marked(dashboard: Mapping[str, Json], mark: Mark) -> dict[str, Json]:
    """The dashboard with this mark and no other."""
    templating, variables = _variables(dashboard)
    text = f"{mark.owner.service} {mark.owner.run} {mark.version} {mark.sha256}"
    variable = {
        "type": "constant",
        "name": _NAME,
        "label": "Made by platformctl",
        "description": "Says which service and run made this dashboard. Without it platformctl leaves it alone.",
        "hide": _HIDDEN,
        "skipUrlSync": True,
        "query": text,
    }
    others = [other for other in variables if not _is_mark(other)]
    return {**dashboard, "templating": {**templating, "list": [*others, variable]}}


def unmarked(dashboard: Mapping[str, Json]) -> tuple[dict[str, Json], Mark | None]:
    """The dashboard without its mark, and the mark, if it has one that can be read."""
    templating, variables = _variables(dashboard)
    marks = [variable for variable in variables if _is_mark(variable)]
    if not marks:
        return dict(dashboard), None
    others = [variable for variable in variables if not _is_mark(variable)]
    rest = {key: value for key, value in dashboard.items() if key != "templating"}
    if others or templating.keys() - {"list"}:
        rest["templating"] = {**templating, "list": others}
    found = _TEXT.fullmatch(str(marks[0].get("query", "")))
    return rest, Mark(Owner(found[1], found[2]), int(found[3]), found[4]) if found else None


def _variables(dashboard: Mapping[str, Json]) -> tuple[Mapping[str, Json], list[Json]]:
    """The dashboard's `templating` and its list; both empty where somebody wrote something else."""
    templating = dashboard.get("templating")
    if not isinstance(templating, Mapping) or not isinstance(templating.get("list"), list):
        return {}, []
    return templating, templating["list"]


def _is_mark(variable: Json) -> bool:
    return isinstance(variable, Mapping) and variable.get("name") == _NAME and variable.get("type") == "constant"
