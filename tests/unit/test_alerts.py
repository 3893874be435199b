"""The renderer `alerts`: what it refuses, and what is in every rule. What rules do is in the golden path's tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from platformctl.document import first_problem
from platformctl.errors import BadConfig, BadInput, BadRecipe, Failure
from platformctl.renderers.alerts import Alerts
from platformctl.renderers.slo import FAST, SLOW

SIGNALS: dict[str, Any] = {
    "event": "requests",
    "duration": "http_server_request_duration_seconds",
    "failed": {"label": "http_response_status_code", "matches": "5.."},
}
BACKLOG = {"waiting": "queue_messages", "oldest": "queue_oldest_seconds"}
GIVEN: dict[str, Any] = {
    "signals": SIGNALS,
    "service": "payments-api",
    "team": "payments",
    "environment": "staging",
    "tier": "standard",
    "slo": {"availability": 99.9, "seconds": 0.5},
    "limits": {"cpu_limit_millicores": 500, "memory_limit_mebibytes": 256, "max_replicas": 6},
    "links": {"runbook": "https://git.example.org/runbook", "dashboard": "https://grafana.example.org/d/x"},
    "paging": "env:PAYMENTS",
}


def render(**more: Any) -> dict[str, str]:
    inputs = {**GIVEN, **more}
    assert first_problem(Alerts.INPUTS, inputs) is None
    return {path: file.content.decode() for path, file in Alerts(Path()).render(inputs).items()}


def rules(**more: Any) -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(render(**more)["rules.yml"])["groups"] for rule in group["rules"]]


def slo(**more: Any) -> dict[str, Any]:
    return {"slo": {**GIVEN["slo"], **more}}


REFUSED: dict[str, tuple[dict[str, Any], type[Failure], str]] = {
    "everything": (slo(availability=100), BadInput, "slo.availability: 100 % leaves no budget to alert on"),
    "more than everything": (slo(availability=100.5), BadInput, "slo.availability: 100.5 % leaves no budget"),
    "almost everything in time": (slo(share=100), BadInput, "slo.share: 100 % leaves no budget"),
    "hardly anything": (
        slo(availability=83.34),
        BadInput,
        "not even a full outage would page. Promise more than 83.34",
    ),
    "less than one event may fail": (
        {"events_per_day": 10},
        BadInput,
        "slo.availability: 99.9 % of the 300 requests that are expected in 30 days leaves a budget of 0.3: less than "
        "one. Promise at most 99.666",
    ),
    "less than one event may be slow": (
        {**slo(availability=90), "events_per_day": 3},
        BadInput,
        "slo.share: 99 % of the 90 requests that are expected in 30 days leaves a budget of 0.9: less than one. "
        "Promise at most 98.888",
    ),
    "hardly any events": ({"events_per_day": 0.1}, BadInput, "So few requests cannot be promised about"),
    "nobody to page": (
        {"paging": ""},
        BadConfig,
        "team payments has no paging reference. Under `teams:` in platform.yaml, give payments `paging: env:NAME`",
    ),
    "a backlog without a promise": (
        {"signals": {**SIGNALS, "backlog": BACKLOG}},
        BadRecipe,
        "signals with a backlog need slo.waiting_seconds",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_alerted_on_is_one_clear_line(case: str) -> None:
    more, kind, line = REFUSED[case]
    with pytest.raises(kind) as refused:
        render(**more)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


SCHEMA: dict[str, tuple[dict[str, Any], str]] = {
    "a metric with a dot": ({"signals": {**SIGNALS, "duration": "http.duration"}}, "'http.duration' is not allowed"),
    "a metric with code": ({"signals": {**SIGNALS, "duration": 'a"} or up'}}, "signals.duration"),
    "a label with a dot": (
        {"signals": {**SIGNALS, "failed": {"label": "http.status", "matches": "5.."}}},
        "'http.status' is not allowed: a label name that Prometheus takes",
    ),
    "a label of Prometheus' own": (
        {"signals": {**SIGNALS, "failed": {"label": "__name__", "matches": "5.."}}},
        "a label name that Prometheus takes",
    ),
    "a service's name with code": ({"service": 'x"} or up'}, "service"),
    "no promise": (slo(availability=0), "slo.availability"),
    "no limits": ({"limits": {}}, "limits: 'cpu_limit_millicores' is missing"),
    "no replica": (
        {"limits": {**GIVEN["limits"], "max_replicas": 0}},
        "limits.max_replicas",
    ),
    "no runbook": ({"links": {"runbook": "", "dashboard": "x"}}, "links.runbook: it must not be empty"),
}


@pytest.mark.parametrize("case", SCHEMA)
def test_what_the_schema_refuses_is_named(case: str) -> None:
    more, line = SCHEMA[case]
    problem = first_problem(Alerts.INPUTS, {**GIVEN, **more})
    assert problem is not None and line in problem[1]


def test_a_key_in_the_place_of_a_reference_is_not_repeated() -> None:
    key = "0123456789abcdef0123456789abcdef"
    problem = first_problem(Alerts.INPUTS, {**GIVEN, "paging": key})
    assert problem is not None and key not in problem[1] and "env:NAME" in problem[1]


@pytest.mark.parametrize("accepted", [slo(availability=99.999), slo(availability=84), {"events_per_day": 34}])
def test_what_can_be_alerted_on_is_accepted(accepted: dict[str, Any]) -> None:
    assert render(**accepted)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "é ☕ \U0001f600",
        "a: b # c",
        "\\ \" ' {{ x }}",
        "a\nb",
        "a\u2028b\u0085",
        "\t\x7f\ufeff",
        "- ! & *",
        "x " * 99,
    ],
)
def test_the_bytes_do_not_depend_on_libyaml(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes five times faster, and PyYAML's own emitter stands in where it is missing."""
    links = {"links": {"runbook": text, "dashboard": text}}
    faster = render(**links)
    monkeypatch.delattr(yaml, "CSafeDumper")
    assert render(**links) == faster


