"""Dashboards hold in Grafana 10 to 13, and show what is true, for services that answer requests and that take messages.

No Grafana is at hand. So its own types check the form (A), and a real Prometheus answers the queries over known samples
(B). Broken dashboards show what each of them sees. What neither sees is how it looks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from platformctl.renderers.dashboard import Dashboard
from tests.grafana import queries, types
from tests.prometheus import STEP, Prometheus, Refused, Value, running

PATHS = Path(__file__).parents[2]
BEGIN, LENGTH = 1_767_225_600.0, 7200.0
"""The first of January 2026, two hours."""
END = BEGIN + LENGTH

KINDS: dict[str, dict[str, Any]] = {
    "service": {
        "signals": {
            "event": "requests",
            "duration": "http_server_request_duration_seconds",
            "failed": {"label": "http_response_status_code", "matches": "5.."},
            "by": ["http_route"],
        },
        "service": "payments-api",
        "description": 'Takes "payments" & ${datasource}',
        "team": "payments",
        "tier": "standard",
        "environments": ["staging", "production"],
        "slo": {"availability": 99.9, "seconds": 0.5},
        "saturation": [{"metric": "http_server_active_requests", "title": "In progress", "unit": "short"}],
        "links": {"repository": "https://git.example.org/a", "runbook": "https://docs.example.org/$x"},
    },
    "worker": {
        "signals": {
            "event": "messages",
            "duration": "messaging_process_duration_seconds",
            "failed": {"label": "error_type", "matches": ".+"},
            "backlog": {"waiting": "messaging_queue_messages", "oldest": "messaging_queue_oldest_message_age_seconds"},
        },
        "service": "mailer",
        "team": "post",
        "tier": "batch",
        "environments": ["staging"],
        "slo": {"availability": 99, "seconds": 1, "share": 95, "waiting_seconds": 60},
    },
}
DASHBOARDS = {kind: json.loads(Dashboard().render(given)["dashboard.json"].content) for kind, given in KINDS.items()}


LIMITS = {"tier:cpu_limit:cores": 0.5, "tier:memory_limit:bytes": 2.0**28, "tier:max_replicas:count": 6}
"""What the rules of an environment record; named here, so that the dashboard's names are not tested by themselves."""


def steadily(each: float) -> Value:
    """A counter that grows by so much with every sample."""
    return lambda seconds: each * seconds / STEP


def always(value: float) -> Value:
    """A gauge that does not move."""
    return lambda seconds: value


def between(first: float, last: float) -> Value:
    """1 from one moment to another."""
    return lambda seconds: 1.0 if first <= seconds < last else None


