"""Alerts that should come do, those that should not do not, and they reach the right pager: on Prometheus' and
Alertmanager's own tools, with scenarios from alerts.yaml. What was made wrong on purpose is caught by the same checks.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from tests.pagerduty import PagerDuty, pagerduty

from platformctl.backends.alerting.files import AlertingFiles
from platformctl.config import Config
from platformctl.home import Home
from platformctl.model import Owner
from platformctl.renderers.alerts import Alerts
from platformctl.wiring import Wiring
from tests.alertmanager import alertmanager
from tests.debian import tool
from tests.scenario import Situation

DATA: Final[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("alerts.yaml").read_text(encoding="utf-8"))
SCENARIOS: Final[dict[str, Any]] = DATA["scenarios"]
MINE: Final = {"service": "payments-api", "environment": "staging"}
TEAM: Final = "payments"
LINKS: Final = {"runbook": "https://git.example.org/runbook", "dashboard": "https://grafana.example.org/d/x"}
WIRING: Final = Wiring(Config({"golden_paths": [str(Path(__file__).parents[2])]}, None), Home(Path(os.devnull)))
NEIGHBOURS: Final = ({**MINE, "environment": "production"}, {**MINE, "service": "payments-ap"})
TROUBLE: Final = {
    "events": 100,
    "failed": 100,
    "slow": 100,
    "memory": 9999,
    "cpu": 9999,
    "waiting": 9999,
    "oldest": 9999,
}
"""Every trouble that there is; nothing of a neighbour's may count."""


@cache
def rendered(kind: str) -> Mapping[str, str]:
    """What `alerts` makes of a kind: rules.yml and routing.json."""
    given = DATA["kinds"][kind]
    inputs = {
        **{name: given[name] for name in ("signals", "slo")},
        **MINE,
        "team": TEAM,
        "tier": "standard",
        "limits": {"cpu_limit_millicores": 500, "memory_limit_mebibytes": 256, "max_replicas": 6},
        "links": LINKS,
        "paging": "env:PAYMENTS",
    }
    return {path: file.content.decode() for path, file in Alerts().render(inputs).items()}


