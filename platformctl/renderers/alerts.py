"""`uses: alerts`: what wakes somebody and what makes a ticket, for one service in one environment.

`rules.yml` is a file of Prometheus rules; `routing.json` says whose pager it is. Names and labels of rules are an
interface, on which dashboards, silences and runbooks stand: they stay.

| alert | severity | when |
|---|---|---|
| AvailabilityBudgetBurnsFast, LatencyBudgetBurnsFast | critical | the objective's budget would be gone in days |
| AvailabilityBudgetBurnsSlowly, LatencyBudgetBurnsSlowly | warning | it would not last the period |
| MetricsAbsent | critical | metrics came within the last day and do not any more |
| MetricsAbsent | warning | no metrics for a day |
| MemorySaturated, CpuSaturated | warning | a replica is at 90 % of its tier's limit |
| BacklogUnknown | critical | replicas run and cannot say what waits |
| BacklogTooOld | critical | something waits for longer than is promised |
| BacklogGrows | warning | more and more waits, for an hour and a half |

Each carries the labels service, team, environment and severity, those of an objective also slo. Severities are two of
the four that PagerDuty takes. Series are selected by service and environment, which Prometheus puts on all that it
scrapes of a service (target labels). Recorded are the objectives (`slo`) and what the tier allows (`limits`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final

from platformctl.action import Inputs
from platformctl.errors import BadConfig
from platformctl.model import File, Json, Tree
from platformctl.renderers import health, limits, signals, slo
from platformctl.renderers.alert import Alert, Target
from platformctl.renderers.signals import Signals
from platformctl.renderers.slo import Objective, plain

RULES: Final = "rules.yml"
ROUTING: Final = "routing.json"

_NAME: Final = "^[a-z][a-z0-9-]*$"


class Alerts:
    """Renders `rules.yml` and `routing.json`."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["signals", "service", "team", "environment", "tier", "slo", "limits", "links", "paging"],
        "additionalProperties": False,
        "properties": {
            "signals": signals.SCHEMA,
            "service": {"type": "string", "pattern": _NAME, "description": "The service."},
            "team": {"type": "string", "pattern": _NAME, "description": "The team's slug."},
            "environment": {"type": "string", "pattern": _NAME, "description": "Where it runs: `staging`."},
            "tier": {"type": "string", "pattern": _NAME, "description": "How much it gets and how it is kept up."},
            "slo": {
                "type": "object",
                "required": ["availability", "seconds"],
                "additionalProperties": False,
                "description": "What is promised over 30 days.",
                "properties": {
                    "availability": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "description": "Percentage of events that do not fail.",
                    },
                    "seconds": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "description": "Seconds within which an event is done: a bound of the histogram's buckets.",
                    },
                    "share": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "description": "Percentage of events that are done within these seconds; 99.",
                    },
                    "waiting_seconds": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "description": "Seconds that an event waits at most, where signals have a backlog.",
                    },
                },
            },
            "events_per_day": {
                "type": "number",
                "minimum": 0,
                "description": "The traffic that is expected; 0: not known.",
            },
            "limits": {
                "type": "object",
                "required": ["cpu_limit_millicores", "memory_limit_mebibytes"],
                "description": "What the tier allows, from `infrastructure`; processor and memory of one replica.",
                "properties": {
                    "cpu_limit_millicores": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "description": "Thousandths of a processor.",
                    },
                    "memory_limit_mebibytes": {"type": "number", "exclusiveMinimum": 0, "description": "MiB."},
                    "max_replicas": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "description": "How many replicas there may be; not said.",
                    },
                },
            },
            "links": {
                "type": "object",
                "required": ["runbook", "dashboard"],
                "additionalProperties": False,
                "description": "Where to look when an alert comes.",
                "properties": {
                    "runbook": {"type": "string", "minLength": 1, "description": "The runbook."},
                    "dashboard": {"type": "string", "minLength": 1, "description": "The dashboard."},
                },
            },
            "paging": {
                "type": "string",
                "pattern": "^((env|secret):[^\\s]+)?$",
                "writeOnly": True,
                "description": "The reference to the team's paging key, env:NAME or secret:KEY.",
            },
        },
    }

    def __init__(self, *folders: Path) -> None:
        """The recipe's folders are not needed."""

    def render(self, inputs: Inputs) -> Tree:
        """Raises `BadInput` for a promise that cannot be alerted on, `BadConfig` for a team that nobody can page."""
        team = inputs["team"]
        if not inputs["paging"]:
            raise BadConfig(
                f"team {team} has no paging reference",
                hint=f"Under `teams:` in platform.yaml, give {team} `paging: env:NAME` or `paging: secret:KEY`",
            )
        target = Target(inputs["service"], team, inputs["environment"], inputs["links"])
        rules = target.rules_file(_groups(inputs, target))
        routing = {
            "matchers": {"service": target.service, "environment": target.environment},
            "receiver": f"pagerduty-{team}",
            "paging": inputs["paging"],
        }
        return {
            RULES: File(rules.encode()),
            ROUTING: File((json.dumps(routing, indent=2) + "\n").encode()),
        }


