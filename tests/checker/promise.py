"""What a service promises and measures: all that the checker knows, and nothing of how it is watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Promise:
    """One service in one environment."""

    service: str
    signals: Mapping[str, Any]
    """What it measures: `event`, `duration`, `failed`, `by`, `backlog`, as a recipe says it."""
    slo: Mapping[str, float]
    """`availability` and `share` in percent, `seconds`, and `waiting_seconds` where there is a backlog."""
    failed: str
    """A value of the label by which failures are told, for an event that failed."""
    good: str
    """The same for another."""
    by: Mapping[str, str] = field(default_factory=dict)
    """Labels by which traffic is broken down, each with a value."""
    gauges: Mapping[str, str] = field(default_factory=dict)
    """Metrics that say how full it is, by the panels that show them."""
    team: str = "payments"
    environment: str = "staging"
    limits: Mapping[str, float] = field(default_factory=lambda: STANDARD)
    """What its tier allows, by the series that record it."""

    @property
    def labels(self) -> Mapping[str, str]:
        """What tells its series from others'."""
        return {"service": self.service, "environment": self.environment}

    @property
    def budgets(self) -> Mapping[str, float]:
        """The share of events that may fail, and that may be slow."""
        return {"availability": 1 - self.slo["availability"] / 100, "latency": 1 - self.slo.get("share", 99) / 100}

    @property
    def kind(self) -> Mapping[str, Any]:
        """As `tests.scenario` takes it."""
        return {"signals": self.signals, "slo": self.slo, "failed": self.failed, "good": self.good}


STANDARD: Final = {"tier:cpu_limit:cores": 0.5, "tier:memory_limit:bytes": 2.0**28, "tier:max_replicas:count": 6}
"""The tier `standard`: half a processor and 256 MiB for each of six replicas."""
SERVICE: Final = Promise(
    service="payments-api",
    signals={
        "event": "requests",
        "duration": "http_server_request_duration_seconds",
        "failed": {"label": "http_response_status_code", "matches": "5.."},
        "by": ["http_request_method", "http_route"],
    },
    slo={"availability": 99.9, "seconds": 0.5, "share": 99},
    failed="500",
    good="200",
    by={"http_request_method": "GET", "http_route": "/items/{item_id}"},
    gauges={"In progress": "http_server_active_requests"},
)
WORKER: Final = Promise(
    service="payments-worker",
    signals={
        "event": "messages",
        "duration": "messaging_process_duration_seconds",
        "failed": {"label": "error_type", "matches": ".+"},
        "by": ["messaging_destination_name"],
        "backlog": {
            "waiting": "messaging_queue_messages",
            "oldest": "messaging_queue_oldest_message_age_seconds",
        },
    },
    slo={"availability": 99.9, "seconds": 0.5, "share": 99, "waiting_seconds": 300},
    failed="TimeoutError",
    good="",
    by={"messaging_destination_name": "payments-worker"},
)
PROMISES: Final = {"service": SERVICE, "worker": WORKER}
"""What the golden paths promise when nothing else is said."""
