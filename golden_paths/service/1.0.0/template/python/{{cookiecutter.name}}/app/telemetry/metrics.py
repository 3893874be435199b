"""Metrics for Prometheus, under OpenTelemetry's stable names for HTTP servers."""

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from app.telemetry.buckets import BUCKETS

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


async def endpoint(request: Request) -> Response:
    """Answer a scrape."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
