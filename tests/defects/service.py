"""Defects of a service in Python: what it shows of itself is not what dashboard, rules and the platform read."""

from __future__ import annotations

from typing import Final

from tests.defects.defect import BOTH, Defect, Edit
from tests.defects.edits import swap

_TELEMETRY: Final = "app/telemetry"


def _shows(name: str, file: str, edit: Edit, culprit: str, *paths: str) -> Defect:
    return Defect(name, "service", edit, culprit, "proof", paths or BOTH, f"{_TELEMETRY}/{file}.py")


DEFECTS: Final = (
    _shows(
        "its histogram has an older name",
        "metrics",
        swap('"(http_server|messaging_process)_(request_)?duration_seconds"', r'"\1_duration_milliseconds"'),
        "_duration_seconds",
    ),
    _shows(
        "its histogram has no bucket at the promise",
        "buckets",
        swap("0[.]25, 0[.]5, 0[.]75, 1, 2[.]5, ", "0.3, 0.6, 0.9, 1, 3, "),
        "le=",
    ),
    _shows(
        "it does not say its version", "build_info", swap('"service_build_info"', '"build_info"'), "service_build_info"
    ),
    _shows(
        "every answer counts as a success",
        "middleware",
        swap(r"route, str\(self\._status_code\)", 'route, "200"'),
        "AvailabilityBudgetBurnsFast",
        "service",
    ),
    _shows("its log has no team", "logs", swap(r' +"team": settings\.team,\n', ""), "team"),
    _shows("its log is no JSON", "logs", swap(r"return json\.dumps\(line, .*\)$", "return str(line)"), "JSON"),
    _shows("its log does not know the trace", "logs", swap(r" +\*\*_current_trace\(\),\n", ""), "trace_id"),
    _shows("its traces go nowhere", "traces", swap(r"^( +)provider\.add_span_processor\(.*\)$", r"\1pass"), "trace"),
)
