"""How soon things have to happen, in seconds of a proof.

Time-lapse divides what rules and Alertmanager wait for, but not what this machine needs to run all of it side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from platformctl.proof.thresholds import PAGE, Objective, reachable
from platformctl.stack.durations import seconds

ALLOWANCE: Final = 2.0
"""Seconds on top of each promise, for a busy machine, which time-lapse does not make faster. They are less than the
shortest window of a page, five minutes, takes in a proof: an alert which waits for one window more is late."""
_GROUP_WAIT: Final = "30s"
_GROUP_INTERVAL: Final = "5m"
"""Alertmanager's own for a new group and for news of one. (docs: prometheus.io, Alerting, Configuration, `<route>`)"""
_GONE: Final = "15m"
"""Within a quarter of an hour somebody hears that a service is gone."""


class Promise:
    """For one objective, with everything going by `lapse` times faster and scrapes `interval` seconds apart."""

    def __init__(self, objectives: Sequence[Objective], lapse: float, interval: float) -> None:
        self._windows = [
            seconds(burn.short) for burn in (reachable(objectives[0].budget, PAGE) if objectives else [])
        ] or [0.0]
        self._lapse = lapse
        self._seen = 2 * interval
        """One scrape and one evaluation."""

    @property
    def fires(self) -> float:
        """From the first of many errors to the alert: the shortest window of a burn."""
        return min(self._windows) / self._lapse + self._seen

    @property
    def arrives(self) -> float:
        """From the alert to the page."""
        return seconds(_GROUP_WAIT) / self._lapse + self._seen

    @property
    def resolves(self) -> float:
        """From the last error to the news that it is over: the longest of those windows has to be clean."""
        return max(self._windows) / self._lapse + self._seen + seconds(_GROUP_INTERVAL) / self._lapse

    @property
    def gone(self) -> float:
        """From a service's end to the page about it."""
        return seconds(_GONE) / self._lapse + self._seen + self.arrives
