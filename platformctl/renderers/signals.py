"""What a kind of service measures, as data in a recipe, and the PromQL that follows from it.

Dashboards, alerts and SLOs are made from the same few facts: a histogram of how long an event takes (its count is the
traffic), how a failed event is told from others, and gauges of what is waiting. So a path with other signals needs
other data and no code. Names have to be those that Prometheus 2.42 accepts, before it took any UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from platformctl.model import Json

Function = Literal["rate", "increase"]
"""PromQL's functions of a counter: how many a second, and how many in all, over a window."""

_METRIC: Final = "^[a-zA-Z_:][a-zA-Z0-9_:]*$"
_LABEL: Final = "^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$"
"""A label name; those that begin with two underscores are Prometheus' own."""

SCHEMA: Final[Mapping[str, Json]] = {
    "type": "object",
    "required": ["event", "duration", "failed"],
    "additionalProperties": False,
    "description": "What this kind of service measures.",
    "properties": {
        "event": {"type": "string", "pattern": "^[a-z]+$", "description": "What is counted, in the plural: requests."},
        "duration": {
            "type": "string",
            "pattern": _METRIC,
            "description": "the name of a histogram in seconds, one observation an event, as Prometheus 2.42 takes it",
        },
        "failed": {
            "type": "object",
            "required": ["label", "matches"],
            "additionalProperties": False,
            "description": "How a failed event is told from others.",
            "properties": {
                "label": {"type": "string", "pattern": _LABEL, "description": "a label name that Prometheus takes"},
                "matches": {"type": "string", "minLength": 1, "description": "A regular expression on its value."},
            },
        },
        "by": {
            "type": "array",
            "items": {"type": "string", "pattern": _LABEL, "description": "a label name that Prometheus takes"},
            "description": "Labels by which traffic is broken down.",
        },
        "backlog": {
            "type": "object",
            "required": ["waiting", "oldest"],
            "additionalProperties": False,
            "description": "What waits to be worked on, for services that take their work from a queue.",
            "properties": {
                "waiting": {
                    "type": "string",
                    "pattern": _METRIC,
                    "description": "the name of a gauge: how many events wait",
                },
                "oldest": {
                    "type": "string",
                    "pattern": _METRIC,
                    "description": "the name of a gauge: seconds that the oldest has waited",
                },
            },
        },
    },
}


class Signals:
    """The PromQL of one service's signals.

    `selector` are the labels that tell its series from others': name to value, each matched exactly. A value that
    begins with `$` is a dashboard's variable and is matched as a regular expression.
    """

    def __init__(self, given: Mapping[str, Any], selector: Mapping[str, str]) -> None:
        self.event: str = given["event"]
        self.by: Sequence[str] = given.get("by", ())
        self._duration: str = given["duration"]
        self._failed = f"{given['failed']['label']}=~{json.dumps(given['failed']['matches'])}"
        self._selector = [_matcher(label, value) for label, value in selector.items()]
        self.backlog: Mapping[str, str] = given.get("backlog", {})

    def series(self, metric: str, *more: str) -> str:
        """A selector of this service's series of a metric: `up{service="x"}`."""
        return f"{metric}{{{','.join([*self._selector, *more])}}}"

    def traffic(self, window: str, by: Sequence[str] = (), function: Function = "rate") -> str:
        """Events a second; with `increase`, all of them."""
        return _sum(self.series(f"{self._duration}_count"), window, by, function)

    def failures(self, window: str, by: Sequence[str] = (), function: Function = "rate") -> str:
        """Failed events a second, or all of them; nothing where none ever failed."""
        return _sum(self.series(f"{self._duration}_count", self._failed), window, by, function)

    def within(self, window: str, seconds: float, function: Function = "rate") -> str:
        """Events a second, or all, that took at most so long; `seconds` has to be a bucket's bound."""
        # Of whole seconds, OpenTelemetry writes 1 and prometheus-client 1.0.
        whole = float(seconds).is_integer()
        bound = f'le=~"{seconds:g}([.]0)?"' if whole else f'le="{seconds:g}"'
        return _sum(self.series(f"{self._duration}_bucket", bound), window, (), function)

    def quantile(self, share: float, window: str, by: Sequence[str] = ()) -> str:
        """Seconds within which this share of events was done."""
        buckets = _sum(self.series(f"{self._duration}_bucket"), window, ["le", *by], "rate")
        return f"histogram_quantile({share:g}, {buckets})"


def _sum(series: str, window: str, by: Sequence[str], function: Function) -> str:
    grouped = f" by ({', '.join(by)}) " if by else ""
    return f"sum{grouped}({function}({series}[{window}]))"


def _matcher(label: str, value: str) -> str:
    return f"{label}{'=~' if value.startswith('$') else '='}{json.dumps(value, ensure_ascii=False)}"