def _groups(inputs: Inputs, target: Target) -> Mapping[str, list[dict[str, Json]]]:
    """Rules by group; within a group they are evaluated one after the other, so that alerts see fresh records."""
    measured = Signals(inputs["signals"], target.selector)
    groups = {}
    for objective, field in _objectives(inputs["slo"], measured, target):
        objective.check(field, measured.event, inputs.get("events_per_day", 0))
        alerts = _burning(objective, measured.event)
        groups[objective.name] = [*objective.recordings(), *map(target.rule, alerts)]
    groups["limits"] = limits.recordings(inputs["limits"], target.selector)
    others = {
        "presence": health.absent(measured),
        "saturation": health.saturated(measured, inputs["limits"], inputs["tier"]),
        "backlog": health.waiting(measured, inputs["slo"]) if measured.backlog else [],
    }
    return groups | {name: [*map(target.rule, alerts)] for name, alerts in others.items() if alerts}


def _objectives(given: Mapping[str, Any], measured: Signals, target: Target) -> list[tuple[Objective, str]]:
    seconds = given["seconds"]
    failing = Objective(
        name="availability",
        percent=Decimal(str(given["availability"])),
        good="succeed",
        bad="failed",
        traffic=measured.traffic,
        # Where nothing ever failed there is no series of failures; that is a ratio of 0 and not an unknown one.
        errors=lambda window, function: f"{measured.failures(window, function=function)} or vector(0)",
        labels=target.selector,
    )
    slow = Objective(
        name="latency",
        percent=Decimal(str(given.get("share", 99))),
        good=f"take at most {seconds:g} s",
        bad=f"took longer than {seconds:g} s",
        traffic=measured.traffic,
        errors=lambda window, function: (
            f"{measured.traffic(window, function=function)} - {measured.within(window, seconds, function)}"
        ),
        labels=target.selector,
    )
    return [(failing, "slo.availability"), (slow, "slo.share")]


def _burning(objective: Objective, event: str) -> list[Alert]:
    name = f"{objective.name.capitalize()}BudgetBurns"
    facts = (
        f"{{{{ $value | humanizePercentage }}}} of {event} {objective.bad}. The promise is that "
        f"{plain(objective.percent)} % {objective.good}, over {slo.PERIOD_DAYS} days."
    )
    return [
        Alert(
            f"{name}{how}",
            severity,
            objective.condition(burns),
            f"the error budget for {objective.name} burns {how.lower()}",
            f"{facts} This fires at {objective.limits(burns)}.",
            labels={"slo": objective.name},
        )
        for how, severity, burns in (("Fast", "critical", slo.FAST), ("Slowly", "warning", slo.SLOW))
    ]