def test_every_alert_says_whose_it_is_how_bad_and_where_to_look() -> None:
    alerts = [
        rule for rule in rules(signals={**SIGNALS, "backlog": BACKLOG}, **slo(waiting_seconds=60)) if "alert" in rule
    ]
    assert len(alerts) == 11
    for alert in alerts:
        labels, texts = alert["labels"], alert["annotations"]
        assert labels.items() >= {"service": "payments-api", "team": "payments", "environment": "staging"}.items()
        assert labels["severity"] in ("critical", "warning")
        assert ("slo" in labels) == ("Budget" in alert["alert"])
        assert {*texts} == {"summary", "description", "runbook_url", "dashboard_url"}
        assert texts["summary"].startswith("payments-api in staging: ")
        assert any(digit in texts["description"] for digit in "0123456789") or "a day" in texts["description"]


def test_every_series_is_selected_by_service_and_environment() -> None:
    for rule in rules(signals={**SIGNALS, "backlog": BACKLOG}, **slo(waiting_seconds=60)):
        selectors = rule["expr"].count("{")
        assert selectors == rule["expr"].count('{service="payments-api",environment="staging"'), rule


BUDGETS = {99.9: "0.001", 99.999: "0.00001", 99.95: "0.0005", 90: "0.1", 99.7: "0.003"}


@pytest.mark.parametrize("percent", BUDGETS)
def test_budgets_are_exact(percent: float) -> None:
    records = {
        rule["record"]: rule["expr"]
        for rule in rules(**slo(availability=percent))
        if "record" in rule and rule["labels"].get("slo") == "availability"
    }
    assert records["slo:error_budget:ratio"] == f"vector({BUDGETS[percent]})"
    assert Decimal(records["slo:objective:ratio"][7:-1]) * 100 == Decimal(str(percent))
    assert not any("e-" in expr for expr in records.values())


RECORDED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "a tier's": (
        GIVEN["limits"],
        {
            "tier:cpu_limit:cores": "vector(0.5)",
            "tier:memory_limit:bytes": "vector(268435456)",
            "tier:max_replicas:count": "vector(6)",
        },
    ),
    "no number of replicas": (
        {"cpu_limit_millicores": 1000, "memory_limit_mebibytes": 1024},
        {"tier:cpu_limit:cores": "vector(1)", "tier:memory_limit:bytes": "vector(1073741824)"},
    ),
    "numbers that binary has not": (
        {"cpu_limit_millicores": 1100.1, "memory_limit_mebibytes": 0.5, "max_replicas": 100, "min_replicas": 2},
        {
            "tier:cpu_limit:cores": "vector(1.1001)",
            "tier:memory_limit:bytes": "vector(524288)",
            "tier:max_replicas:count": "vector(100)",
        },
    ),
}


@pytest.mark.parametrize("case", RECORDED)
def test_limits_are_recorded_exactly(case: str) -> None:
    limits, expected = RECORDED[case]
    found = [rule for rule in rules(limits=limits) if rule.get("record", "").startswith("tier:")]
    assert {rule["record"]: rule["expr"] for rule in found} == expected
    assert all(rule["labels"] == {"service": "payments-api", "environment": "staging"} for rule in found)


def test_burn_rates_spend_what_the_workbook_says() -> None:
    """Of the budget for 30 days: 2 % in 1 hour, 5 % in 6 hours, 10 % in 1 day, 10 % in 3 days."""
    hours = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}
    spent = [burn.factor * hours[burn.long] / (30 * 24) for burn in (*FAST, *SLOW)]
    assert spent == [Decimal("0.02"), Decimal("0.05"), Decimal("0.1"), Decimal("0.1")]


def test_no_threshold_is_more_than_all_events() -> None:
    (fast,) = [rule for rule in rules(**slo(availability=90)) if rule.get("alert") == "AvailabilityBudgetBurnsFast"]
    assert "> 0.6 " in fast["expr"] and "> 1.44" not in fast["expr"]


TEXTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "runbook": lambda text: {"links": {"runbook": text, "dashboard": "x"}},
    "dashboard": lambda text: {"links": {"runbook": "x", "dashboard": text}},
}


@pytest.mark.parametrize("place", TEXTS)
@pytest.mark.parametrize(
    "text", ["{{ 7 }}", "{{{{", "a: b # c", "- x", "'\"\\", "é\u2028\x85", "a\nb\r", "${{ x }}", "yes"]
)
def test_text_is_never_a_template_or_yaml(text: str, place: str) -> None:
    found = {rule["annotations"][f"{place}_url"] for rule in rules(**TEXTS[place](text)) if "alert" in rule}
    assert [url.replace('{{ "{{" }}', "{{") for url in found] == [text]
    assert all("{{" not in url.replace('{{ "{{" }}', "") for url in found)


def test_routing_says_whose_pager_it_is() -> None:
    assert json.loads(render()["routing.json"]) == {
        "matchers": {"service": "payments-api", "environment": "staging"},
        "receiver": "pagerduty-payments",
        "paging": "env:PAYMENTS",
    }


def test_the_same_inputs_give_the_same_bytes() -> None:
    reordered = {
        name: dict(reversed(value.items())) if isinstance(value, dict) else value for name, value in GIVEN.items()
    }
    assert render() == render(**dict(reversed(reordered.items())))