def run(*command: str | Path, cwd: Path) -> str:
    """What a program complained about; empty when it was content."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


# Prometheus' rules.


def promtool_test(name: str) -> dict[str, Any]:
    """A scenario as promtool reads it. What fires is one query, so that nothing can fire unnoticed."""
    scenario = SCENARIOS[name]
    kind, phases, every = DATA["kinds"][scenario.get("kind", "service")], scenario["phases"], scenario.get("every", 1)
    minutes = sum(phase["minutes"] for phase in phases)
    situations = [
        Situation(kind, MINE, phases, every),
        *(Situation(kind, labels, [{"minutes": minutes, **TROUBLE}], every) for labels in NEIGHBOURS),
    ]
    end = {"eval_time": f"{minutes}m"}
    firing = 'count by (alertname, severity, slo, service, team, environment) (ALERTS{alertstate="firing"})'
    samples = [{"labels": _labelled(alert), "value": 1} for alert in scenario["firing"]]
    queries = [{"expr": firing, **end, "exp_samples": samples}]
    for record, value in scenario.get("records", {}).items():
        series, _, more = record.rstrip("}").partition("{")
        mine = "{" + ",".join([*more.split(), 'service="payments-api"', 'environment="staging"']) + "}"
        expected = {"labels": mine, "value": value}
        queries.append({"expr": f"round({series}{mine}, 1e-6)", **end, "exp_samples": [expected]})
    alerts = []
    for alert, texts in scenario.get("says", {}).items():
        labels = {**MINE, "team": TEAM, **texts["labels"]}
        annotations = {name: texts[name] for name in ("summary", "description")}
        annotations |= {f"{name}_url": link for name, link in LINKS.items()}
        alerts.append(
            {"alertname": alert, **end, "exp_alerts": [{"exp_labels": labels, "exp_annotations": annotations}]}
        )
    return {
        "name": name,
        "interval": f"{every}m",
        "input_series": [series for situation in situations for series in situation.series()],
        "promql_expr_test": queries,
        "alert_rule_test": alerts,
    }


def _labelled(alert: str) -> str:
    """`NAME SEVERITY` with all the labels that it has to have."""
    name, severity = alert.split()
    labels = {"alertname": name, "severity": severity, "team": TEAM, **MINE}
    if objective := re.match("(Availability|Latency)Budget", name):
        labels["slo"] = objective[1].lower()
    return "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "}"


def check_scenario(rules: str, name: str, folder: Path) -> str:
    (folder / "rules.yml").write_text(rules)
    every = f"{SCENARIOS[name].get('every', 1)}m"
    whole = {"rule_files": ["rules.yml"], "evaluation_interval": every, "tests": [promtool_test(name)]}
    (folder / "test.yml").write_text(json.dumps(whole))
    return run(tool("promtool"), "test", "rules", "test.yml", cwd=folder)


@pytest.mark.parametrize("kind", DATA["kinds"])
def test_a_kind_measures_what_its_golden_path_does(kind: str) -> None:
    """So the scenarios are about the rules that a new service gets."""
    (given,) = (step.arguments for step in WIRING.recipe(kind, "1.0.0").steps if step.uses == "alerts")
    assert DATA["kinds"][kind]["signals"] == given["signals"]


@pytest.mark.parametrize("kind", DATA["kinds"])
def test_prometheus_takes_the_rules(kind: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(rendered(kind)["rules.yml"])
    assert run(tool("promtool"), "check", "rules", "--lint=all", "--lint-fatal", "rules.yml", cwd=tmp_path) == ""


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_should_fire_does_and_nothing_else(name: str, tmp_path: Path) -> None:
    kind = SCENARIOS[name].get("kind", "service")
    assert check_scenario(rendered(kind)["rules.yml"], name, tmp_path) == ""


def test_every_alert_is_in_a_scenario() -> None:
    files = [yaml.safe_load(rendered(kind)["rules.yml"]) for kind in DATA["kinds"]]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"] if "alert" in rule]
    fired = {alert for scenario in SCENARIOS.values() for alert in scenario["firing"]}
    assert fired == {f"{rule['alert']} {rule['labels']['severity']}" for rule in rules}


RULE_MUTANTS: dict[str, tuple[str, str, str]] = {
    "a page at ten times the burn": ("> 0[.]0144", "> 0.144", "a fast burn pages within minutes"),
    "a page at a tenth of the burn": ("> 0[.]0144", "> 0.00144", "a slow burn makes a ticket and wakes nobody"),
    "a later page at ten times the burn": ("> 0[.]006", "> 0.06", "a burn over hours pages"),
    "a later page at a tenth of the burn": ("> 0[.]006", "> 0.0006", "a slow burn makes a ticket and wakes nobody"),
    "a ticket at ten times the burn": (
        "> 0[.]003",
        "> 0.03",
        "a quiet day's burn is not lost among the busy days before",
    ),
    "a later ticket at ten times the burn": ("> 0[.]001", "> 0.01", "a burn that just uses the budget up is a ticket"),
    "a ticket at a tenth of the burn": ("> 0[.]001", "> 0.0001", "errors within the promise are nobody's business"),
    "another environment's failures": (
        'environment="staging",http_response',
        'environment="production",http_response',
        "all is well",
    ),
    "failures of all services": ('service="payments-api",environment="staging",http', "http", "all is well"),
    "another label for failures": ("http_response_status_code", "status", "a fast burn pages within minutes"),
    "an alert without its team": ("      team: payments\n", "", "a fast burn pages within minutes"),
    "another severity": ("severity: critical", "severity: page", "a fast burn pages within minutes"),
    "without the short window": (
        "ratio_rate(5m|30m)({[^}]*} > )",
        r"ratio_rate1h\2",
        "a page ends when the errors have ended for half an hour",
    ),
    "one failure is enough": ("> 2[.]5", "> 0.5", "one failure among little traffic is nobody's business"),
    "without failures nothing is known": (r" or vector\(0\)", "", "all is well"),
    "another bucket": ('le="0.5"', 'le="+Inf"', "slow answers page"),
    "bytes for mebibytes": ("/ 268435456 ", "/ 256 ", "memory below its limit is there to be used"),
    "another name of a limit": ("tier:cpu_limit:cores", "tier:cpu_limits:cores", "all is well"),
    "mebibytes are recorded": (r"vector\(268435456\)", "vector(256)", "all is well"),
    "a replica too many": (r"vector\(6\)", "vector(7)", "all is well"),
    "a limit of no environment": (
        r"(vector\(6\)\n +labels:\n +service: payments-api\n) +environment: staging\n",
        r"\1",
        "all is well",
    ),
    "anybody's metrics": (
        r"absent\(service_build_info{[^}]*}\)",
        "absent(service_build_info)",
        "metrics that stop coming page",
    ),
}
"""A pattern in the rules, what is put in its place, and the scenario that notices."""


@pytest.mark.parametrize("mutant", RULE_MUTANTS)
def test_rules_that_are_wrong_are_caught(mutant: str, tmp_path: Path) -> None:
    pattern, wrong, scenario = RULE_MUTANTS[mutant]
    rules, replaced = re.subn(pattern, wrong, rendered("service")["rules.yml"])
    assert replaced
    assert "got:" in check_scenario(rules, scenario, tmp_path)


# Alertmanager's configuration: routes, and what reaches the pager.

KEYS: Final = {"payments": "p" * 32, "search": "s" * 32}
PAYMENTS: Final = {**MINE, "team": TEAM}
SEARCH: Final = {"service": "search-index", "environment": "staging", "team": "search"}


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The shared file of two teams' services."""
    folder = tmp_path_factory.mktemp("monitoring")
    files = AlertingFiles(folder / "alerting", folder / "lock", "/keys")
    mine = json.loads(rendered("service")["routing.json"])
    other = {"matchers": {label: SEARCH[label] for label in MINE}, "receiver": "pagerduty-search"}
    for routing in (mine, {**other, "paging": "env:SEARCH"}):
        service, environment = (routing["matchers"][label] for label in MINE)
        files.put(service, environment, "groups: []\n", routing, Owner(service, "run-1"), "")
    return (folder / "alerting" / "alertmanager.yml").read_text()


