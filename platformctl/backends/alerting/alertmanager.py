"""Alertmanager's one configuration, from the routing of all services.

It was run on Alertmanager 0.25. Alerts that page and alerts that make a ticket are never in one group: PagerDuty takes
a severity with each event, and a group has one only where all its alerts have the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from platformctl.backends.alerting import Routing
from platformctl.model import Json

_HEAD: Final = "# Written by platformctl from all of fragments/: an edit here is drift, and is taken back.\n"

_BASE: Final[Mapping[str, Json]] = {
    "receiver": "default",
    "group_by": ["service", "environment", "alertname", "severity"],
}

_INHIBIT: Final[Sequence[Json]] = [
    {  # a page says it already; only alerts on an objective carry `slo`
        "source_matchers": ['severity="critical"', 'slo!=""'],
        "target_matchers": ['severity="warning"', 'slo!=""'],
        "equal": ["service", "environment", "slo"],
    }
]


def configuration(fragments: Sequence[Routing], keys_folder: str) -> str:
    """The file's text; `fragments` in an order that does not change, `keys_folder` on Alertmanager's machine."""
    import yaml

    names = _names(fragments)
    routes = [_route(names[fragment["receiver"], fragment["paging"]], fragment) for fragment in fragments]
    pagers = [_pager(name, key_file(keys_folder, paging)) for (_, paging), name in sorted(names.items())]
    whole = {
        "route": {**_BASE, "routes": routes},
        "inhibit_rules": _INHIBIT,
        "receivers": [{"name": "default"}, *pagers],
    }
    return _HEAD + yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=10**6)


def read(text: str) -> Json:
    """What a configuration says; None where it cannot be read."""
    import yaml

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError:
        return None


def says(whole: Json, routing: Routing, keys_folder: str) -> bool:
    """Whether a configuration delivers this routing as `configuration` would, whatever it says of other services."""
    try:
        routes, base = whole["route"]["routes"], {key: whole["route"][key] for key in whole["route"] if key != "routes"}
        receivers = {receiver["name"]: receiver for receiver in whole["receivers"]}
        rest = (base, whole["inhibit_rules"], receivers["default"])
    except (KeyError, TypeError):
        return False
    if rest != (_BASE, _INHIBIT, {"name": "default"}):
        return False
    ways = [_route(name, routing) for name in (routing["receiver"], f"{routing['receiver']} {routing['paging']}")]
    key = key_file(keys_folder, routing["paging"])
    return any(way in routes and receivers.get(way["receiver"]) == _pager(way["receiver"], key) for way in ways)


def _pager(name: str, key: str) -> Json:
    """A receiver that reads its key from a file."""
    event = {
        "routing_key_file": key,
        "send_resolved": True,
        "severity": "{{ .CommonLabels.severity }}",
        "description": "{{ .CommonAnnotations.summary }}",
        "component": "{{ .CommonLabels.service }}",
        "group": "{{ .CommonLabels.environment }}",
        "class": "{{ .CommonLabels.alertname }}",
        "details": {
            "description": "{{ range .Alerts.Firing }}{{ .Annotations.description }} {{ end }}",
            "runbook": "{{ .CommonAnnotations.runbook_url }}",
            "dashboard": "{{ .CommonAnnotations.dashboard_url }}",
        },
    }
    return {"name": name, "pagerduty_configs": [event]}


def key_file(keys_folder: str, paging: str) -> str:
    """Where Alertmanager reads a key: `env:NAME` is `env-NAME` in the folder, and nothing leads out of it."""
    kind, _, name = paging.partition(":")
    return f"{keys_folder.rstrip('/')}/{kind}-{quote(name, safe='')}"


def _names(fragments: Sequence[Routing]) -> Mapping[tuple[str, str], str]:
    """Receivers by name and reference; while a team moves to another key, both are there, told apart by it."""
    pairs = {(fragment["receiver"], fragment["paging"]) for fragment in fragments}
    receivers = [receiver for receiver, _ in pairs]
    return {
        (receiver, paging): receiver if receivers.count(receiver) == 1 else f"{receiver} {paging}"
        for receiver, paging in pairs
    }


def _route(name: str, routing: Routing) -> Json:
    """What brings a service's alerts to a receiver."""
    matchers = [f"{label}={_quoted(value)}" for label, value in sorted(routing["matchers"].items())]
    return {"receiver": name, "matchers": matchers}


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
