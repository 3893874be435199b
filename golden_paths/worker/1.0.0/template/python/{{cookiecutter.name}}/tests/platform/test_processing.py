"""Every attempt at a message is measured, logged and traced.

The platform owns this file: change it in the golden path, not here.
"""

from datetime import datetime

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app.settings import Settings
from app.telemetry.buckets import BUCKETS
from tests.memory import MemoryQueue
from tests.platform.messages import finish, lines_about, send, until
from tests.platform.observed import TRACE_ID, TRACEPARENT, LogReader, only


def processed(queue: MemoryQueue, error_type: str) -> float:
    labels = {
        "messaging_destination_name": queue.destination,
        "messaging_operation_name": "process",
        "error_type": error_type,
    }
    name = "messaging_process_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0.0


class TestMetrics:
    def test_names_types_and_labels(self, client: TestClient) -> None:
        response = client.get("/metrics")
        parsed = text_string_to_metric_families(response.text)
        families = {family.name: family for family in parsed}

        duration = families["messaging_process_duration_seconds"]
        assert duration.type == "histogram"
        buckets = {
            sample.labels["le"]: set(sample.labels)
            for sample in duration.samples
            if sample.name.endswith("_bucket")
        }
        assert list(map(float, buckets)) == [*BUCKETS, float("inf")]
        assert buckets["0.25"] == {
            "messaging_destination_name",
            "messaging_operation_name",
            "error_type",
            "le",
        }
        for name in (
            "messaging_queue_messages",
            "messaging_queue_oldest_message_age_seconds",
        ):
            assert families[name].type == "gauge"
            (sample,) = families[name].samples
            assert set(sample.labels) == {"messaging_destination_name"}

    @pytest.mark.parametrize(
        ("body", "error_type", "times"),
        [(b"x", "", 1), (b"crash", "RuntimeError", 3), (b"crash-until 3", "", 1)],
    )
    def test_every_attempt_is_counted(
        self,
        client: TestClient,
        queue: MemoryQueue,
        body: bytes,
        error_type: str,
        times: int,
    ) -> None:
        before = processed(queue, error_type)

        send(queue, body)
        finish(queue)

        until(lambda: processed(queue, error_type) == before + times)


class TestLogs:
    def test_fields(
        self, client: TestClient, queue: MemoryQueue, log_lines: LogReader
    ) -> None:
        id_ = send(queue, b"x")
        line = only(lines_about(log_lines, 1), "app.message")

        assert line["timestamp"].endswith("Z")
        assert datetime.fromisoformat(line.pop("timestamp"))
        assert len(line.pop("trace_id")) == 32
        assert len(line.pop("span_id")) == 16
        assert 0 < line.pop("duration_seconds") < 5
        assert line == {
            "level": "INFO",
            "logger": "app.message",
            "message": f"process {queue.destination} done",
            "service": Settings.service,
            "team": Settings.team,
            "environment": "test",
            "version": "1.2.3",
            "messaging_destination_name": queue.destination,
            "messaging_operation_name": "process",
            "messaging_message_id": id_,
            "attempt": 1,
            "error_type": "",
        }

    def test_a_failure_is_a_warning_and_the_last_an_error(
        self, client: TestClient, queue: MemoryQueue, log_lines: LogReader
    ) -> None:
        send(queue, b"crash", traceparent=TRACEPARENT)
        lines = lines_about(log_lines, 3)

        attempts = [
            (line["attempt"], line["level"], line["message"].split()[-1])
            for line in lines
            if line["logger"] == "app.message"
        ]
        assert attempts == [
            (1, "WARNING", "failed"),
            (2, "WARNING", "failed"),
            (3, "ERROR", "dead"),
        ]
        errors = [line for line in lines if line["logger"] == "app.error"]
        assert len(errors) == 3
        for error in errors:
            assert error["trace_id"] == TRACE_ID
            assert error["exception_type"] == "RuntimeError"
            assert error["exception_message"] == "a\nbug"
            assert 'raise RuntimeError("a\\nbug")' in error["exception_stacktrace"]


class TestTraces:
    def test_the_senders_trace_goes_on_in_every_line(
        self, client: TestClient, queue: MemoryQueue, log_lines: LogReader
    ) -> None:
        send(queue, b"x", traceparent=TRACEPARENT)
        lines = [line for line in lines_about(log_lines, 1) if line["trace_id"]]

        assert {line["logger"] for line in lines} == {"thing", "app.message"}
        assert {line["trace_id"] for line in lines} == {TRACE_ID}
        assert len({line["span_id"] for line in lines}) == 1

    def test_each_message_else_begins_a_trace(
        self, client: TestClient, queue: MemoryQueue, log_lines: LogReader
    ) -> None:
        send(queue, b"x")
        send(queue, b"x", traceparent="nonsense")
        lines = lines_about(log_lines, 2)
        traces = [line["trace_id"] for line in lines if line["logger"] == "app.message"]

        assert all(traces)
        assert len(set(traces)) == 2

    def test_the_span(
        self,
        spans: InMemorySpanExporter,
        client: TestClient,
        queue: MemoryQueue,
    ) -> None:
        id_ = send(queue, b"x", traceparent=TRACEPARENT)
        until(spans.get_finished_spans)
        (span,) = spans.get_finished_spans()

        assert span.name == f"process {queue.destination}"
        assert span.kind is SpanKind.CONSUMER
        assert trace.format_trace_id(span.context.trace_id) == TRACE_ID
        assert span.status.status_code is StatusCode.UNSET
        assert span.attributes == {
            "messaging.system": "memory",
            "messaging.destination.name": queue.destination,
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.message.id": id_,
        }
        assert span.resource.attributes["service.name"] == Settings.service

    def test_the_span_of_a_failure(
        self,
        spans: InMemorySpanExporter,
        client: TestClient,
        queue: MemoryQueue,
    ) -> None:
        send(queue, b"crash")
        until(lambda: len(spans.get_finished_spans()) == 3)
        span = spans.get_finished_spans()[0]

        assert span.status.status_code is StatusCode.ERROR
        assert span.attributes and span.attributes["error.type"] == "RuntimeError"
        assert [event.name for event in span.events] == ["exception"]