def check_configuration(text: str, folder: Path) -> str:
    (folder / "alertmanager.yml").write_text(text)
    return run(tool("amtool"), "check-config", "alertmanager.yml", cwd=folder)


def check_route(text: str, labels: Mapping[str, str], receiver: str, folder: Path) -> str:
    (folder / "alertmanager.yml").write_text(text)
    verify = ["--config.file=alertmanager.yml", f"--verify.receivers={receiver}"]
    words = [f"{label}={value}" for label, value in labels.items()]
    return run(tool("amtool"), "config", "routes", "test", *verify, *words, cwd=folder)


def alert(name: str, severity: str, of: Mapping[str, str] = PAYMENTS, slo: str = "") -> dict[str, Any]:
    """An alert as Prometheus sends it."""
    labels = {"alertname": name, "severity": severity, **of, **({"slo": slo} if slo else {})}
    annotations = {"summary": f"{name} of {of['service']}", "description": "numbers"}
    return {"labels": labels, "annotations": annotations | {f"{key}_url": link for key, link in LINKS.items()}}


PAGES: Final = (
    alert("AvailabilityBudgetBurnsFast", "critical", slo="availability"),
    alert("MetricsAbsent", "critical"),
    alert("MetricsAbsent", "critical", SEARCH),
)
TICKETS: Final = (
    alert("MetricsAbsent", "warning"),
    alert("LatencyBudgetBurnsSlowly", "warning", slo="latency"),
    alert("AvailabilityBudgetBurnsSlowly", "warning", SEARCH, "availability"),
)
SAID_ALREADY: Final = alert("AvailabilityBudgetBurnsSlowly", "warning", slo="availability")


