"""Layer `delivery`: what a pager gets from a real Alertmanager, which refuses what PagerDuty refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from platformctl.stack.pager import Event, Pager
from tests.alertmanager import alertmanager
from tests.checker import Finding
from tests.checker.promise import Promise

LINKS: Final = {"runbook": "https://git.example.org/runbook", "dashboard": "https://grafana.example.org/d/x"}
_PATIENCE: Final = 2.0
"""Seconds within which an event has to come; Alertmanager sends at once, and groups again after a fifth of one."""
_QUIET: Final = 0.5
"""Seconds in which nothing more may come."""

Alert = Mapping[str, Any]


def findings(configuration: str, mine: Promise, other: Promise, folder: Path) -> list[Finding]:
    """What is wrong for services of two teams, when alerts come and go. `folder` is empty and may be written to."""
    paging = [
        alert(mine, "AvailabilityBudgetBurnsFast", "critical", "availability"),
        alert(mine, "MetricsAbsent", "critical"),
        alert(other, "MetricsAbsent", "critical"),
    ]
    telling = [
        alert(mine, "MetricsAbsent", "warning"),
        alert(mine, "LatencyBudgetBurnsSlowly", "warning", "latency"),
        alert(other, "AvailabilityBudgetBurnsSlowly", "warning", "availability"),
    ]
    said_already = alert(mine, "AvailabilityBudgetBurnsSlowly", "warning", "availability")
    with Pager() as pager:
        file = folder / "alertmanager.yml"
        file.write_text(_redirected(configuration, pager.url, folder))
        with alertmanager(file) as running:
            due = set()
            for alerts, unsaid in ((paging, []), (telling, [said_already])):
                running.send([*alerts, *unsaid])
                due |= {_due(one) for one in alerts}
                if wrong := [*_undelivered(pager, due)]:
                    return wrong
            if pager.wait(lambda events: len(events) > len(due), _QUIET):
                return [_finding(extra, "more than was due") for extra in sorted(set(_got(pager)) - due)]
            running.send([{**paging[0], "endsAt": datetime.now(UTC).isoformat()}])
            return [*_unresolved(pager, paging[0]), *_without_links(pager)]


def alert(promise: Promise, name: str, severity: str, slo: str = "") -> Alert:
    """An alert as Prometheus sends it."""
    labels = {"alertname": name, "severity": severity, **promise.labels, "team": promise.team}
    annotations = {"summary": f"{name} of {promise.service}", "description": "numbers"}
    annotations |= {f"{key}_url": link for key, link in LINKS.items()}
    return {"labels": labels | ({"slo": slo} if slo else {}), "annotations": annotations}


def _redirected(configuration: str, url: str, folder: Path) -> str:
    """The configuration with a pager of ours, keys of its own for every file, and no waiting."""
    whole = yaml.safe_load(configuration)
    whole["global"] = {"pagerduty_url": url}
    whole["route"] |= {"group_wait": "0s", "group_interval": "200ms"}
    for receiver in whole["receivers"]:
        for pagerduty in receiver.get("pagerduty_configs", ()):
            own = folder / Path(pagerduty["routing_key_file"]).name
            own.write_text(_key(own.name))
            pagerduty["routing_key_file"] = str(own)
    return yaml.safe_dump(whole, sort_keys=False)


def _key(file: str) -> str:
    return hashlib.sha256(file.encode()).hexdigest()[:32]


Told = tuple[str, ...]
"""A key, and what somebody reads: summary, severity, service, environment, alert."""


def _due(alert: Alert) -> Told:
    labels = alert["labels"]
    names = [labels[name] for name in ("severity", "service", "environment", "alertname")]
    return (_key(f"secret-{labels['team']}"), alert["annotations"]["summary"], *names)


def _told(event: Event) -> Told:
    payload = event["payload"]
    names = [payload.get(name, "") for name in ("severity", "component", "group", "class")]
    return (event["routing_key"], payload["summary"], *names)


def _got(pager: Pager, action: str = "trigger") -> list[Told]:
    return [_told(event) for _, event in pager.events if event["event_action"] == action]


def _undelivered(pager: Pager, due: set[Told]) -> Iterator[Finding]:
    pager.wait(lambda events: bool(pager.refused) or set(_got(pager)) >= due, _PATIENCE)
    yield from (Finding("alertmanager", "the pager", f"it refuses: {why}") for _, why in pager.refused)
    if missing := due - set(_got(pager)):
        yield from (_finding(one, "not delivered") for one in sorted(missing))


def _unresolved(pager: Pager, alert: Alert) -> Iterator[Finding]:
    def resolved(events: Sequence[tuple[float, Event]]) -> bool:
        keys = {
            action: {event["dedup_key"] for _, event in events if event["event_action"] == action}
            for action in ("trigger", "resolve")
        }
        return bool(keys["resolve"] & keys["trigger"])

    if not pager.wait(resolved, _PATIENCE):
        yield _finding(_due(alert), "not resolved when it was over")


def _without_links(pager: Pager) -> Iterator[Finding]:
    details = pager.events[0][1]["payload"]["custom_details"]
    for name, link in LINKS.items():
        if details.get(name) != link:
            yield Finding("alertmanager", "the pager", f"events do not lead to the {name}: {details.get(name)!r}")


def _finding(told: Told, what: str) -> Finding:
    _, _, severity, service, environment, name = told
    return Finding("alertmanager", f"{name} ({severity}) of {service} in {environment}", what)
