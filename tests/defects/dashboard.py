"""Defects of a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.defects.defect import Named, all_of
from tests.defects.edits import page, panel, query, renamed, variable, without_variable

_SERVICE: Final = r'service="[\w-]+"'
_CHOSEN: Final = r'environment=~"\$environment"'


_LINK: Final = {
    "asDropdown": False,
    "icon": "external link",
    "includeVars": False,
    "keepTime": False,
    "tags": [],
    "targetBlank": True,
    "title": "Runbook",
    "tooltip": "",
    "type": "link",
    "url": "https://git.example.org/runbook",
}


def _drawn(found: Any) -> Any:
    """How a panel draws its fields."""
    return found["fieldConfig"]["defaults"]


def _limit(found: Any) -> Any:
    """How a panel draws its limit."""
    return found["fieldConfig"]["overrides"][0]


_UNREADABLE: Final[Named] = {
    "a field's name is mistyped": (panel("Burn rate", renamed("gridPos", "gridpos")), "Burn rate gridpos"),
    "an option's name is mistyped": (
        panel("Burn rate", lambda one: renamed("showLegend", "showlegend")(one["options"]["legend"])),
        "Burn rate showlegend",
    ),
    "a style's name is mistyped": (
        panel("Burn rate", lambda one: _drawn(one)["custom"].update(fill=1)),
        'Burn rate "fill"',
    ),
    "an option has no value of its enumeration": (
        panel("Burn rate", lambda one: one["options"]["tooltip"].update(mode="all")),
        'Burn rate "all"',
    ),
    "thresholds in no mode that there is": (
        panel("Burn rate", lambda one: _drawn(one)["thresholds"].update(mode="exact")),
        'Burn rate "exact"',
    ),
    "a text for a number": (
        panel("Burn rate", lambda one: one["gridPos"].update(w="12")),
        "Burn rate 'string' 'number'",
    ),
    "a number for a text": (page(lambda whole: whole.update(refresh=60)), "refresh 'number' 'string"),
    "a panel of an unknown type": (panel("Burn rate", lambda one: one.update(type="graph")), 'Burn rate "graph"'),
    "a query's field is mistyped": (
        panel("Burn rate", lambda one: renamed("legendFormat", "legend")(one["targets"][0])),
        'Burn rate "legend"',
    ),
    "a query has no letter": (panel("Burn rate", lambda one: one["targets"][0].pop("refId")), "Burn rate 'refId'"),
    "a query has no expression": (panel("Burn rate", lambda one: one["targets"][0].pop("expr")), "Burn rate 'expr'"),
    "a field of the whole is mistyped": (page(renamed("timezone", "timeZone")), 'timeZone "timeZone"'),
    "a link has a field that only later versions know": (
        page(lambda whole: whole["links"].append({**_LINK, "placement": "inControlsMenu"})),
        'links "placement"',
    ),
    "a limit's style is mistyped": (
        panel("Processor", lambda one: _limit(one)["properties"][1].update(id="custom.lineStile")),
        "Processor lineStile",
    ),
    "a limit is drawn as nothing can be": (
        panel("Processor", lambda one: _limit(one)["properties"][1]["value"].update(fill="dashed")),
        'Processor "dashed"',
    ),
    "a limit is not found by its query": (
        panel("Processor", lambda one: _limit(one)["matcher"].update(id="byRefId")),
        'Processor "byRefId"',
    ),
}
"""Grafana would not read it."""

_UNUSABLE: Final[Named] = {
    "a panel has no name": (panel("Burn rate", lambda one: one.pop("title")), "panel 4"),
    "two queries have one letter": (
        panel("Quantiles", lambda one: one["targets"][1].update(refId="A")),
        "Quantiles refId 'A'",
    ),
    "two panels have one number": (panel("Burn rate", lambda one: one.update(id=3)), "Burn rate id 3"),
    "another dashboard's uid": (page(lambda whole: whole.update(uid="svc-somebody-else")), "uid svc-somebody-else"),
    "a unit that there is not": (
        panel("Quantiles", lambda one: _drawn(one).update(unit="secs")),
        "Quantiles unit 'secs'",
    ),
    "a variable is missing": (without_variable("instance"), "Quantiles $instance"),
    "a variable has no name": (variable("instance", lambda one: one.pop("name")), "variable name"),
    "a variable's name is mistyped": (
        query("Burn rate", r"\$environment", "$enviroment"),
        "Burn rate $enviroment",
    ),
    "a data source that nobody chose": (
        panel("Quantiles", lambda one: one["targets"][0]["datasource"].update(uid="${source}")),
        "Quantiles ${source}",
    ),
}
"""Grafana would read it, and nobody could use it."""

_UNANSWERED: Final[Named] = {
    "a metric's name is mistyped": (
        query("Quantiles", "_duration_seconds", "_duration_milliseconds", 2),
        "Quantiles _duration_milliseconds",
    ),
    "a metric's name is mistyped where nothing is an answer too": (
        query("Failed", r"^(\(sum\(rate\(\w+)_count", r"\1_total"),
        "Failed _duration_seconds_total",
    ),
    "PromQL does not parse": (query("Failed", r"^\(sum\(", "(sum(("), "Failed parse error"),
    "an unknown function": (query("Burn rate", r"rate\(", "rates("), "Burn rate rates"),
    "another service": (query("Memory", _SERVICE, 'service="somebody-else"'), "Memory somebody-else"),
    "an environment that there is not": (query("Replicas", _CHOSEN, 'environment="stagging"'), "Replicas stagging"),
    "a limit that nobody records": (
        query("Processor", "cpu_limit:cores", "cpu_limit:millicores", 1),
        "Processor tier:cpu_limit:millicores",
    ),
    "quantiles without buckets": (query("Quantiles", r"sum by \(le\) ", "sum "), "Quantiles no data"),
    "a bucket that there is not": (
        query("Latency: budget left", r'le=~?"[^"]+"', 'le="0.3"'),
        'Latency: budget left le="0.3"',
    ),
    "a rate over less than two scrapes": (query("Failed", r"\[\$__rate_interval\]", "[30s]"), "Failed no data"),
    "a legend has a label that is aggregated away": (
        query("Processor", r"sum by \(instance\) ", "sum "),
        "Processor {{instance}}",
    ),
    "a variable's query finds nothing": (
        variable("instance", lambda one: one["query"].update(query="label_values(ups, instance)")),
        "variable instance",
    ),
    "an annotation does not parse": (
        page(lambda whole: whole["annotations"]["list"][0]["target"].update(expr="changes(")),
        "Deployments parse error",
    ),
}
"""Prometheus would not answer, or with nothing."""

_UNTRUE: Final[Named] = {
    "a budget ten times too large": (
        query("Availability: budget left", r"/ (0[.]\d+)$", r"/ (10 * \1)"),
        "Availability: budget left",
    ),
    "a promise that is always kept": (query("Latency: budget left", "(?s).+", "vector(1)"), "Latency: budget left"),
    "another panel's limit": (query("Memory", "memory_limit:bytes", "cpu_limit:cores", 1), "Memory limit"),
    "an environment that nobody chose": (
        query("Replicas", _CHOSEN, 'environment="production"', 2),
        "Replicas limit",
    ),
}
"""Prometheus would answer, and it is not so."""

_LAYERS: Final[Mapping[str, Named]] = {
    "types": _UNREADABLE,
    "form": _UNUSABLE,
    "queries": _UNANSWERED,
    "truth": _UNTRUE,
}

DEFECTS: Final = tuple(all_of("dashboard", _LAYERS))
