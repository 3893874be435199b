"""Metrics for Prometheus, under OpenTelemetry's stable names for HTTP servers."""

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from app.settings import Settings

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

REQUEST_DURATION = Histogram(
    "http_server_request_duration_seconds",
    "Duration of HTTP server requests.",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=BUCKETS,
)
ACTIVE_REQUESTS = Gauge(
    "http_server_active_requests",
    "Number of HTTP server requests in progress.",
    ["http_request_method"],
)
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


async def endpoint(request: Request) -> Response:
    """Answer a scrape."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
