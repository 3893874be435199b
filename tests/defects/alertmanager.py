"""Defects of Alertmanager's shared configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.defects.defect import Named, all_of
from tests.defects.edits import swap

_LAYERS: Final[Mapping[str, Named]] = {
    "lint": {
        "a field that Alertmanager does not know": (
            swap("routing_key_file", "routing_key_from"),
            "routing_key_from not found",
        ),
        "a receiver that there is not": (
            swap("^- name: (pagerduty-.*)$", r"- name: \1-x", 1),
            "undefined receiver pagerduty-",
        ),
    },
    "routes": {
        "a route of another service": (swap(r'(- service=)".*"$', r'\1"somebody-else"'), "default secret-"),
        "a route of another environment": (
            swap(r'(- environment=)".*"$', r'\1"production"'),
            "production pagerduty-",
        ),
        "a route of every service": (swap(r"^    - service=.*\n", ""), "somebody-else pagerduty-"),
        "another team's key": (
            swap(r"(routing_key_file: .*/)[^/\n]+$", r"\1secret-somebody-else"),
            "pagerduty- secret-somebody-else",
        ),
    },
    "delivery": {
        "pages and tickets in one group": (swap("^  - severity\n", ""), "severity ''"),
        "all alerts in one group": (swap("^  - alertname\n", ""), "not delivered MetricsAbsent"),
        "a severity that no pager takes": (swap(r"\{\{ .CommonLabels.severity \}\}", "page"), "severity 'page'"),
        "a page of one objective hides another's ticket": (
            swap("^  - slo\n", ""),
            "not delivered LatencyBudgetBurnsSlowly",
        ),
        "a page does not hide its ticket": (
            swap('severity="warning"', 'severity="info"'),
            "more than was due AvailabilityBudgetBurnsSlowly",
        ),
        "no link to the runbook": (swap("[.]runbook_url", ".runbook"), "runbook"),
        "nobody hears that it is over": (swap("send_resolved: true", "send_resolved: false"), "not resolved"),
    },
}

DEFECTS: Final = tuple(all_of("alertmanager", _LAYERS))
