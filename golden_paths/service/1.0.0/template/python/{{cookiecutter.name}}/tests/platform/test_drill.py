"""The service fails on purpose if that is on, and then as it fails of a bug.

The platform owns this file: change it in the golden path, not here.
"""

from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import REGISTRY

from app.settings import Settings
from app.telemetry import Service
from tests.platform.observed import TRACE_ID, TRACEPARENT, LogReader, only

ROUTE = "/drill/failure"


def drilled() -> FastAPI:
    return Service(Settings(environment="test", version="1.2.3", drill=True))


def failures_counted() -> float:
    labels = {
        "http_request_method": "GET",
        "http_route": ROUTE,
        "http_response_status_code": "500",
    }
    name = "http_server_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_it_is_off_by_default(log_lines: LogReader) -> None:
    before = failures_counted()
    with TestClient(Service(Settings(environment="test"))) as client:
        assert client.get(ROUTE).status_code == 404

    assert failures_counted() == before
    assert not [line for line in log_lines() if line["logger"] == "app.error"]


def test_it_looks_like_a_bug(
    client: TestClient, spans: InMemorySpanExporter, log_lines: LogReader
) -> None:
    bug = client.get("/platform-test/crash")
    spans.clear()
    log_lines()
    before = failures_counted()
    with TestClient(drilled()) as drill:
        answer = drill.get(ROUTE, headers={"traceparent": TRACEPARENT})
    lines = log_lines()
    (span,) = spans.get_finished_spans()

    assert (answer.status_code, answer.text) == (bug.status_code, bug.text)
    assert answer.headers.items() == bug.headers.items()
    assert failures_counted() == before + 1
    assert only(lines, "app.access")["http_route"] == ROUTE
    error = only(lines, "app.error")
    assert (error["level"], error["trace_id"]) == ("ERROR", TRACE_ID)
    assert (error["exception_type"], error["exception_message"]) == (
        "RuntimeError",
        "this is a drill",
    )
    assert "raise RuntimeError" in error["exception_stacktrace"]
    assert span.status.status_code is StatusCode.ERROR
    assert [event.name for event in span.events] == ["exception"]


def test_it_is_no_part_of_the_interface() -> None:
    assert ROUTE not in drilled().openapi()["paths"]
