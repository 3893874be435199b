"""Defects of a service's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from tests.defects.defect import BOTH, Defect, Edit, Named, all_of
from tests.defects.edits import inside, swap

_FAST: Final = "AvailabilityBudgetBurnsFast"
_SLOWLY: Final = "AvailabilityBudgetBurnsSlowly"
_SERVICE: Final = r'service="[\w-]+"'
_ENVIRONMENT: Final = r'environment="[\w-]+"'
_NAMES: Final = rf"{_SERVICE},{_ENVIRONMENT}"


def _alert(name: str, pattern: str, new: str) -> Edit:
    """Within the first alert of this name."""
    return inside(rf"- alert: {name}\n(?: {{4,}}.*\n)*", swap(pattern, new))


def _record(name: str, pattern: str, new: str) -> Edit:
    """Within the expression of the first recording of this name, which is that for availability."""
    return inside(rf"- record: {name}\n    expr: .*", swap(pattern, new))


def _threshold(factor: str, window: str, slo: str = "availability") -> Edit:
    """Thresholds on the ratio over these windows, so many times as high."""
    limit = rf'(:ratio_rate(?:{window})\{{[^}}]*slo="{slo}"\}} > )([\d.]+)'
    return swap(limit, lambda found: f"{found[1]}{Decimal(found[2]) * Decimal(factor):f}")


_UNREADABLE: Final[Named] = {
    "PromQL does not parse": (_record("slo:sli_event:rate5m", r"sum\(", "sum(("), "slo:sli_event:rate5m parse error"),
    "a field is mistyped": (_alert("MetricsAbsent", "for:", "form:"), "form not found"),
    "an alert does not lead to the runbook": (_alert(_FAST, r"      runbook_url: .*\n", ""), f"{_FAST} runbook_url"),
    "an alert has no team": (_alert(_FAST, r"      team: .*\n", ""), f"{_FAST} team"),
    "an alert has another team": (
        _alert("MetricsAbsent", r"      team: .*\n", "      team: somebody-else\n"),
        "MetricsAbsent team somebody-else",
    ),
    "a severity that no pager takes": (_alert(_FAST, "severity: critical", "severity: page"), f"{_FAST} severity page"),
    "a recording is renamed and its reader is not": (
        swap("- record: slo:sli_error:ratio_rate1h$", "- record: slo:sli_errors:ratio_rate1h"),
        f"{_FAST} slo:sli_error:ratio_rate1h",
    ),
    "a limit is recorded for no environment": (
        swap(r"(- record: tier:max_replicas:count\n.*\n.*\n.*\n) +environment: .*\n", r"\1"),
        "tier:max_replicas:count environment",
    ),
}
"""Prometheus would not read it, or it does not say what people need."""

_UNANSWERED: Final[Named] = {
    "a metric's name is mistyped": (
        _record("slo:sli_error:ratio_rate2h", "_duration_seconds_count", "_duration_second_count"),
        "slo:sli_error:ratio_rate2h _duration_second_count",
    ),
    "the label of failures is mistyped": (
        _record("slo:sli_error:ratio_rate5m", r",(\w+)=~", r",\1s=~"),
        "slo:sli_error:ratio_rate5m s=~",
    ),
    "a bucket that there is not": (
        swap(r'le=~?"[^"]+"', 'le="0.3"'),
        'slo:sli_error:ratio_rate5m le="0.3"',
    ),
    "another service": (
        _record("slo:sli_error:rate5m", _SERVICE, 'service="somebody-else"'),
        "slo:sli_error:rate5m somebody-else",
    ),
    "a rate over less than two scrapes": (
        _record("slo:sli_event:rate5m", r"\[5m\]", "[30s]"),
        "slo:sli_event:rate5m no sample",
    ),
    "vectors that do not match": (
        _record("slo:current_burn_rate:ratio", r"(?<=\d)$", " * up"),
        "slo:current_burn_rate:ratio no sample",
    ),
    "vectors that match more than once": (
        _record("slo:current_burn_rate:ratio", r"(?<=\d)$", " * on (service) up"),
        "slo:current_burn_rate:ratio many-to-many",
    ),
}
"""Prometheus would not answer, or with nothing."""

_UNTRUE: Final[Mapping[str, Named]] = {
    "limits": {
        "without failures nothing is known": (swap(r" or vector\(0\)", ""), "slo:sli_error:ratio_rate5m"),
        "failures of every service": (swap(rf"{_NAMES},(?=\w+=~)", ""), _FAST),
        "another environment's failures": (swap(rf"{_ENVIRONMENT}(?=,\w+=~)", 'environment="production"'), _FAST),
        "bytes for mebibytes": (swap(r"/ \d+ > 0[.]9$", "/ 256 > 0.9"), "MemorySaturated"),
        "mebibytes are recorded": (_record("tier:memory_limit:bytes", r"\(\d+\)", "(256)"), "tier:memory_limit:bytes"),
        "a replica too many": (
            _record("tier:max_replicas:count", r"\((\d+)\)", r"(1 + \1)"),
            "tier:max_replicas:count",
        ),
        "a limit under another name": (swap("tier:cpu_limit:cores", "tier:cpu_limits:cores"), "tier:cpu_limit:cores"),
    },
    "metrics that stop coming": {
        "ten hours for ten minutes": (_alert("MetricsAbsent", "for: 10m", "for: 10h"), "MetricsAbsent"),
        "anybody's metrics": (
            swap(r"absent\(service_build_info\{[^}]*\}\)", "absent(service_build_info)"),
            "MetricsAbsent",
        ),
    },
    "metrics that stay away": {
        "a page that never ends": (_alert("MetricsAbsent", r"\[1d\]", "[30d]"), "MetricsAbsent")
    },
    "metrics that never came": {"ten days for a day": (swap("for: 1d", "for: 10d"), "MetricsAbsent")},
    "one of few": {"one failure is enough": (swap(r"> 2[.]5\)", "> 0.5)"), _FAST)},
    "all of few": {"failures a second for failures": (swap(r"increase\(", "rate("), _FAST)},
    "over an hour": {
        "a page at ten times the burn": (_threshold("10", "1h|5m"), _FAST),
        "a latency page at ten times the burn": (_threshold("10", "1h|5m", "latency"), "LatencyBudgetBurnsFast"),
        "a page at a tenth of the burn": (_threshold("0.1", "1h|5m"), _FAST),
        "a later page at a tenth of the burn": (_threshold("0.1", "6h|30m"), _FAST),
        "a short window at a tenth of the burn": (_threshold("0.1", "5m"), _FAST),
        "a page that goes on: no short window": (
            _alert(_FAST, r":ratio_rate5m(\{[^}]*\} > )", r":ratio_rate1h\1"),
            _FAST,
        ),
        "the last bucket for the promised one": (swap(r'le=~?"[^"]+"', 'le="+Inf"'), "LatencyBudgetBurnsFast"),
    },
    "over six hours": {"a later page at ten times the burn": (_threshold("10", "6h|30m"), _FAST)},
    "over a day": {
        "a ticket at ten times the burn": (_threshold("10", "1d|2h"), _SLOWLY),
        "a ticket at a tenth of the burn": (_threshold("0.1", "1d|2h"), _SLOWLY),
        "a later ticket at a tenth of the burn": (_threshold("0.1", "3d|6h"), _SLOWLY),
    },
    "over three days": {
        "a later ticket at ten times the burn": (_threshold("10", "3d|6h"), _SLOWLY),
        "a ticket that goes on: no short window": (
            _alert(_SLOWLY, r":ratio_rate(?:2h|6h)(\{[^}]*\} > )", r":ratio_rate3d\1"),
            _SLOWLY,
        ),
    },
}
"""Prometheus would answer, and it is not what was promised; by the timeline that shows it."""

_OF_A_BACKLOG: Final[Mapping[str, Named]] = {
    "what waits for long": {
        "ten times the wait that was promised": (_alert("BacklogTooOld", r"( > \d+)$", r"\g<1>0"), "BacklogTooOld"),
        "a queue that cannot be reached is an empty one": (
            swap(r"absent\(messaging_\w+\{[^}]*\}\)", "absent(up)"),
            "BacklogUnknown",
        ),
    },
    "what waits and grows": {
        "thirty hours for half an hour": (_alert("BacklogGrows", "for: 30m", "for: 30h"), "BacklogGrows")
    },
    "what waits and shrinks": {
        "whatever waits is a backlog": (swap(r"\) > max\(max_over", ") < max(max_over"), "BacklogGrows"),
    },
}
"""The same, for a service that takes its work from a queue."""


def _untrue(timelines: Mapping[str, Named], *paths: str) -> Iterator[Defect]:
    for timeline, defects in timelines.items():
        for name, (edit, culprit) in defects.items():
            yield Defect(name, "rules", edit, culprit, "scenarios", paths, timeline)


DEFECTS: Final = (
    *all_of("rules", {"lint": _UNREADABLE, "evaluated": _UNANSWERED}),
    *_untrue(_UNTRUE, *BOTH),
    *_untrue(_OF_A_BACKLOG, "worker"),
)
