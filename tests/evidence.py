"""What proofs may have seen, as data for tests: `GREEN` holds, `RED` does not, `EMPTY` ended before it saw anything.

The panels are those that the golden path's dashboard really has; their data follows from the drill's phases.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from platformctl.proof.evidence import Asked, Check, Evidence, Moment, Page, Panel, Series, Verdict
from platformctl.renderers.golden_signals import GoldenSignals

BEGAN: Final = datetime(2026, 11, 23, 14, 3, 22, 250000, tzinfo=UTC)
ZERO: Final = BEGAN.timestamp()
LAPSE: Final = 120
TRACE: Final = "6f1d2c0b9a8e47d3b5c4a3f2e1d0c9b8"
_FIRST, _ERRORS, _RECOVERED, _STOPPED, _END = 9.0, 19.0, 27.0, 37.0, 42.0
_STEP: Final = 0.5
_WINDOW: Final = 2.0
"""Seconds that a rate looks back."""
_INPUTS: Final = {
    "service": "payments-api",
    "signals": {
        "event": "requests",
        "duration": "http_server_request_duration_seconds",
        "failed": {"label": "http_response_status_code", "matches": "5.."},
        "by": ["http_request_method", "http_route"],
    },
    "slo": {"availability": 99.9, "seconds": 0.5},
    "saturation": [
        {"metric": "http_server_active_requests", "title": "In progress", "unit": "short", "description": "Requests."}
    ],
}


def _share(at: float) -> float:
    """How much of the window up to a time was within the errors."""
    overlap = min(at, _RECOVERED) - max(at - _WINDOW, _ERRORS)
    return max(0.0, overlap) / _WINDOW


def _rate(at: float) -> float:
    """Requests a second."""
    return 24 * min(1, (at - _FIRST) / _WINDOW) + math.sin(at * 1.7)


def _series(name: str, value: Callable[[float], float], begin: float = _FIRST + _STEP, end: float = _STOPPED) -> Series:
    times = [begin + _STEP * number for number in range(int((end - begin) / _STEP) + 1)]
    return Series(name, [(ZERO + at, value(at)) for at in times])


def _flat(name: str, value: float, end: float = _END) -> Series:
    return _series(name, lambda _: value, end=end)


_DATA: Final[dict[str, list[list[Series]]]] = {
    "Availability: budget left": [[_flat("Availability", 0.231)]],
    "Latency: budget left": [[_flat("Latency", 1.0)]],
    "Burn rate": [
        [_series(f"{name}, {window}", burn, end=_END)]
        for name, burn in (
            ("Availability", lambda at: 400 * max(0.0, min(at, _RECOVERED) - _ERRORS) / max(1.0, at - _FIRST)),
            ("Latency", lambda _: 0.0),
        )
        for window in ("1h", "6h")
    ],
    "Quantiles": [
        [_series(name, lambda at, base=base: base * (1 + 0.25 * math.sin(at * base * 900)))]
        for name, base in (("50 %", 0.0024), ("90 %", 0.0046), ("99 %", 0.0095))
    ],
    "Within 0.5 s": [[_flat("in time", 1.0, _STOPPED)]],
    "99 % by http_request_method, http_route": [
        [
            _series("GET /openapi.json", lambda at: 0.0091 + 0.0012 * math.sin(at)),
            _series("GET /drill/failure", lambda at: 0.0048 + 0.0004 * math.cos(at), _ERRORS + _STEP, _RECOVERED + 2),
        ]
    ],
    "By http_request_method, http_route": [
        [
            _series("GET /openapi.json", lambda at: _rate(at) * (1 - 0.4 * _share(at))),
            _series("GET /drill/failure", lambda at: _rate(at) * 0.4 * _share(at), _ERRORS + _STEP),
        ]
    ],
    "By http_response_status_code": [
        [
            _series("200", lambda at: _rate(at) * (1 - 0.4 * _share(at))),
            _series("500", lambda at: _rate(at) * 0.4 * _share(at), _ERRORS + _STEP),
        ]
    ],
    "Failed": [[_series("failed", lambda at: 0.4 * _share(at))]],
    "Failed by http_response_status_code, http_request_method, http_route": [
        [_series("500 GET /drill/failure", lambda at: _rate(at) * 0.4 * _share(at), _ERRORS + _STEP)]
    ],
    "Processor": [[_series("127.0.0.1:41823", lambda at: 0.11 + 0.03 * math.sin(at / 2))], [_flat("limit", 0.5)]],
    "Memory": [
        [_series("127.0.0.1:41823", lambda at: 71.5e6 + 4e5 * math.sqrt(at))],
        [_flat("limit", 256 * 2.0**20)],
    ],
    "Replicas": [
        [_flat("1.0.0", 1, _STOPPED)],
        [_series("not answering", lambda at: float(at > _STOPPED), end=_END)],
        [_flat("limit", 4)],
    ],
    "In progress": [[_series("127.0.0.1:41823", lambda at: float(int(at * 2) % 3))]],
}


def _panels() -> Iterator[Panel]:
    for row in GoldenSignals(_INPUTS).rows():
        for panel in row.panels:
            data = _DATA[panel.title]
            yield Panel(
                row=row.title,
                title=panel.title,
                description=panel.text,
                unit=panel.unit,
                asked=[
                    Asked(
                        query.expr.replace("$environment", "staging")
                        .replace("$instance", ".*")
                        .replace("$__rate_interval", "2s"),
                        series,
                        limit=query.limit,
                    )
                    for query, series in zip(panel.queries, data, strict=True)
                ],
                steps=tuple(panel.steps),
                stacked=panel.stacked,
                number=panel.number,
            )


_PASSED = Verdict.PASSED
_CHECKS: Final = (
    Check("target_up", "Prometheus scrapes the service", _PASSED, "up is 1 after 5.3 s", seconds=5.31),
    Check("panels", "Every panel of the dashboard has data", _PASSED, "14 panels, 23 queries", seconds=0.42),
    Check("records", "Every recording rule has samples", _PASSED, "13 of 13 records", seconds=0.06),
    Check("thresholds", "Alerts fire at the rates they promise", _PASSED, "silent at 0.9, firing at 1.1", seconds=6.8),
    Check("quiet", "The page is silent without errors", _PASSED, "240 requests, no alert", seconds=10.0),
    Check("single", "One error at low traffic wakes nobody", _PASSED, "1 of 9 requests failed, no alert", seconds=3.2),
    Check("page_fires", "The page fires when errors begin", _PASSED, "after 3.6 s, 7.2 min by the rules", seconds=3.61),
    Check("page_arrives", "The page arrives with the team's key", _PASSED, "severity critical", seconds=0.02),
    Check("page_resolves", "The page resolves when errors stop", _PASSED, "after 5.4 s", seconds=5.4),
    Check("ticket", "The ticket goes where tickets go", Verdict.LEFT_OUT, "its 1d∧2h would take 12 min even here"),
    Check("absent", "An alert fires when the service stops", _PASSED, "after 3.2 s", seconds=3.2),
    Check("logs", "Log lines are JSON with the standard fields", _PASSED, "281 lines, 10 fields each", seconds=0.01),
    Check("traces", "A trace has the id that is in the log", _PASSED, f"{TRACE} in both", seconds=0.35),
)

_SUMMARY: Final = "payments-api (staging): the availability budget burns fast"

GREEN: Final = Evidence(
    service="payments-api",
    path="service",
    version="1.0.0",
    team="payments",
    environment="staging",
    commit="3f2a91c07be1",
    began=BEGAN,
    seconds=43.1,
    lapse=LAPSE,
    versions={"prometheus": "2.42.0", "alertmanager": "0.25.0", "promtool": "2.42.0"},
    parts={"checkout": 0.4, "start": 6.9, "traffic": 10.0, "errors": 8.0, "recovery": 10.0, "stop": 5.0, "end": 2.8},
    checks=_CHECKS,
    panels=tuple(_panels()),
    moments=(
        Moment(ZERO + _FIRST, "traffic begins", "traffic"),
        Moment(ZERO + _ERRORS, "errors begin", "errors"),
        Moment(ZERO + 22.61, "AvailabilityBudgetBurnsFast fires", "fired"),
        Moment(ZERO + 22.63, "the page arrives", "paged"),
        Moment(ZERO + _RECOVERED, "errors stop", "recovered"),
        Moment(ZERO + 31.9, "AvailabilityBudgetBurnsFast is silent", "quiet"),
        Moment(ZERO + 32.4, "the page is resolved", "resolved"),
        Moment(ZERO + _STOPPED, "the service is stopped", "stopped"),
        Moment(ZERO + 40.2, "MetricsAbsent fires", "absent"),
    ),
    pages=(
        Page(ZERO + 22.63, "trigger", "secret:payments", "critical", _SUMMARY, "5b1f0c7d9e"),
        Page(ZERO + 24.1, "trigger", "secret:payments", "warning", f"{_SUMMARY}, ticket", "a04c9e12bb"),
        Page(ZERO + 32.42, "resolve", "secret:payments", "critical", _SUMMARY, "5b1f0c7d9e"),
        Page(ZERO + 40.23, "trigger", "secret:payments", "critical", "payments-api: no metrics any more", "77d0e3a1c4"),
    ),
    logs=(
        {
            "timestamp": "2026-11-23T14:03:41.512Z",
            "level": "error",
            "logger": "app.access",
            "message": "GET /drill/failure 500",
            "service": "payments-api",
            "team": "payments",
            "environment": "staging",
            "version": "1.0.0",
            "trace_id": TRACE,
            "span_id": "00f067aa0ba902b7",
        },
    ),
    spans=(
        {
            "name": "GET /drill/failure",
            "trace_id": TRACE,
            "span_id": "00f067aa0ba902b7",
            "kind": "SERVER",
            "status": "ERROR",
            "attributes": {"http.request.method": "GET", "http.route": "/drill/failure"},
            "resource": {"service.name": "payments-api", "service.version": "1.0.0"},
        },
    ),
    requests={"good": 611, "failing": 77},
)

_WRONG: Final = {
    "panels": (
        "Latency: Quantiles",
        "The query has no data. It asks for http_server_request_duration_second_bucket, which the service does not "
        "have.",
        "http_server_request_duration_seconds_bucket is the nearest that it has",
    ),
    "page_arrives": (
        "receiver payments",
        "PagerDuty would refuse it: severity 'page' is none of critical, error, warning, info.",
        "Set severity from the label in the receiver of the shared configuration",
    ),
    "logs": ("app.access: trace_id", "The field trace_id is missing in 281 of 281 lines.", ""),
}


def _spoilt(panel: Panel) -> Panel:
    if panel.title == "Quantiles":
        return replace(panel, asked=[replace(asked, series=(), problem="no data") for asked in panel.asked])
    if panel.title == "Memory":
        problem = 'bad_data: 1:28: parse error: unexpected identifier "process_resident_memory_bytes"'
        return replace(panel, asked=[replace(panel.asked[0], series=(), problem=problem), panel.asked[1]])
    return panel


RED: Final = replace(
    GREEN,
    checks=tuple(
        replace(check, verdict=Verdict.FAILED, culprit=_WRONG[check.id][0], detail=_WRONG[check.id][1])
        if check.id in _WRONG
        else check
        for check in (replace(check, hint=_WRONG[check.id][2]) if check.id in _WRONG else check for check in _CHECKS)
    ),
    panels=tuple(_spoilt(panel) for panel in GREEN.panels),
    moments=tuple(moment for moment in GREEN.moments if moment.kind not in ("paged", "resolved")),
    pages=(),
    logs=tuple({name: value for name, value in line.items() if name != "trace_id"} for line in GREEN.logs),
)

EMPTY: Final = replace(
    GREEN, parts={}, checks=(), panels=(), moments=(), pages=(), logs=(), spans=(), requests={}, versions={}
)

HOSTILE: Final = (
    """'"--></title></style></svg><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %}"""
    "\x00\x1b\ud800\u202e&lt;]]>"
)


def changed(value: Any, how: Callable[[str], str]) -> Any:
    """The same with every text in it changed, but for words that the model itself defines."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return how(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: changed(getattr(value, field.name), how) for field in fields(value)})
    if isinstance(value, dict):
        return {how(key): changed(inner, how) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(changed(inner, how) for inner in value)
    return value