def series(service: str, environment: str, scale: float) -> Iterator[tuple[str, Value]]:
    """What two instances show: 120 events a minute each, one in sixty fails, one in fifty takes over half a second."""
    duration = KINDS[service]["signals"]["duration"]
    well, ill = {
        "service": (
            'http_route="/pay",http_response_status_code="200"',
            'http_route="/pay",http_response_status_code="500"',
        ),
        "worker": ('error_type=""', 'error_type="timeout"'),
    }[service]
    gauges = {
        "process_resident_memory_bytes": 1e8,
        "up": 1,
        "http_server_active_requests": 3,
        "messaging_queue_messages": 7,
        "messaging_queue_oldest_message_age_seconds": 42,
    }
    name = KINDS[service]["service"]
    for record, limit in LIMITS.items():
        yield f'{record}{{service="{name}",environment="{environment}"}}', always(limit * scale)
    for instance in ("10.0.0.1:8080", "10.0.0.2:8080"):
        own = f'service="{name}",environment="{environment}",instance="{instance}"'
        for labels, count in ((well, 59 * scale), (ill, scale)):
            for bound, share in (("0.1", 0.98), ("0.5", 0.98), ("1.0", 1), ("+Inf", 1)):
                yield f'{duration}_bucket{{{own},{labels},le="{bound}"}}', steadily(count * share)
            yield f"{duration}_count{{{own},{labels}}}", steadily(count)
        yield f"process_cpu_seconds_total{{{own}}}", steadily(3 * scale)
        for gauge, value in gauges.items():
            yield f"{gauge}{{{own}}}", always(value * scale if gauge != "up" else value)
        yield f'service_build_info{{{own},version="1"}}', between(0, LENGTH / 2)
        yield f'service_build_info{{{own},version="2"}}', between(LENGTH / 2, LENGTH + 1)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It also knows the same services elsewhere, with other numbers that must not get in."""
    known = dict(series("service", "staging", 1)) | dict(series("worker", "staging", 1))
    known |= dict(series("service", "production", 50)) | dict(series("worker", "production", 50))
    ordered = {name: known[name] for name in sorted(known, key=lambda name: (name.partition("{")[0], name))}
    with running(ordered, BEGIN, LENGTH, tmp_path_factory.mktemp("prometheus")) as one:
        yield one


EXPECTED: dict[str, dict[str, dict[str, float]]] = {
    "service": {
        "Availability: budget left": {"Availability": 1 - 1 / 60 / 0.001},
        "Latency: budget left": {"Latency": -1},
        "Burn rate": {
            "Availability, 1h": 1 / 60 / 0.001,
            "Availability, 6h": 1 / 60 / 0.001,
            "Latency, 1h": 2,
            "Latency, 6h": 2,
        },
        "Quantiles": {"50 %": 0.1 * 0.5 / 0.98, "90 %": 0.1 * 0.9 / 0.98, "99 %": 0.75},
        "Within 0.5 s": {"in time": 0.98},
        "99 % by http_route": {"/pay": 0.75},
        "By http_route": {"/pay": 4},
        "By http_response_status_code": {"200": 4 * 59 / 60, "500": 4 / 60},
        "Failed": {"failed": 1 / 60},
        "Failed by http_response_status_code, http_route": {"500 /pay": 4 / 60},
        "Processor": {"10.0.0.1:8080": 0.1, "10.0.0.2:8080": 0.1, "limit": 0.5},
        "Memory": {"10.0.0.1:8080": 1e8, "10.0.0.2:8080": 1e8, "limit": 2**28},
        "Replicas": {"2": 2, "not answering": 0, "limit": 6},
        "In progress": {"10.0.0.1:8080": 3, "10.0.0.2:8080": 3},
    },
    "worker": {
        "Availability: budget left": {"Availability": 1 - 1 / 60 / 0.01},
        "Latency: budget left": {"Latency": 1},
        "Burn rate": {
            "Availability, 1h": 1 / 60 / 0.01,
            "Availability, 6h": 1 / 60 / 0.01,
            "Latency, 1h": 0,
            "Latency, 6h": 0,
        },
        "Waiting": {"waiting": 7},
        "Oldest": {"oldest": 42},
        "Quantiles": {"50 %": 0.1 * 0.5 / 0.98, "90 %": 0.1 * 0.9 / 0.98, "99 %": 0.75},
        "Within 1 s": {"in time": 1},
        "By error_type": {"": 4 * 59 / 60, "timeout": 4 / 60},
        "Failed": {"failed": 1 / 60},
        "Failed by error_type": {"timeout": 4 / 60},
        "Processor": {"10.0.0.1:8080": 0.1, "10.0.0.2:8080": 0.1, "limit": 0.5},
        "Memory": {"10.0.0.1:8080": 1e8, "10.0.0.2:8080": 1e8, "limit": 2**28},
        "Replicas": {"2": 2, "not answering": 0, "limit": 6},
    },
}


def untrue(page: Any, kind: str, prometheus: Prometheus) -> list[str]:
    """The panels that show something else than what the samples say, or that are missing."""
    found: dict[str, dict[str, float]] = {}
    for title, query in queries.queries(page):
        if title != "Deployments":
            found.setdefault(title, {}).update(shown(query, "staging", ".*", prometheus))
    expected = EXPECTED[kind]
    return [
        f"{title} shows {found.get(title)}"
        for title in expected.keys() | found.keys()
        if found.get(title) != pytest.approx(expected.get(title, {}), rel=1e-6, abs=1e-9)
    ]


def shown(query: Mapping[str, Any], environment: str, instance: str, prometheus: Prometheus) -> dict[str, float]:
    """The last value of each series, by the name that the legend gives it; none where Prometheus refuses."""
    variables = {**queries.BUILT_IN, "environment": environment, "instance": instance}
    try:
        values = prometheus.at(queries.interpolated(query.get("expr", ""), variables), END)
    except Refused:
        return {}
    named: dict[str, float] = {}
    for labels, value in values.items():
        name = query["legendFormat"]
        for label in re.findall(r"\{\{(\w+)\}\}", name):
            name = name.replace(f"{{{{{label}}}}}", dict(labels).get(label, ""))
        assert name not in named, f"two series are called {name!r}"
        named[name] = value
    return named


@pytest.mark.parametrize("kind", KINDS)
def test_every_panel_shows_what_is_true(kind: str, prometheus: Prometheus) -> None:
    assert untrue(DASHBOARDS[kind], kind, prometheus) == []


def test_environment_and_instance_can_be_chosen(prometheus: Prometheus) -> None:
    by_title = dict(queries.queries(DASHBOARDS["service"]))
    one = shown(by_title["By http_route"], "staging", "(10.0.0.1:8080)", prometheus)
    assert one == pytest.approx({"/pay": 2})
    assert shown(by_title["By http_route"], "production", ".*", prometheus) == pytest.approx({"/pay": 200})
    # Of a panel's queries, the last one is left: the limit, which holds whatever instance is chosen.
    assert shown(by_title["Processor"], "staging", "(10.0.0.1:8080)", prometheus) == {"limit": 0.5}
    assert shown(by_title["Processor"], "production", "(10.0.0.1:8080)", prometheus) == {"limit": 25}


@pytest.mark.parametrize("kind", KINDS)
def test_a_deployment_is_marked_once(kind: str, prometheus: Prometheus) -> None:
    (query,) = (query for title, query in queries.queries(DASHBOARDS[kind]) if title == "Deployments")
    expr = queries.interpolated(query["expr"], {**queries.BUILT_IN, "environment": "staging"})
    marks = prometheus.over(expr, BEGIN + 600, END, 60)
    assert {labels: list(values) for labels, values in marks.items()} == {(("version", "2"),): [BEGIN + LENGTH / 2]}


@pytest.mark.parametrize("kind", KINDS)
def test_the_services_have_these_metrics(kind: str) -> None:
    """Names that are in a query are in the code of the templates, recorded, or every client library has them."""
    folders = [PATHS / path / "1.0.0" / "template" / "python" for path in ("base", kind)]
    code = "".join(file.read_text() for folder in folders for file in folder.rglob("*.py"))
    for _, query in queries.queries(DASHBOARDS[kind]):
        for name in re.findall(r"([\w:]+)\{", query["expr"]):
            plain = re.sub("_(bucket|count)$", "", name)
            assert f'"{plain}"' in code or plain == "up" or plain.startswith("process_") or plain in LIMITS, plain


Break = Callable[[Any], None]


def first(dashboard: Any, kind: str = "timeseries") -> Any:
    """The first panel of a type."""
    return next(panel for panel in dashboard["panels"] if panel["type"] == kind)


def limited(dashboard: Any, title: str = "Processor") -> Any:
    """A panel with a limit."""
    return next(panel for panel in dashboard["panels"] if panel["title"] == title)


def replace(dashboard: Any, old: str, new: str, query: Any = None) -> None:
    """Replace a text in a query, the first graph's first one if it is not said which."""
    query = query or first(dashboard)["targets"][0]
    assert old in query["expr"]
    query["expr"] = query["expr"].replace(old, new, 1)


