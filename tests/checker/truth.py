"""Layer `truth`: what the panels show, beside what the samples say."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest import approx

from platformctl.model import Json
from tests.checker import Finding
from tests.checker.form import BUILT_IN, interpolated, queries
from tests.checker.promise import Promise
from tests.checker.samples import (
    BUSY,
    CPU,
    ENVIRONMENTS,
    INSTANCES,
    MEMORY,
    OLDEST,
    PER_SECOND,
    WAITING,
    Environment,
)
from tests.prometheus import Prometheus, Refused

Shown = dict[str, float]
"""Numbers by the name that a legend gives them."""


def findings(
    dashboard: Json, promise: Promise, prometheus: Prometheus, at: float, environment: str = "staging"
) -> Iterator[Finding]:
    """Panels that show something else than what is so, or that are missing."""
    found: dict[str, Shown] = {}
    for title, query in queries(dashboard):
        if title not in {annotation["name"] for annotation in dashboard["annotations"]["list"]}:
            found.setdefault(title, {}).update(shown(query, environment, ".*", prometheus, at))
    due = expected(promise, ENVIRONMENTS[environment])
    for title in sorted(due.keys() | found.keys()):
        if found.get(title) != approx(due.get(title, {}), rel=1e-6, abs=1e-9):
            yield Finding("dashboard", title, f"it shows {found.get(title)} and not {due.get(title)}")


def shown(query: Mapping[str, Any], environment: str, instance: str, prometheus: Prometheus, at: float) -> Shown:
    """The last value of each series, by the name that the legend gives it; none where Prometheus refuses."""
    chosen = {**BUILT_IN, "environment": environment, "instance": instance}
    try:
        values = prometheus.at(interpolated(query.get("expr", ""), chosen), at)
    except Refused:
        return {}
    named: Shown = {}
    for labels, value in values.items():
        name = query.get("legendFormat", "")
        for label in re.findall(r"\{\{(\w+)\}\}", name):
            name = name.replace(f"{{{{{label}}}}}", dict(labels).get(label, ""))
        named[name] = math.nan if name in named else value  # two lines of one name tell nobody anything
    return named


def expected(promise: Promise, environment: Environment) -> dict[str, Shown]:
    """What every panel has to show in an environment, by its title."""
    scale, failing, seconds = environment.scale, environment.failing, promise.slo["seconds"]
    events = PER_SECOND * scale * len(INSTANCES)
    slow = 1 - environment.within(seconds)
    burns = {"Availability": failing / promise.budgets["availability"], "Latency": slow / promise.budgets["latency"]}
    label, by = promise.signals["failed"]["label"], ", ".join(promise.signals.get("by", ()))
    value = " ".join(promise.by[name] for name in promise.signals.get("by", ()))
    failed = {f"{promise.failed} {value}".strip(): events * failing} if failing else {}
    limit = {record.split(":")[1]: number * scale for record, number in promise.limits.items()}
    due: dict[str, Shown] = {
        **{f"{name}: budget left": {name: 1 - burn} for name, burn in burns.items()},
        "Burn rate": {f"{name}, {window}": burn for name, burn in burns.items() for window in ("1h", "6h")},
        "Quantiles": {f"{percent} %": quantile(percent / 100, environment) for percent in (50, 90, 99)},
        f"Within {seconds:g} s": {"in time": 1 - slow},
        f"By {label}": {
            promise.good: events * (1 - failing),
            **({promise.failed: events * failing} if failing else {}),
        },
        "Failed": {"failed": failing},
        f"Failed by {label}{f', {by}' if by else ''}": failed,
        "Processor": {**dict.fromkeys(INSTANCES, CPU * scale), "limit": limit["cpu_limit"]},
        "Memory": {**dict.fromkeys(INSTANCES, MEMORY * scale), "limit": limit["memory_limit"]},
        "Replicas": {"2": len(INSTANCES), "not answering": 0, "limit": limit["max_replicas"]},
        **{title: dict.fromkeys(INSTANCES, BUSY * scale) for title in promise.gauges},
    }
    if by:
        due |= {f"99 % by {by}": {value: quantile(0.99, environment)}, f"By {by}": {value: events}}
    if "backlog" in promise.signals:
        due |= {"Waiting": {"waiting": WAITING * scale}, "Oldest": {"oldest": OLDEST * scale}}
    return due


def quantile(share: float, environment: Environment) -> float:
    """Seconds within which this share of events was done, by straight lines between the bounds of the buckets."""
    first, middle, last = 0.1, 0.5, 1.0
    done = environment.within(middle)
    return first * share / done if share <= done else middle + (last - middle) * (share - done) / (1 - done)
