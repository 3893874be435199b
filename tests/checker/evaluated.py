"""Layer `evaluated`: a real Prometheus evaluates the rules on a service that fails now and then; each has an answer."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.checker import Finding
from tests.checker.promise import Promise
from tests.checker.queries import SELECTOR
from tests.checker.samples import LENGTH, series
from tests.prometheus import STEP, Prometheus, running, stored

_PATIENCE = 15.0
"""Seconds that Prometheus may take until it has evaluated every rule once."""


def data(promise: Promise, folder: Path) -> Path:
    """What Prometheus knows of a service, up to now. The limits are left to the rules."""
    end = time.time() // STEP * STEP
    known = {name: value for name, value in series(promise) if name.partition("{")[0] not in promise.limits}
    return stored(known, end - LENGTH, LENGTH, folder)


def findings(rules: str, data: Path, folder: Path) -> Iterator[Finding]:
    """What is wrong. `folder` is empty and may be written to; `data` stays as it is."""
    file, own = folder / "rules.yml", folder / "data"
    file.write_text(rules)
    shutil.copytree(data, own)
    with running(own, folder, file) as prometheus:
        for rule in _evaluated(prometheus):
            for what in _wrong(rule, prometheus):
                yield Finding("rules", rule["name"], what)


def _evaluated(prometheus: Prometheus) -> list[dict[str, Any]]:
    """Every rule, with its health, when all were evaluated."""
    until = time.monotonic() + _PATIENCE
    while True:
        rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
        if rules and all(rule["health"] != "unknown" for rule in rules):
            return rules
        assert time.monotonic() < until, "Prometheus does not evaluate the rules"
        time.sleep(0.05)


def _wrong(rule: dict[str, Any], prometheus: Prometheus) -> Iterator[str]:
    now = time.time()
    if rule["health"] != "ok":
        yield rule.get("lastError", rule["health"])
        return
    for selector in SELECTOR.findall(rule["query"]):
        if not prometheus.ask("series", **{"match[]": selector, "start": now - LENGTH, "end": now}):
            yield f"nobody has {selector}"
    if rule["type"] == "recording":
        labels = ",".join(f'{label}="{value}"' for label, value in rule["labels"].items())
        if not prometheus.at(f"{rule['name']}{{{labels}}}", now):
            yield "it has no sample"
