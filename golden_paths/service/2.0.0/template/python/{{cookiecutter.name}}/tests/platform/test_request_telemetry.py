"""Every request is measured, logged and traced, drills as bugs are.

The platform owns this file: change it in the golden path, not here.
"""

from datetime import datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from app.settings import Settings
from app.telemetry import Service
from app.telemetry.buckets import BUCKETS
from tests.platform.observed import TRACE_ID, TRACEPARENT, LogReader, only

TRACED = {"traceparent": TRACEPARENT}
DRILL = "/drill/failure"


def requests_counted(method: str, route: str, status_code: int) -> float:
    labels = {
        "http_request_method": method,
        "http_route": route,
        "http_response_status_code": str(status_code),
    }
    name = "http_server_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0.0


class TestMetrics:
    def test_names_types_and_labels(self, client: TestClient) -> None:
        client.get("/platform-test/things/1")
        response = client.get("/metrics")
        parsed = text_string_to_metric_families(response.text)
        families = {family.name: family for family in parsed}

        duration = families["http_server_request_duration_seconds"]
        assert duration.type == "histogram"
        buckets = {
            sample.labels["le"]: set(sample.labels)
            for sample in duration.samples
            if sample.name.endswith("_bucket")
        }
        assert list(map(float, buckets)) == [*BUCKETS, float("inf")]
        assert buckets["0.25"] == {
            "http_request_method",
            "http_route",
            "http_response_status_code",
            "le",
        }
        active = families["http_server_active_requests"]
        assert active.type == "gauge"
        assert set(active.samples[0].labels) == {"http_request_method"}

    @pytest.mark.parametrize(
        ("method", "path", "labels"),
        [
            ("GET", "/things/7", ("GET", "/platform-test/things/{thing}", 200)),
            ("POST", "/things/7", ("POST", "/platform-test/things/{thing}", 405)),
            ("BREW", "/things/7", ("_OTHER", "/platform-test/things/{thing}", 405)),
            ("GET", "/no/such/path", ("GET", "", 404)),
            ("GET", "/unavailable", ("GET", "/platform-test/unavailable", 503)),
            ("GET", "/crash", ("GET", "/platform-test/crash", 500)),
        ],
    )
    def test_a_request_is_counted_under_the_template_of_its_route(
        self, client: TestClient, method: str, path: str, labels: tuple[str, str, int]
    ) -> None:
        before = requests_counted(*labels)

        client.request(method, f"/platform-test{path}")

        assert requests_counted(*labels) == before + 1

    def test_no_request_stays_active(self, client: TestClient) -> None:
        client.get("/platform-test/crash")

        labels = {"http_request_method": "GET"}
        assert REGISTRY.get_sample_value("http_server_active_requests", labels) == 0

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    def test_the_platforms_own_requests_are_neither_counted_nor_logged(
        self, client: TestClient, log_lines: LogReader, path: str
    ) -> None:
        client.get(path)

        assert requests_counted("GET", path, 200) == 0
        assert not [line for line in log_lines() if line["logger"] == "app.access"]


class TestLogs:
    def test_fields(self, client: TestClient, log_lines: LogReader) -> None:
        client.get("/platform-test/things/7?secret=1")
        line = only(log_lines(), "app.access")

        assert line["timestamp"].endswith("Z")
        assert datetime.fromisoformat(line.pop("timestamp"))
        assert len(line.pop("trace_id")) == 32
        assert len(line.pop("span_id")) == 16
        assert 0 < line.pop("duration_seconds") < 5
        assert line == {
            "level": "INFO",
            "logger": "app.access",
            "message": "GET /platform-test/things/{thing} 200",
            "service": Settings.service,
            "team": Settings.team,
            "environment": "test",
            "version": "1.2.3",
            "http_request_method": "GET",
            "http_route": "/platform-test/things/{thing}",
            "http_response_status_code": 200,
            "url_path": "/platform-test/things/7",
        }

    def test_fields_of_ones_own(self, client: TestClient, log_lines: LogReader) -> None:
        client.get("/platform-test/things/7")

        assert only(log_lines(), "thing")["thing"] == "7"


