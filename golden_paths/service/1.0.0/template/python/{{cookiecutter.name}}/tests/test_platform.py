"""What the platform relies on: health, metrics, logs and traces.

The platform owns this file. It brings its own routes, so that it holds for any service.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi import APIRouter, BackgroundTasks, HTTPException
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from app.settings import Settings
from app.telemetry import Service

LogReader = Callable[[], list[dict[str, Any]]]

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = {"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01"}


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> LogReader:
    """Read the log lines since the last reading; anything but JSON is an error."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def app(app: Service) -> Service:
    router = APIRouter(prefix="/platform-test")

    @router.get("/things/{thing}")
    async def read_thing(thing: str) -> str:
        logging.getLogger("thing").info("read", extra={"thing": thing})
        return thing

    @router.get("/crash")
    async def crash() -> None:
        raise RuntimeError("a\nbug")

    @router.get("/unavailable")
    async def refuse() -> None:
        raise HTTPException(503)

    @router.get("/crash-later")
    async def crash_later(tasks: BackgroundTasks) -> None:
        tasks.add_task(crash)

    app.include_router(router)
    return app


@pytest.fixture
def spans(app: Service) -> InMemorySpanExporter:
    """Collect the spans that the service makes."""
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def requests_counted(method: str, route: str, status_code: int) -> float:
    labels = {
        "http_request_method": method,
        "http_route": route,
        "http_response_status_code": str(status_code),
    }
    name = "http_server_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0.0


def only(lines: list[dict[str, Any]], logger: str) -> dict[str, Any]:
    """Return the logger's line, of which there must be exactly one."""
    (line,) = [line for line in lines if line["logger"] == logger]
    return line


def test_settings_come_from_the_environment() -> None:
    environment = {
        "SERVICE_NAME": "some-api",
        "SERVICE_TEAM": "some-team",
        "SERVICE_ENVIRONMENT": "staging",
        "SERVICE_TIER": "batch",
        "SERVICE_VERSION": "1.2.3",
        "HOST": "127.0.0.1",
        "PORT": "9000",
        "LOG_LEVEL": "debug",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-collector:4317",
    }

    assert Settings.from_env(environment) == Settings(
        service="some-api",
        team="some-team",
        environment="staging",
        tier="batch",
        version="1.2.3",
        host="127.0.0.1",
        port=9000,
        log_level="DEBUG",
        otlp_endpoint="http://otel-collector:4317",
    )


class TestHealth:
    def test_alive_and_ready_once_started(self, client: TestClient) -> None:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json() == {"status": "ready"}

    def test_not_ready_while_starting_and_stopping(self, app: Service) -> None:
        not_running = TestClient(app)
        assert not_running.get("/healthz").status_code == 200
        assert not_running.get("/readyz").status_code == 503
        assert not_running.get("/readyz").json() == {"status": "starting"}

        with TestClient(app):
            assert not_running.get("/readyz").status_code == 200

        assert not_running.get("/readyz").status_code == 503
        assert not_running.get("/readyz").json() == {"status": "stopping"}

    def test_a_failing_check_is_named(
        self, app: Service, client: TestClient, log_lines: LogReader
    ) -> None:
        async def passing() -> None: ...

        async def failing() -> None:
            raise ConnectionError("no route to host")

        app.health.add_check("cache", passing)
        app.health.add_check("database", failing)
        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json() == {"status": "failing", "checks": ["database"]}
        warning = only(log_lines(), "app.telemetry.health")
        assert warning["exception_message"] == "no route to host"


class TestMetrics:
    def test_names_types_and_labels(self, client: TestClient) -> None:
        client.get("/platform-test/things/1")
        response = client.get("/metrics")
        parsed = text_string_to_metric_families(response.text)
        families = {family.name: family for family in parsed}

        assert response.headers["content-type"].startswith("text/plain")
        duration = families["http_server_request_duration_seconds"]
        assert duration.type == "histogram"
        buckets = {
            sample.labels["le"]: set(sample.labels)
            for sample in duration.samples
            if sample.name.endswith("_bucket")
        }
        assert list(map(float, buckets)) == [
            *(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75),
            *(1, 2.5, 5, 7.5, 10, float("inf")),
        ]
        assert buckets["0.25"] == {
            "http_request_method",
            "http_route",
            "http_response_status_code",
            "le",
        }
        active = families["http_server_active_requests"]
        assert active.type == "gauge"
        assert set(active.samples[0].labels) == {"http_request_method"}
        (build_info,) = families["service_build_info"].samples
        assert build_info.value == 1
        assert build_info.labels == {
            "service": Settings.service,
            "team": Settings.team,
            "environment": "test",
            "tier": Settings.tier,
            "version": "1.2.3",
        }
        assert "process_cpu_seconds" in families

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

    def test_any_value_can_be_logged(self, app: Service, log_lines: LogReader) -> None:
        circle: list[object] = []
        circle.append(circle)
        extra = {"ratio": float("nan"), "circle": circle, "set": {1}, "team": "other"}
        logging.getLogger("odd").warning("a\nb 😀 \ud800", extra=extra)
        line = only(log_lines(), "odd")

        assert line["message"] == "a\nb 😀 \ud800"
        assert line["ratio"] == "nan"
        assert line["team"] == Settings.team

    def test_the_servers_log(self, app: Service, log_lines: LogReader) -> None:
        extra = {"color_message": "\x1b[1mstarted\x1b[0m"}
        logging.getLogger("uvicorn.error").info("started", extra=extra)
        line = only(log_lines(), "uvicorn.error")

        assert line["message"] == "started"
        assert (line["trace_id"], line["span_id"]) == ("", "")
        assert "color_message" not in line


class TestTraces:
    def test_the_callers_trace_goes_on_in_every_line(
        self, client: TestClient, log_lines: LogReader
    ) -> None:
        client.get("/platform-test/things/7", headers=TRACEPARENT)
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
        client.get("/platform-test/things/7", headers=TRACEPARENT)
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
        response = client.get("/platform-test/crash", headers=TRACEPARENT)
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
        response = client.get("/platform-test/crash-later", headers=TRACEPARENT)
        lines = log_lines()

        assert response.status_code == 200
        assert only(lines, "app.access")["http_response_status_code"] == 200
        assert only(lines, "app.error")["trace_id"] == TRACE_ID
