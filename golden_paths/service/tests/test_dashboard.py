"""Dashboards of other promises than the golden paths' own are right too, and services show what dashboards ask for.

What is looked at in a dashboard, and what is found when one is wrong, is in golden_paths/tests/test_monitoring.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import made
import pytest

from platformctl.renderers.dashboard import Dashboard
from tests.checker import Finding, form, queries, samples, truth
from tests.checker.promise import SERVICE, WORKER, Promise
from tests.grafana import types
from tests.prometheus import Prometheus, running, stored

PATHS: Final = Path(__file__).parents[2]
BEGIN: Final = 1_767_225_600.0
END: Final = BEGIN + samples.LENGTH
"""Two hours on the first of January 2026."""
SETTLED: Final = BEGIN + 607
"""From here on everything has a rate; it lies between two scrapes."""

PROMISES: Final[Mapping[str, Promise]] = {
    "service": replace(SERVICE, signals={**SERVICE.signals, "by": ["http_route"]}, by={"http_route": "/pay"}),
    "worker": replace(
        WORKER,
        service="mailer",
        signals={name: signal for name, signal in WORKER.signals.items() if name != "by"},
        slo={"availability": 99, "seconds": 1, "share": 95, "waiting_seconds": 60},
        failed="timeout",
        by={},
        team="post",
    ),
}
MORE: Final[Mapping[str, Mapping[str, Any]]] = {
    "service": {
        "description": 'Takes "payments" & ${datasource}',
        "tier": "standard",
        "environments": ["staging", "production"],
        "saturation": [{"metric": "http_server_active_requests", "title": "In progress", "unit": "short"}],
        "links": {"repository": "https://git.example.org/a", "runbook": "https://docs.example.org/$x"},
    },
    "worker": {"tier": "batch", "environments": ["staging"]},
}
"""What else a dashboard is made from."""


def dashboard(kind: str) -> Any:
    promise = PROMISES[kind]
    given = {"signals": promise.signals, "service": promise.service, "team": promise.team, "slo": promise.slo}
    return json.loads(Dashboard().render({**given, **MORE[kind]})["dashboard.json"].content)


DASHBOARDS: Final = {kind: dashboard(kind) for kind in PROMISES}
every_kind = pytest.mark.parametrize("kind", PROMISES)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It knows the services of both kinds."""
    known = {name: value for promise in PROMISES.values() for name, value in samples.series(promise)}
    data = stored(known, BEGIN, samples.LENGTH, tmp_path_factory.mktemp("data"))
    with running(data, tmp_path_factory.mktemp("prometheus")) as one:
        yield one


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Finding]]:
    """What Grafana's types do not allow."""
    return types.findings(DASHBOARDS, tmp_path_factory.mktemp("types"))


@every_kind
def test_nothing_is_wrong(kind: str, typed: Mapping[str, list[Finding]], prometheus: Prometheus) -> None:
    page, promise = DASHBOARDS[kind], PROMISES[kind]
    assert typed.get(kind, []) == []
    assert [*form.findings(page, promise)] == []
    assert [*queries.findings(page, prometheus, SETTLED, END)] == []
    for environment in samples.ENVIRONMENTS:
        assert [*truth.findings(page, promise, prometheus, END, environment)] == []


def test_environment_and_instance_can_be_chosen(prometheus: Prometheus) -> None:
    one, by_title = f"({samples.INSTANCES[0]})", dict(form.queries(DASHBOARDS["service"]))
    for environment, events, limit in (("staging", 2, 0.5), ("production", 100, 25)):
        shown = truth.shown(by_title["By http_route"], environment, one, prometheus, END)
        assert shown == pytest.approx({"/pay": events})
        # Of a panel's queries, the last one is left: the limit, which holds whatever instance is chosen.
        assert truth.shown(by_title["Processor"], environment, one, prometheus, END) == {"limit": limit}


@every_kind
def test_a_deployment_is_marked_once(kind: str, prometheus: Prometheus) -> None:
    (query,) = (query for title, query in form.queries(DASHBOARDS[kind]) if title == "Deployments")
    expr = form.interpolated(query["expr"], {**form.BUILT_IN, "environment": "staging"})
    marks = prometheus.over(expr, BEGIN + 600, END, 60)
    deployed = BEGIN + samples.LENGTH / 2
    assert {labels: list(values) for labels, values in marks.items()} == {(("version", "2"),): [deployed]}


@every_kind
def test_the_services_have_these_metrics(kind: str) -> None:
    """Names that are in a query are in the code of the templates, recorded, or every client library has them."""
    (folders,) = (step.folders for step in made.WIRING.recipe(kind).steps if step.id == "scaffold")
    code = "".join(file.read_text() for folder in folders for file in folder.glob("template/python/**/*.py"))
    for _, query in form.queries(DASHBOARDS[kind]):
        for name in re.findall(r"([\w:]+)\{", query["expr"]):
            plain = re.sub("_(bucket|count)$", "", name)
            known = plain == "up" or plain.startswith("process_") or plain in PROMISES[kind].limits
            assert known or f'"{plain}"' in code, plain