class TestTraces:
    def test_the_callers_trace_goes_on_in_every_line(
        self, client: TestClient, log_lines: LogReader
    ) -> None:
        client.get("/platform-test/things/7", headers=TRACED)
        lines = [line for line in log_lines() if line["trace_id"]]

        assert {line["logger"] for line in lines} == {"thing", "app.access"}
        assert {line["trace_id"] for line in lines} == {TRACE_ID}
        assert len({line["span_id"] for line in lines}) == 1

    def test_each_request_else_begins_a_trace(
        self, client: TestClient, log_lines: LogReader
    ) -> None:
        client.get("/platform-test/things/7")
        first = only(log_lines(), "app.access")["trace_id"]
        client.get("/platform-test/things/7", headers={"traceparent": "nonsense"})
        second = only(log_lines(), "app.access")["trace_id"]

        assert first
        assert second
        assert first != second

    def test_the_span(self, client: TestClient, spans: InMemorySpanExporter) -> None:
        client.get("/platform-test/things/7", headers=TRACED)
        (span,) = spans.get_finished_spans()

        assert span.name == "GET /platform-test/things/{thing}"
        assert span.kind is SpanKind.SERVER
        assert trace.format_trace_id(span.context.trace_id) == TRACE_ID
        assert span.status.status_code is StatusCode.UNSET
        assert span.attributes == {
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "http.route": "/platform-test/things/{thing}",
            "url.path": "/platform-test/things/7",
        }
        assert span.resource.attributes["service.name"] == Settings.service

    def test_the_span_of_a_failure(
        self, client: TestClient, spans: InMemorySpanExporter
    ) -> None:
        client.get("/platform-test/crash")
        (span,) = spans.get_finished_spans()

        assert span.status.status_code is StatusCode.ERROR
        assert [event.name for event in span.events] == ["exception"]


class TestUnhandledExceptions:
    def test_one_line_with_the_trace(
        self, client: TestClient, log_lines: LogReader
    ) -> None:
        response = client.get("/platform-test/crash", headers=TRACED)
        lines = log_lines()

        assert response.status_code == 500
        assert only(lines, "app.access")["http_response_status_code"] == 500
        assert only(lines, "app.access")["level"] == "ERROR"
        error = only(lines, "app.error")
        assert error["level"] == "ERROR"
        assert error["trace_id"] == TRACE_ID
        assert error["exception_type"] == "RuntimeError"
        assert error["exception_message"] == "a\nbug"
        assert 'raise RuntimeError("a\\nbug")' in error["exception_stacktrace"]

    def test_in_a_background_task_it_changes_no_status(
        self, client: TestClient, log_lines: LogReader
    ) -> None:
        response = client.get("/platform-test/crash-later", headers=TRACED)
        lines = log_lines()

        assert response.status_code == 200
        assert only(lines, "app.access")["http_response_status_code"] == 200
        assert only(lines, "app.error")["trace_id"] == TRACE_ID


class TestDrills:
    def drilled(self) -> FastAPI:
        return Service(Settings(environment="test", version="1.2.3", drill=True))

    def test_they_are_off_by_default(self, log_lines: LogReader) -> None:
        before = requests_counted("GET", DRILL, 500)
        with TestClient(Service(Settings(environment="test"))) as client:
            assert client.get(DRILL).status_code == 404

        assert requests_counted("GET", DRILL, 500) == before
        assert not [line for line in log_lines() if line["logger"] == "app.error"]

    def test_they_look_like_a_bug(
        self, client: TestClient, spans: InMemorySpanExporter, log_lines: LogReader
    ) -> None:
        bug = client.get("/platform-test/crash")
        spans.clear()
        log_lines()
        before = requests_counted("GET", DRILL, 500)
        with TestClient(self.drilled()) as drill:
            answer = drill.get(DRILL, headers=TRACED)
        lines = log_lines()
        (span,) = spans.get_finished_spans()

        assert (answer.status_code, answer.text) == (bug.status_code, bug.text)
        assert answer.headers.items() == bug.headers.items()
        assert requests_counted("GET", DRILL, 500) == before + 1
        assert only(lines, "app.access")["http_route"] == DRILL
        error = only(lines, "app.error")
        assert (error["level"], error["trace_id"]) == ("ERROR", TRACE_ID)
        assert (error["exception_type"], error["exception_message"]) == (
            "RuntimeError",
            "this is a drill",
        )
        assert "raise RuntimeError" in error["exception_stacktrace"]
        assert span.status.status_code is StatusCode.ERROR
        assert [event.name for event in span.events] == ["exception"]

    def test_they_are_no_part_of_the_interface(self) -> None:
        assert DRILL not in self.drilled().openapi()["paths"]