BROKEN: dict[str, tuple[str, Break]] = {
    "a field's name mistyped": ("A", lambda page: first(page).update(gridpos={})),
    "an option's name mistyped": ("A", lambda page: first(page)["options"]["legend"].update(showlegend=True)),
    "a style's name mistyped": ("A", lambda page: first(page)["fieldConfig"]["defaults"]["custom"].update(fill=1)),
    "no value of an enumeration": ("A", lambda page: first(page)["options"]["tooltip"].update(mode="all")),
    "no value of a thresholds' mode": (
        "A",
        lambda page: first(page)["fieldConfig"]["defaults"]["thresholds"].update(mode="exact"),
    ),
    "a text for a number": ("A", lambda page: first(page)["gridPos"].update(w="12")),
    "a number for a text": ("A", lambda page: page.update(refresh=60)),
    "a panel of no type": ("A", lambda page: first(page).update(type="graph")),
    "a query's field mistyped": ("A", lambda page: first(page)["targets"][0].update(legend="x")),
    "a query without a letter": ("A", lambda page: first(page)["targets"][0].pop("refId")),
    "a query without an expression": ("AB", lambda page: first(page)["targets"][0].pop("expr")),
    "a variable without a name": ("AB", lambda page: page["templating"]["list"][2].pop("name")),
    "a link with the SDK's field": ("A", lambda page: page["links"][0].update(placement="inControlsMenu")),
    "a metric that nobody has": ("B", lambda page: replace(page, "duration_seconds", "duration_milliseconds")),
    "a label value that nobody has": ("B", lambda page: replace(page, "payments-api", "payment-api")),
    "a budget ten times too large": ("B", lambda page: replace(page, "/ 0.001", "/ 0.01")),
    "a promise that is always kept": ("B", lambda page: first(page, "stat")["targets"][0].update(expr="vector(1)")),
    "PromQL that does not parse": ("B", lambda page: replace(page, "sum(", "sum((")),
    "an unknown function": ("B", lambda page: replace(page, "rate(", "rates(")),
    "an unknown variable": ("B", lambda page: replace(page, "$environment", "$enviroment")),
    "a recorded series that nobody records": (
        "B",
        lambda page: replace(page, "cpu_limit:cores", "cpu_limit:millicores", limited(page)["targets"][1]),
    ),
    "another panel's limit": (
        "B",
        lambda page: replace(page, "memory_limit:bytes", "cpu_limit:cores", limited(page, "Memory")["targets"][1]),
    ),
    "another environment's limit": (
        "B",
        lambda page: replace(page, "$environment", "production", limited(page, "Replicas")["targets"][2]),
    ),
    "a limit's style mistyped": (
        "A",
        lambda page: limited(page)["fieldConfig"]["overrides"][0]["properties"][1].update(id="custom.lineStile"),
    ),
    "no value of a limit's style": (
        "A",
        lambda page: limited(page)["fieldConfig"]["overrides"][0]["properties"][1]["value"].update(fill="dashed"),
    ),
    "a limit that is not found by its query": (
        "A",
        lambda page: limited(page)["fieldConfig"]["overrides"][0]["matcher"].update(id="byRefId"),
    ),
    "an unknown unit": ("B", lambda page: first(page)["fieldConfig"]["defaults"].update(unit="secs")),
    "a data source that nobody chose": (
        "B",
        lambda page: first(page)["targets"][0].update(datasource={"type": "prometheus", "uid": "${source}"}),
    ),
    "a variable's query that finds nothing": (
        "B",
        lambda page: page["templating"]["list"][2]["query"].update(query="label_values(ups, instance)"),
    ),
    "an annotation that does not parse": (
        "B",
        lambda page: page["annotations"]["list"][0]["target"].update(expr="changes("),
    ),
}
"""What is broken, and which of the checks see it."""


