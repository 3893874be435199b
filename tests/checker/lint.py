"""Layer `lint`: what Prometheus and Alertmanager themselves refuse, and what every rule has to carry."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.checker import Finding
from tests.checker.promise import Promise
from tests.checker.queries import SELECTOR
from tests.debian import tool

SEVERITIES: Final = {"critical", "warning"}
"""What pages and what makes a ticket: two of the four that PagerDuty takes."""
ANNOTATIONS: Final = ("summary", "description", "runbook_url", "dashboard_url")
"""What everybody needs who is told."""


def of_rules(rules: str, promise: Promise, folder: Path) -> list[Finding]:
    """What is wrong with a file of rules. `folder` may be written to."""
    (folder / "rules.yml").write_text(rules)
    if said := complaint("promtool", "check", "rules", "--lint=all", "--lint-fatal", "rules.yml", cwd=folder):
        return [Finding("rules", "the file", said)]
    return [*_conventions(yaml.safe_load(rules), promise)]


def of_configuration(configuration: str, folder: Path) -> list[Finding]:
    """What Alertmanager does not take. `folder` may be written to."""
    (folder / "alertmanager.yml").write_text(configuration)
    said = complaint("amtool", "check-config", "alertmanager.yml", cwd=folder)
    return [Finding("alertmanager", "the file", said)] if said else []


def complaint(program: str, *arguments: str, cwd: Path) -> str:
    """What a program complained about; empty when it was content."""
    environment = os.environ | {"GOGC": "400"}  # they live for a moment: no need to tidy up all the while
    command = [tool(program), *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def _conventions(file: Any, promise: Promise) -> Iterator[Finding]:
    rules = [rule for group in file["groups"] for rule in group["rules"]]
    recorded = {(rule["record"], frozenset(rule["labels"].items())) for rule in rules if "record" in rule}
    for rule in rules:
        name = rule.get("alert") or rule["record"]
        due = {**promise.labels, **({"team": promise.team} if "alert" in rule else {})}
        for label, value in due.items():
            if rule["labels"].get(label) != value:
                yield Finding("rules", name, f"its {label} is {rule['labels'].get(label)} and not {value}")
        if "alert" in rule:
            yield from _of_an_alert(name, rule)
        for selector in SELECTOR.findall(rule["expr"]):
            if ":" in selector.partition("{")[0] and _series(selector) not in recorded:
                yield Finding("rules", name, f"nobody records {selector}")


def _of_an_alert(name: str, rule: Mapping[str, Any]) -> Iterator[Finding]:
    if rule["labels"].get("severity") not in SEVERITIES:
        yield Finding("rules", name, f"its severity is {rule['labels'].get('severity')}")
    for annotation in ANNOTATIONS:
        if not rule["annotations"].get(annotation):
            yield Finding("rules", name, f"it has no {annotation}")


def _series(selector: str) -> tuple[str, frozenset[tuple[str, str]]]:
    metric, _, matchers = selector.partition("{")
    return metric, frozenset(re.findall('(\\w+)="([^"]*)"', matchers))
