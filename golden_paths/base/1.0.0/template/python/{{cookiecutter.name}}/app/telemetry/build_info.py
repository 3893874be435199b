"""Which version is running, as a metric."""

from prometheus_client import Gauge

from app.settings import Settings

BUILD_INFO = Gauge(
    "service_build_info",
    "Which version of the service is running; the value is always 1.",
    ["service", "team", "environment", "tier", "version"],
)


def configure(settings: Settings) -> None:
    """Say which version is running."""
    BUILD_INFO.clear()
    BUILD_INFO.labels(
        service=settings.service,
        team=settings.team,
        environment=settings.environment,
        tier=settings.tier,
        version=settings.version,
    ).set(1)
