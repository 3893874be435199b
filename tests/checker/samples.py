"""What services show to Prometheus, in known numbers, so that it is known what queries have to find.

Each is there three times over, as three environments: in `staging` some events fail and some are slow; in `production`
too, fifty times as many, with bounds as Go writes them (`le="1"` where Python writes `le="1.0"`); in `calm` none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from tests.checker.promise import Promise
from tests.prometheus import Value

LENGTH: Final = 7200.0
"""Seconds from the first sample to the last."""
INSTANCES: Final = ("10.0.0.1:8080", "10.0.0.2:8080")
WAITING, OLDEST, BUSY, MEMORY, CPU = 7.0, 42.0, 3.0, 1e8, 0.1
"""Gauges of each instance; processors that it uses."""
_WITHIN: Final = {0.1: 0.98, 0.25: 0.98, 0.5: 0.98, 1.0: 1.0, 2.5: 1.0}
"""The share of events that take at most so many seconds, where some are slow."""


class Environment(NamedTuple):
    """A service as it is somewhere."""

    scale: float
    fails: bool
    whole: str
    """How a bound of whole seconds is written."""

    def within(self, seconds: float) -> float:
        """The share of events that take no longer."""
        return _WITHIN[seconds] if self.fails else 1.0

    @property
    def failing(self) -> float:
        """The share of events that fail."""
        return 1 / 60 if self.fails else 0.0


ENVIRONMENTS: Final = {
    "staging": Environment(1, True, ".1f"),
    "production": Environment(50, True, "g"),
    "calm": Environment(1, False, ".1f"),
}
PER_SECOND: Final = 2.0
"""Events of each instance, in `staging`."""


def series(promise: Promise) -> Iterator[tuple[str, Value]]:
    """Every series in every environment, by name and labels; those of one metric are not together."""
    for name, environment in ENVIRONMENTS.items():
        there = f'service="{promise.service}",environment="{name}"'
        for record, limit in promise.limits.items():
            yield f"{record}{{{there}}}", _always(limit * environment.scale)
        for instance in INSTANCES:
            yield from _instance(promise, environment, f'{there},instance="{instance}"')


def _instance(promise: Promise, environment: Environment, own: str) -> Iterator[tuple[str, Value]]:
    scale, label = environment.scale, promise.signals["failed"]["label"]
    broken_down = "".join(f',{name}="{value}"' for name, value in promise.by.items())
    for value, share in ((promise.good, 1 - environment.failing), (promise.failed, environment.failing)):
        if share:
            count = PER_SECOND * scale * share
            yield from _histogram(
                promise.signals["duration"], f'{own}{broken_down},{label}="{value}"', count, environment
            )
    backlog = promise.signals.get("backlog")
    gauges = {
        "process_resident_memory_bytes": MEMORY * scale,
        "up": 1.0,
        **dict.fromkeys(promise.gauges.values(), BUSY * scale),
        **({backlog["waiting"]: WAITING * scale, backlog["oldest"]: OLDEST * scale} if backlog else {}),
    }
    for metric, value in gauges.items():
        yield f"{metric}{{{own}}}", _always(value)
    yield f"process_cpu_seconds_total{{{own}}}", _steadily(CPU * scale)
    yield f'service_build_info{{{own},version="1"}}', _between(0, LENGTH / 2)
    yield f'service_build_info{{{own},version="2"}}', _between(LENGTH / 2, LENGTH + 1)


def _histogram(metric: str, labels: str, rate: float, environment: Environment) -> Iterator[tuple[str, Value]]:
    for bound in _WITHIN:
        written = format(bound, environment.whole if bound.is_integer() else "g")
        yield f'{metric}_bucket{{{labels},le="{written}"}}', _steadily(rate * environment.within(bound))
    yield f'{metric}_bucket{{{labels},le="+Inf"}}', _steadily(rate)
    yield f"{metric}_count{{{labels}}}", _steadily(rate)


def _steadily(rate: float) -> Value:
    """A counter that grows by so much a second."""
    return lambda seconds: rate * seconds


def _always(value: float) -> Value:
    """A gauge that does not move."""
    return lambda seconds: value


def _between(first: float, last: float) -> Value:
    """1 from one moment to another."""
    return lambda seconds: 1.0 if first <= seconds < last else None
