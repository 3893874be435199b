"""Alerts that should come do, those that should not do not, and they say what they mean: scenarios from alerts.yaml.

What follows from a promise alone, and what is found when rules or Alertmanager's configuration are wrong, is in
golden_paths/tests/test_monitoring.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from platformctl.renderers.alerts import Alerts
from tests.checker import scenarios
from tests.checker.promise import PROMISES, Promise
from tests.checker.timelines import Look, Timeline

DATA: Final[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("alerts.yaml").read_text(encoding="utf-8"))
SCENARIOS: Final[Mapping[str, Mapping[str, Any]]] = DATA["scenarios"]
PROMISED: Final = {kind: replace(PROMISES[kind], slo=slo) for kind, slo in DATA["slo"].items()}
LINKS: Final = {"runbook": "https://git.example.org/runbook", "dashboard": "https://grafana.example.org/d/x"}


def rules(promise: Promise) -> str:
    """What `alerts` makes of a promise."""
    inputs = {
        "signals": promise.signals,
        "slo": promise.slo,
        **promise.labels,
        "team": promise.team,
        "tier": "standard",
        "limits": {"cpu_limit_millicores": 500, "memory_limit_mebibytes": 256, "max_replicas": 6},
        "links": LINKS,
        "paging": "env:PAYMENTS",
    }
    return Alerts().render(inputs)["rules.yml"].content.decode()


def scene(name: str) -> tuple[Promise, Timeline]:
    """A scenario: whose it is, and what happens, looked at when all is over."""
    given = SCENARIOS[name]
    end = sum(phase["minutes"] for phase in given["phases"])
    look = Look(end, frozenset(given["firing"]), given.get("records", {}))
    return PROMISED[given.get("kind", "service")], Timeline(name, given["phases"], [look], neighbours=True)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_should_fire_does_and_nothing_else(name: str, tmp_path: Path) -> None:
    promise, timeline = scene(name)
    assert [*scenarios.findings(rules(promise), promise, [timeline], tmp_path)] == []


@pytest.mark.parametrize("name", [name for name, scenario in SCENARIOS.items() if "says" in scenario])
def test_alerts_say_what_is_wrong_and_where_to_look(name: str, tmp_path: Path) -> None:
    promise, timeline = scene(name)
    (tmp_path / "rules.yml").write_text(rules(promise))
    said = []
    for alert, texts in SCENARIOS[name]["says"].items():
        labels = {**promise.labels, "team": promise.team, **texts["labels"]}
        annotations = {part: texts[part] for part in ("summary", "description")}
        annotations |= {f"{part}_url": link for part, link in LINKS.items()}
        expected = [{"exp_labels": labels, "exp_annotations": annotations}]
        said.append({"alertname": alert, "eval_time": f"{timeline.looks[-1].minute}m", "exp_alerts": expected})
    test = {**scenarios.unit_test(promise, timeline), "alert_rule_test": said}
    assert scenarios.promtool(test, timeline.evaluated, tmp_path) == ""
