"""Metrics for Prometheus, after OpenTelemetry's names for messaging."""

from prometheus_client import Gauge, Histogram

from app.settings import Settings

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

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
BUILD_INFO = Gauge(
    "service_build_info",
    "Which version of the service is running; the value is always 1.",
    ["service", "team", "environment", "tier", "version"],
)


def configure(settings: Settings, destination: str) -> None:
    """Say which version is running, and that nothing has been processed yet."""
    BUILD_INFO.clear()
    BUILD_INFO.labels(
        service=settings.service,
        team=settings.team,
        environment=settings.environment,
        tier=settings.tier,
        version=settings.version,
    ).set(1)
    PROCESS_DURATION.labels(destination, "process", "")
