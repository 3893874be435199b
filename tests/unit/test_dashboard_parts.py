"""How two dashboards differ, part by part."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from platformctl.resources.dashboard_parts import said_differently


def panel(title: str, y: int, **more: Any) -> dict[str, Any]:
    return {"title": title, "id": y, "gridPos": {"x": 0, "y": y, "w": 8, "h": 8}, "type": "stat", "targets": [], **more}


PAGE: dict[str, Any] = {
    "title": "payments-api",
    "schemaVersion": 36,
    "editable": True,
    "graphTooltip": 1,
    "links": [],
    "tags": ["a"],
    "time": {"from": "now-6h", "to": "now"},
    "annotations": {"list": [{"name": "Deployments", "builtIn": 0}]},
    "panels": [panel("A", 0), panel("B", 8, fieldConfig={"steps": [{"value": None, "color": "red"}]}), panel("C", 16)],
}
Edit = Callable[[dict[str, Any]], object]


def saved(page: dict[str, Any]) -> None:
    """As Grafana's editor saves it."""
    page.update(
        id=7, version=9, iteration=1, schemaVersion=41, liveNow=False, weekStart="", timepicker={}, preload=False
    )
    page["annotations"]["list"].insert(0, {"name": "Annotations & Alerts", "builtIn": 1})
    for one in page["panels"]:
        one.update(pluginVersion="12.1.0", id=one["id"] + 1)


def without_defaults(page: dict[str, Any]) -> None:
    del page["editable"], page["links"]
    del page["panels"][1]["fieldConfig"]["steps"][0]["value"]


def floats(page: dict[str, Any]) -> None:
    for one in page["panels"]:
        one["gridPos"] = {key: float(value) for key, value in one["gridPos"].items()}


SAME: list[Edit] = [lambda page: None, saved, without_defaults, floats]


@pytest.mark.parametrize("edit", SAME)
def test_what_grafana_writes_by_itself_is_no_difference(edit: Edit) -> None:
    assert told(edit) == []


OTHER: dict[str, tuple[Edit, list[tuple[str, str]]]] = {
    "a field of a panel": (lambda page: page["panels"][0].update(type="table"), [("~", "panel A")]),
    "a threshold": (
        lambda page: page["panels"][1]["fieldConfig"]["steps"][0].update(value=0),
        [("~", "panel B")],
    ),
    "a panel gone": (lambda page: page["panels"].pop(), [("+", "panel C")]),
    "a panel more": (lambda page: page["panels"].append(panel("D", 24)), [("-", "panel D")]),
    "a panel copied": (lambda page: page["panels"].append(panel("A", 24, type="x")), [("-", "panel A (2)")]),
    "the copy of a copy": (
        lambda page: page["panels"].extend([panel("A", 24), panel("A (2)", 32), panel("A", 40)]),
        [("-", "panel A (2)"), ("-", "panel A (2) (2)"), ("-", "panel A (3)")],
    ),
    "panels moved": (lambda page: page["panels"][0]["gridPos"].update(x=8), [("~", "panels")]),
    "panels in another order": (lambda page: page["panels"].reverse(), [("~", "panels")]),
    "moved and edited": (
        lambda page: (page["panels"][0]["gridPos"].update(x=8), page["panels"][2].update(type="x")),
        [("~", "panel C"), ("~", "panels")],
    ),
    "an older schema": (lambda page: page.update(schemaVersion=30), [("~", "schemaVersion")]),
    "locked": (lambda page: page.update(editable=False), [("-", "editable")]),
    "another tooltip": (lambda page: page.update(graphTooltip=0), [("+", "graphTooltip")]),
    "an annotation gone": (lambda page: page["annotations"]["list"].clear(), [("~", "annotations.list")]),
    "no panels": (lambda page: page.update(panels="none"), [("+", f"panel {name}") for name in "ABC"]),
}


@pytest.mark.parametrize("edit", OTHER)
def test_every_other_difference_is_told_by_part(edit: str) -> None:
    change, lines = OTHER[edit]
    assert told(change) == lines


def test_nothing_at_all() -> None:
    assert {sign for sign, _ in told(lambda page: page.clear())} == {"+"}


def told(edit: Edit) -> list[tuple[str, str]]:
    found = copy.deepcopy(PAGE)
    edit(found)
    return [(line.sign, line.what) for line in said_differently(PAGE, found)]
