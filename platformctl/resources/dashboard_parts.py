"""How two dashboards differ: one line a panel, with the fields that differ, then the rest.

What Grafana writes by itself, when somebody saves a dashboard and changes nothing, is no difference: its own counts, a
newer version of the schema, which plugin drew a panel, and defaults that were left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain, count
from typing import Final

from platformctl.backends.grafana import COUNTED
from platformctl.model import Difference, Json, differences

_DEFAULTS: Final[Mapping[str, Json]] = {
    "editable": True,
    "fiscalYearStartMonth": 0,
    "graphTooltip": 0,
    "links": [],
    "liveNow": False,
    "preload": False,
    "style": "dark",
    "timepicker": {},
    "weekStart": "",
}
"""Fields of a dashboard that mean the same where they are left out:
https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/"""
_PANEL: Final = "panel "
_STANDING: Final = ("gridPos", "id")
"""Where a panel stands: that changes when another one comes or goes."""


def said_differently(wanted: Mapping[str, Json], found: Mapping[str, Json]) -> list[Difference]:
    """The differences; empty where both say the same."""
    before, after = _panels(found), _panels(wanted)
    lines = []
    for name in dict.fromkeys([*after, *before]):
        fields = [line.what for line in differences(_content(after.get(name)), _content(before.get(name)))]
        sign = "+" if name not in before else "-" if name not in after else "~"
        if sign != "~" or fields:
            names = dict.fromkeys(field.partition(".")[0] for field in fields)
            lines.append(Difference(sign, f"{_PANEL}{name}", ", ".join(names) if sign == "~" else ""))
    if before.keys() == after.keys() and _places(before) != _places(after):
        lines.append(Difference("~", "panels", "they stand elsewhere"))
    return lines + differences(_rest(wanted, wanted), _rest(found, wanted))


def text_of(dashboard: Mapping[str, Json], what: str) -> str:
    """The panel or field that a difference names, as JSON for people; empty where there is none."""
    if what.startswith(_PANEL):
        panel = _panels(dashboard).get(what.removeprefix(_PANEL))
        part: Json = panel and {key: value for key, value in panel.items() if key not in _STANDING}
    else:
        part = dashboard.get(what.partition(".")[0])
    return "" if part is None else json.dumps(part, indent=2, ensure_ascii=False) + "\n"


def _panels(dashboard: Mapping[str, Json]) -> Mapping[str, Mapping[str, Json]]:
    """Panels and headings by their title, a second one of a title with its number.

    What somebody has written by hand may be of any form.
    """
    panels = dashboard.get("panels")
    found: dict[str, Mapping[str, Json]] = {}
    for panel in panels if isinstance(panels, list) else ():
        if isinstance(panel, Mapping):
            title = str(panel.get("title"))
            names = chain([title], (f"{title} ({number})" for number in count(2)))
            found[next(name for name in names if name not in found)] = panel
    return found


def _content(panel: Mapping[str, Json] | None) -> Json:
    return _plain({key: value for key, value in (panel or {}).items() if key not in (*_STANDING, "pluginVersion")})


def _places(panels: Mapping[str, Mapping[str, Json]]) -> Json:
    return [(name, panel.get("gridPos")) for name, panel in panels.items()]


def _rest(dashboard: Mapping[str, Json], wanted: Mapping[str, Json]) -> Mapping[str, Json]:
    """What is not in panels, without what Grafana writes by itself."""
    rest = {key: value for key, value in dashboard.items() if key not in ("panels", *COUNTED)}
    for key, default in _DEFAULTS.items():
        if rest.get(key) == default:
            del rest[key]
    schema, known = rest.get("schemaVersion"), wanted.get("schemaVersion")
    if isinstance(schema, int) and isinstance(known, int) and schema > known:
        rest["schemaVersion"] = known
    annotations = rest.get("annotations")
    if isinstance(annotations, Mapping) and isinstance(annotations.get("list"), list):
        kept = [one for one in annotations["list"] if not (isinstance(one, Mapping) and one.get("builtIn") == 1)]
        rest["annotations"] = {**annotations, "list": kept}
    return dict(_plain(rest))


def _plain(value: Json) -> Json:
    """The same without fields that are null: Grafana leaves them out."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