def broken(name: str) -> Any:
    """The service's dashboard, broken."""
    page = deepcopy(DASHBOARDS["service"])
    BROKEN[name][1](page)
    return page


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the types say about all dashboards, the whole and the broken."""
    pages = DASHBOARDS | {name: broken(name) for name in BROKEN}
    return types.complaints(pages, tmp_path_factory.mktemp("types"))


@pytest.mark.parametrize("kind", KINDS)
def test_grafanas_own_types_take_it(kind: str, typed: dict[str, list[str]]) -> None:
    assert typed.get(kind, []) == []


@pytest.mark.parametrize("kind", KINDS)
def test_prometheus_answers_every_query(kind: str, prometheus: Prometheus) -> None:
    assert queries.complaints(DASHBOARDS[kind], prometheus, BEGIN + 600, END) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_is_caught(name: str, typed: dict[str, list[str]], prometheus: Prometheus) -> None:
    page = broken(name)
    answers = queries.complaints(page, prometheus, BEGIN + 600, END) + untrue(page, "service", prometheus)
    seen = {"A": typed.get(name, []), "B": answers}
    assert "".join(check for check, found in seen.items() if found) == BROKEN[name][0], seen
    assert not seen["A"] or any(complaint.startswith("Grafana 10:") for complaint in seen["A"])
