"""Alerts on what is wrong with a service itself: no metrics, a limit almost reached, work that piles up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from platformctl.errors import BadRecipe
from platformctl.renderers.alert import Alert
from platformctl.renderers.limits import CPU, MEMORY, values
from platformctl.renderers.signals import Signals

_BUILD_INFO: Final = "service_build_info"
"""A series that every service has from its start, before it has seen any event."""
_SATURATED: Final = "0.9"
"""The share of a limit from which little is left; autoscaling aims lower."""


def absent(measured: Signals) -> list[Alert]:
    """For a day after the last metrics somebody is woken; from then on, or if none ever came, it is a ticket."""
    info = measured.series(_BUILD_INFO)
    return [
        Alert(
            "MetricsAbsent",
            "critical",
            f"absent({info}) and on () present_over_time({info}[1d])",
            "no metrics any more",
            "Metrics came within the last day, and for 10 minutes there have been none: the service is down, or nobody "
            "can see that it is.",
            hold="10m",
        ),
        Alert(
            "MetricsAbsent",
            "warning",
            f"absent({info})",
            "no metrics for a day",
            "There have been no metrics for a day: the service was never deployed here, or it is not scraped. No other "
            "alert can fire.",
            hold="1d",
        ),
    ]


def saturated(measured: Signals, limits: Mapping[str, Any], tier: str) -> list[Alert]:
    """One alert a replica that is close to what its tier gives it."""
    allowed = values(limits)
    used = {
        "Memory": (
            f"{measured.series('process_resident_memory_bytes')} / {allowed[MEMORY]}",
            f"{limits['memory_limit_mebibytes']} MiB",
            "a replica that reaches its limit is killed",
        ),
        "Cpu": (
            f"rate({measured.series('process_cpu_seconds_total')}[5m]) / {allowed[CPU]}",
            f"{limits['cpu_limit_millicores']} millicores",
            "a replica that reaches its limit is slowed down",
        ),
    }
    return [
        Alert(
            f"{name}Saturated",
            "warning",
            f"{share} > {_SATURATED}",
            f"little {name.lower()} is left",
            f"{{{{ $labels.instance }}}} has used {{{{ $value | humanizePercentage }}}} of the {limit} that tier "
            f"{tier} gives a replica, more than 90 % for 15 minutes; {what}.",
            hold="15m",
        )
        for name, (share, limit, what) in used.items()
    ]


def waiting(measured: Signals, given: Mapping[str, Any]) -> list[Alert]:
    """For signals with a backlog. Raises `BadRecipe` when it is not said how long an event may wait."""
    if "waiting_seconds" not in given:
        raise BadRecipe("signals with a backlog need slo.waiting_seconds: how long an event waits at most")
    # Every replica reports the same queue.
    oldest = f"max({measured.series(measured.backlog['oldest'])})"
    number = measured.series(measured.backlog["waiting"])
    event, limit = measured.event, f"{given['waiting_seconds']:g}"
    return [
        Alert(
            "BacklogUnknown",
            "critical",
            f"absent({measured.series(measured.backlog['oldest'])}) and on () {measured.series(_BUILD_INFO)}",
            f"nobody knows how many {event} wait",
            f"For 10 minutes no replica could say how many {event} wait, although replicas run: they do not reach "
            "their queue, and nothing is worked on.",
            hold="10m",
        ),
        Alert(
            "BacklogTooOld",
            "critical",
            f"{oldest} > {limit}",
            f"{event} wait for too long",
            f"The oldest of the {event} has waited for {{{{ $value | humanizeDuration }}}}, more than {limit} s for 5 "
            "minutes.",
            hold="5m",
        ),
        Alert(
            "BacklogGrows",
            "warning",
            f"min(min_over_time({number}[15m])) > max(max_over_time({number}[15m] offset 45m))",
            f"more and more {event} wait",
            f"For 15 minutes at least {{{{ $value }}}} {event} have waited, more than at any time an hour to 45 "
            "minutes ago, and so for half an hour.",
            hold="30m",
        ),
    ]
