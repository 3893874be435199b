"""Metrics for Prometheus, after OpenTelemetry's names for messaging."""

from prometheus_client import Gauge, Histogram

from app.telemetry.buckets import BUCKETS

PROCESS_DURATION = Histogram(
    "messaging_process_duration_seconds",
    "Duration of processing one message; error_type is empty when it went well.",
    ["messaging_destination_name", "messaging_operation_name", "error_type"],
    buckets=BUCKETS,
)
QUEUE_MESSAGES = Gauge(
    "messaging_queue_messages",
    "Number of messages that nobody has finished; the same in every replica.",
    ["messaging_destination_name"],
)
OLDEST_MESSAGE_AGE = Gauge(
    "messaging_queue_oldest_message_age_seconds",
    "Age of the oldest message that nobody has finished; the same in every replica.",
    ["messaging_destination_name"],
)


def configure(destination: str) -> None:
    """Say that nothing has been processed yet."""
    PROCESS_DURATION.labels(destination, "process", "")
