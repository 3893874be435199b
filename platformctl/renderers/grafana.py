"""Grafana's classic dashboard JSON, made with the types of grafana-foundation-sdk: the only place that knows them.

The classic schema is the one that Grafana 10 to 13 all read; the newer ones need Grafana 12 at least. Of the SDK only
the models are imported: its builders load both newer schemas with them. Import this module when something is rendered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common, dashboard, prometheus, stat, timeseries, units

from platformctl.errors import BadRecipe
from platformctl.model import Json
from platformctl.renderers.panels import Panel, Query, Row

_SCHEMA: Final = 36
"""The schema's version in Grafana 10's own package (@grafana/schema 10.4); what is newer migrates from it."""
_COLUMNS: Final = 24
_HEIGHT: Final = 8
_SOURCE: Final = common.DataSourceRef("prometheus", "${datasource}")
_UNITS: Final = ("suffix:", "prefix:", "time:", "si:", "count:", "currency:")
"""Beginnings of units of one's own."""


@dataclass(frozen=True)
class Page:
    """A dashboard: all that is not in its panels."""

    uid: str
    title: str
    description: str
    tags: Sequence[str]
    environments: Sequence[str]
    links: Mapping[str, str]
    """URLs by what they lead to."""
    instances: str
    """The series that have the label `instance`."""
    deployed: Query
    """Has a value at the moment of a deployment, and only then."""


def rendered(page: Page, rows: Sequence[Row]) -> bytes:
    """The dashboard as JSON, the same bytes every time. Raises `BadRecipe` for a unit that Grafana does not have."""

    _check_units(page, rows)
    whole = dashboard.Dashboard(
        uid=page.uid,
        title=page.title,
        description=page.description,
        tags=list(page.tags),
        graph_tooltip=dashboard.DashboardCursorSync.CROSSHAIR,
        time=dashboard.DashboardDashboardTime("now-6h", "now"),
        refresh="1m",
        schema_version=_SCHEMA,
        panels=_laid_out(rows),
        templating=dashboard.DashboardDashboardTemplating(_variables(page)),
        annotations=dashboard.AnnotationContainer([_deployments(page.deployed)]),
        links=[
            dashboard.DashboardLink(title, icon="external link", url=url, target_blank=True)
            for title, url in page.links.items()
        ],
    )
    tidied = _tidy(json.loads(json.dumps(whole, cls=JSONEncoder)))
    return f"{json.dumps(tidied, indent=2, sort_keys=True, allow_nan=False)}\n".encode()


def _check_units(page: Page, rows: Sequence[Row]) -> None:
    known = {unit for name, unit in vars(units).items() if isinstance(unit, str) and not name.startswith("_")}
    for panel in (panel for row in rows for panel in row.panels):
        if panel.unit not in known and not panel.unit.startswith(_UNITS):
            raise BadRecipe(
                f"the panel {panel.title!r} has the unit {panel.unit!r}, which Grafana does not know",
                where=f"dashboard of {page.title}",
                hint=f"Take one of its identifiers, such as short, s, bytes or percentunit, or begin with {_UNITS[0]}",
            )


def _laid_out(rows: Sequence[Row]) -> list[dashboard.Panel | dashboard.RowPanel]:
    """Every row as wide as the page; a panel that shows one number is half as wide as a graph beside it."""
    found: list[dashboard.Panel | dashboard.RowPanel] = []
    y = 0
    for row in rows:
        heading = dashboard.GridPos(h=1, w=_COLUMNS, x=0, y=y)
        found.append(dashboard.RowPanel(title=row.title, grid_pos=heading, id_val=len(found) + 1))
        x, parts = 0, sum(1 if panel.number else 2 for panel in row.panels)
        for panel in row.panels:
            width = _COLUMNS * (1 if panel.number else 2) // parts
            place = dashboard.GridPos(h=_HEIGHT, w=width, x=x, y=y + 1)
            found.append(_panel(panel, len(found) + 1, place))
            x += width
        y += 1 + _HEIGHT
    return found