def check_delivery(text: str, folder: Path) -> str:
    """Send alerts to a real Alertmanager and see what a pager gets: what was wrong, or nothing."""
    (folder / "keys").mkdir()
    for team, key in KEYS.items():
        (folder / "keys" / f"env-{team.upper()}").write_text(key)
    with pagerduty() as pager:
        whole = yaml.safe_load(text.replace("/keys/", f"{folder}/keys/"))
        whole["global"] = {"pagerduty_url": pager.url}
        whole["route"] |= {"group_wait": "0s", "group_interval": "1s"}
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(whole))
        with alertmanager(folder / "alertmanager.yml") as running:
            running.send(PAGES)
            if wrong := undelivered(pager, PAGES):
                return wrong
            running.send([*TICKETS, SAID_ALREADY])
            if wrong := undelivered(pager, [*PAGES, *TICKETS]):
                return wrong
            if pager.wait(lambda events: len(events) > len(PAGES + TICKETS), 0.5):
                return f"more than was asked for: {list(map(got, pager.events))}"
    details = pager.events[0]["payload"]["custom_details"]
    return "" if details.items() >= LINKS.items() else f"links: {details}"


def undelivered(pager: PagerDuty, alerts: Sequence[Mapping[str, Any]]) -> str:
    expected = set(map(due, alerts))
    if pager.wait(lambda events: set(map(got, events)) >= expected, 2) and not pager.refused:
        return ""
    return f"not delivered: {expected - set(map(got, pager.events))}; refused: {pager.refused}"


def due(alert: Mapping[str, Any]) -> tuple[str, ...]:
    """What the pager has to get."""
    labels, summary = alert["labels"], alert["annotations"]["summary"]
    names = [labels[name] for name in ("severity", "service", "environment", "alertname")]
    return (KEYS[labels["team"]], summary, *names)


def got(event: Mapping[str, Any]) -> tuple[str, ...]:
    """What it got."""
    payload = event["payload"]
    names = [payload.get(name, "") for name in ("severity", "component", "group", "class")]
    return (event["routing_key"], payload["summary"], *names)


def test_alertmanager_takes_the_configuration(configuration: str, tmp_path: Path) -> None:
    assert check_configuration(configuration, tmp_path) == ""


ROUTES: Final = {
    "payments": (PAYMENTS, "pagerduty-payments"),
    "search": (SEARCH, "pagerduty-search"),
    "another environment": ({**PAYMENTS, "environment": "production"}, "default"),
    "another service": ({**PAYMENTS, "service": "ledger"}, "default"),
}


@pytest.mark.parametrize("route", ROUTES)
def test_alerts_are_routed_to_their_team(route: str, configuration: str, tmp_path: Path) -> None:
    assert check_route(configuration, *ROUTES[route], tmp_path) == ""


def test_what_alertmanager_sends_is_what_a_pager_takes(configuration: str, tmp_path: Path) -> None:
    assert check_delivery(configuration, tmp_path) == ""


CONFIGURATION_MUTANTS: dict[str, tuple[str, str, Callable[[str, Path], str], str]] = {
    "pages and tickets in one group": ("  - severity\n", "", check_delivery, "refused: [\"severity ''\""),
    "all alerts in one group": ("  - alertname\n", "", check_delivery, "not delivered"),
    "a severity that is no pager's": ("{{ .CommonLabels.severity }}", "page", check_delivery, "severity 'page'"),
    "one objective's page hides another's ticket": ("  - slo\n", "", check_delivery, "'LatencyBudgetBurnsSlowly'"),
    "a ticket of what was paged": ('severity="warning"', 'severity="info"', check_delivery, "more than was asked for"),
    "another team's key": ("/keys/env-PAYMENTS", "/keys/env-SEARCH", check_delivery, "'pppppp"),
    "no link to the runbook": (".runbook_url", ".runbook", check_delivery, "links"),
    "another service's route": (
        'service="payments-api"',
        'service="ledger"',
        lambda text, folder: check_route(text, *ROUTES["payments"], folder),
        "Expected receivers did not match",
    ),
    "a field that Alertmanager does not know": (
        "routing_key_file",
        "routing_key_from",
        check_configuration,
        "field routing_key_from not found",
    ),
}
"""What is replaced, by what, the check that notices, and what it says."""


@pytest.mark.parametrize("mutant", CONFIGURATION_MUTANTS)
def test_configurations_that_are_wrong_are_caught(mutant: str, configuration: str, tmp_path: Path) -> None:
    right, wrong, check, says = CONFIGURATION_MUTANTS[mutant]
    assert right in configuration
    assert says in check(configuration.replace(right, wrong), tmp_path)
