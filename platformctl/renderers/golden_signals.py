"""The rows of a service's dashboard: its objectives, then the golden signals.

Queries are PromQL in which `$environment`, `$instance` and `$__rate_interval` are Grafana's. Objectives look at all
instances, signals at those that are chosen, limits at what the rules of the environment record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from platformctl.renderers import limits
from platformctl.renderers.panels import Panel, Query, Row
from platformctl.renderers.signals import Signals

_RECENT: Final = "$__rate_interval"
_PERIOD: Final = "30d"
"""Over which an objective is kept."""
_PAGE: Final = 14.4
"""Burn rate over an hour that spends 2 % of the period's budget (Site Reliability Workbook, chapter 5)."""
_SLOW_PAGE: Final = 6
"""Burn rate over six hours that spends 5 % of it (the same)."""
_INSTANCE: Final = "{{instance}}"


@dataclass(frozen=True)
class _Objective:
    name: str
    promise: str
    bad: Callable[[str], str]
    """PromQL for the share of events that were bad within a window."""
    budget: Decimal
    """The share that may be."""

    def burn(self, window: str) -> str:
        """How many times faster than allowed the budget was spent."""
        return f"({self.bad(window)}) / {self.budget:f}"


class GoldenSignals:
    """The rows for the inputs of a step."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        service = {"service": given["service"], "environment": "$environment"}
        self._whole = Signals(given["signals"], service)
        self._chosen = Signals(given["signals"], {**service, "instance": "$instance"})
        self._event = self._whole.event
        self._failed_label: str = given["signals"]["failed"]["label"]
        self._seconds: float = given["slo"]["seconds"]
        self._availability: float = given["slo"]["availability"]
        self._in_time: float = given["slo"].get("share", 99)
        self._waiting: float | None = given["slo"].get("waiting_seconds")
        self._more: Sequence[Mapping[str, str]] = given.get("saturation", ())

    def rows(self) -> list[Row]:
        """From what matters most to a person who is woken up, downwards."""
        backlog = [self._backlog()] if self._chosen.backlog else []
        signals = [self._latency(), self._traffic(), self._errors(), self._saturation()]
        return [self._objectives(), *backlog, *signals]

    def _objectives(self) -> Row:
        objectives = [
            _Objective(
                "Availability",
                f"{self._availability:.10g} % of {self._event} do not fail",
                lambda window: _failed(self._whole, window),
                _budget(self._availability),
            ),
            _Objective(
                "Latency",
                f"{self._in_time:.10g} % of {self._event} take at most {self._seconds:g} s",
                lambda window: f"1 - {self._within(self._whole, window)}",
                _budget(self._in_time),
            ),
        ]
        left = [
            Panel(
                f"{objective.name}: budget left",
                f"The promise over 30 days: {objective.promise}. At 100 % nothing of the error budget is spent; below "
                "0 % the promise is broken.",
                "percentunit",
                [Query(f"1 - {objective.burn(_PERIOD)}", objective.name)],
                steps=[("red", None), ("orange", 0.0), ("green", 0.25)],
                number=True,
            )
            for objective in objectives
        ]
        burn = Panel(
            "Burn rate",
            "How many times faster than allowed the error budgets are spent; at 1 they last for 30 days. The lines: "
            f"{_SLOW_PAGE:g} for six hours and {_PAGE:g} for one hour are worth waking somebody up.",
            "none",
            [
                Query(objective.burn(window), f"{objective.name}, {window}")
                for objective in objectives
                for window in ("1h", "6h")
            ],
            steps=[("green", None), ("orange", _SLOW_PAGE), ("red", _PAGE)],
        )
        return Row("Objectives: what users can rely on", [*left, burn])

    def _backlog(self) -> Row:
        # Every instance reports the same queue.
        waiting, oldest = (f"max({self._chosen.series(self._chosen.backlog[name])})" for name in ("waiting", "oldest"))
        return Row(
            f"Backlog: {self._event} that wait",
            [
                Panel("Waiting", f"How many {self._event} wait to be worked on.", "short", [Query(waiting, "waiting")]),
                Panel(
                    "Oldest",
                    "How long the oldest of them has waited. A line is the promise, where there is one.",
                    "s",
                    [Query(oldest, "oldest")],
                    steps=[("green", None), ("red", self._waiting)] if self._waiting else [],
                ),
            ],
        )

    def _latency(self) -> Row:
        signals, by = self._chosen, self._chosen.by
        shares = ((0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"))
        panels = [
            Panel(
                "Quantiles",
                f"50, 90 and 99 % of {self._event} took at most this long. The line is the promise.",
                "s",
                [Query(signals.quantile(share, _RECENT), name) for share, name in shares],
                steps=[("green", None), ("red", self._seconds)],
            ),
            Panel(
                f"Within {self._seconds:g} s",
                f"The share of {self._event} that took at most so long. The line is the promise.",
                "percentunit",
                [Query(self._within(signals, _RECENT), "in time")],
                steps=[("red", None), ("green", self._in_time / 100)],
            ),
        ]
        if by:
            slowest = Query(signals.quantile(0.99, _RECENT, by), _legend(by))
            text = f"99 % of {self._event} took at most this long."
            panels.append(Panel(f"99 % by {', '.join(by)}", text, "s", [slowest]))
        return Row(f"Latency: how long {self._event} take", panels)

    def _traffic(self) -> Row:
        groups = [list(self._chosen.by), [self._failed_label]]
        panels = [
            Panel(
                f"By {', '.join(labels)}",
                f"{self._event.capitalize()} a second.",
                f"count:{self._event}/s",
                [Query(self._chosen.traffic(_RECENT, labels), _legend(labels))],
                stacked=True,
            )
            for labels in groups
            if labels
        ]
        return Row(f"Traffic: {self._event} a second", panels)

    def _errors(self) -> Row:
        labels = list(dict.fromkeys([self._failed_label, *self._chosen.by]))
        return Row(
            f"Errors: {self._event} that fail",
            [
                Panel(
                    "Failed",
                    f"The share of {self._event} that failed. The line is what the promise allows.",
                    "percentunit",
                    [Query(_failed(self._chosen, _RECENT), "failed")],
                    steps=[("green", None), ("red", float(_budget(self._availability)))],
                ),
                Panel(
                    f"Failed by {', '.join(labels)}",
                    f"Failed {self._event} a second; nothing where none ever failed.",
                    f"count:{self._event}/s",
                    [Query(self._chosen.failures(_RECENT, labels), _legend(labels))],
                    stacked=True,
                ),
            ],
        )

    def _saturation(self) -> Row:
        cpu = f"sum by (instance) (rate({self._chosen.series('process_cpu_seconds_total')}[{_RECENT}]))"
        versions = Query(f"count by (version) ({self._whole.series('service_build_info')})", "{{version}}")
        silent = Query(f"sum({self._whole.series('up')} == bool 0)", "not answering")
        return Row(
            "Saturation: how full it is",
            [
                Panel(
                    "Processor",
                    "Cores in use by each instance. It is slowed down at the dashed line, its tier's limit.",
                    "suffix: cores",
                    [Query(cpu, _INSTANCE), self._limit(limits.CPU)],
                ),
                Panel(
                    "Memory",
                    "Memory in use by each instance. It is killed at the dashed line, its tier's limit.",
                    "bytes",
                    [self._each("process_resident_memory_bytes"), self._limit(limits.MEMORY)],
                ),
                Panel(
                    "Replicas",
                    "Instances by the version that they run. The dashed line is how many its tier allows.",
                    "short",
                    [versions, silent, self._limit(limits.REPLICAS)],
                    stacked=True,
                ),
                *(
                    Panel(more["title"], more.get("description", ""), more["unit"], [self._each(more["metric"])])
                    for more in self._more
                ),
            ],
        )

    def _each(self, gauge: str) -> Query:
        return Query(f"sum by (instance) ({self._chosen.series(gauge)})", _INSTANCE)

    def _limit(self, record: str) -> Query:
        """The same for all instances."""
        return Query(self._whole.series(record), "limit", limit=True)

    def _within(self, signals: Signals, window: str) -> str:
        return f"{signals.within(window, self._seconds)} / {signals.traffic(window)}"


def _budget(percent: float) -> Decimal:
    """The share that a promise of so many percent leaves; in binary, 1 - 0.999 would not be 0.001."""
    return ((100 - Decimal(str(percent))) / 100).normalize()


def _failed(signals: Signals, window: str) -> str:
    """The share that failed; 0, and not nothing, where none ever did."""
    traffic = signals.traffic(window)
    return f"({signals.failures(window)} or 0 * {traffic}) / {traffic}"


def _legend(labels: Sequence[str]) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in labels)