def _panel(panel: Panel, number: int, place: dashboard.GridPos) -> dashboard.Panel:
    letters = dict(zip(ascii_uppercase, panel.queries, strict=False))
    defaults = dashboard.FieldConfig(unit=panel.unit)
    if panel.steps:
        steps = [dashboard.Threshold(value, colour) for colour, value in panel.steps]
        defaults.thresholds = dashboard.ThresholdsConfig(dashboard.ThresholdsMode.ABSOLUTE, steps)
    options: stat.Options | timeseries.Options
    if panel.number:
        options = stat.Options(
            graph_mode=common.BigValueGraphMode.NONE,
            reduce_options=common.ReduceDataOptions(values=False, calcs=["lastNotNull"], fields=""),
        )
    else:
        style = common.GraphThresholdsStyleMode.DASHED if panel.steps else common.GraphThresholdsStyleMode.OFF
        stacking = common.StackingMode.NORMAL if panel.stacked else common.StackingMode.NONE
        defaults.min_val = 0
        defaults.custom = timeseries.FieldConfig(
            fill_opacity=10,
            show_points=common.VisibilityMode.NEVER,
            stacking=common.StackingConfig(stacking, "A"),
            thresholds_style=common.GraphThresholdsStyleConfig(style),
        )
        options = timeseries.Options(
            legend=common.VizLegendOptions(show_legend=True, calcs=["lastNotNull", "max"]),
            tooltip=common.VizTooltipOptions(common.TooltipDisplayMode.MULTI, common.SortOrder.DESCENDING),
        )
    return dashboard.Panel(
        type_val="stat" if panel.number else "timeseries",
        id_val=number,
        title=panel.title,
        description=panel.text,
        datasource=_SOURCE,
        grid_pos=place,
        targets=[_query(query, letter, instant=panel.number) for letter, query in letters.items()],
        options=options,
        field_config=dashboard.FieldConfigSource(
            defaults, [_drawn_as_limit(letter) for letter, query in letters.items() if query.limit]
        ),
    )


def _drawn_as_limit(letter: str) -> dashboard.DashboardFieldConfigSourceOverrides:
    style = {
        "color": dashboard.FieldColor(dashboard.FieldColorModeId.FIXED, "red"),
        "custom.lineStyle": common.LineStyle("dash", [10, 10]),
        "custom.fillOpacity": 0,
        "custom.stacking": common.StackingConfig(common.StackingMode.NONE, "A"),
    }
    return dashboard.DashboardFieldConfigSourceOverrides(
        matcher=dashboard.MatcherConfig("byFrameRefID", letter),
        properties=[dashboard.DynamicConfigValue(name, value) for name, value in style.items()],
    )


def _query(query: Query, letter: str, *, instant: bool = False, interval: str | None = None) -> prometheus.Dataquery:
    return prometheus.Dataquery(
        expr=query.expr,
        legend_format=query.legend,
        ref_id=letter,
        instant=instant,
        range_val=not instant,
        editor_mode=prometheus.QueryEditorMode.CODE,
        datasource=_SOURCE,
        interval=interval,
    )


def _variables(page: Page) -> list[dashboard.VariableModel]:
    environments = [
        dashboard.VariableOption(selected=number == 0, text=name, value=name)
        for number, name in enumerate(page.environments)
    ]
    return [
        dashboard.VariableModel(
            dashboard.VariableType.DATASOURCE,
            "datasource",
            label="Data source",
            query="prometheus",
        ),
        dashboard.VariableModel(
            dashboard.VariableType.CUSTOM,
            "environment",
            label="Environment",
            query=",".join(page.environments),
            options=environments,
            current=environments[0],
        ),
        dashboard.VariableModel(
            dashboard.VariableType.QUERY,
            "instance",
            label="Instance",
            query={"query": f"label_values({page.instances}, instance)", "refId": "instances"},
            datasource=_SOURCE,
            refresh=dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED,
            sort=dashboard.VariableSort.ALPHABETICAL_ASC,
            multi=True,
            include_all=True,
            all_value=".*",
            current=dashboard.VariableOption(selected=True, text=["All"], value=["$__all"]),
        ),
    ]


def _deployments(deployed: Query) -> dashboard.AnnotationQuery:
    return dashboard.AnnotationQuery(
        name="Deployments",
        datasource=_SOURCE,
        icon_color="blue",
        title_format=deployed.legend,
        # The legacy field `expr` is ignored since Grafana 10.
        target=_query(deployed, "Deployments", interval="1m"),
    )


def _tidy(whole: dict[str, Any]) -> Json:
    """Take out what the SDK writes and Grafana 10 does not know; later ones have the same defaults without it."""
    for part in [*whole["links"], *whole["annotations"]["list"]]:
        part.pop("placement")
    for variable in whole["templating"]["list"]:
        for name in ("allowCustomValue", "auto", "auto_count", "auto_min"):
            variable.pop(name)
    for panel in whole["panels"]:
        if panel["type"] == "stat":
            panel["options"].pop("percentChangeColorMode")
    return whole
