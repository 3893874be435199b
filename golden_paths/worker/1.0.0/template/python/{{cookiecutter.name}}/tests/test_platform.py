"""What the platform relies on: delivery, health, metrics, logs and traces.

The platform owns this file. It brings its own handler and a queue in memory, so that it
holds for any worker.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import datetime
from time import monotonic, sleep
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app import consumer
from app.consumer import Consumer
from app.queue import Message
from app.settings import Settings
from app.subscription import Subscription
from app.worker import Worker
from tests.memory import MemoryQueue

LogReader = Callable[[], list[dict[str, Any]]]

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> LogReader:
    """Read the log lines since the last reading; anything but JSON is an error."""
    return lambda: [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if line
    ]


class Handler:
    """Does what the body says, and remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[Message] = []
        self.finished: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        self.seen.append(message)
        logging.getLogger("thing").info("read", extra={"thing": "7"})
        match message.body.split():
            case [b"crash"]:
                raise RuntimeError("a\nbug")
            case [b"crash-until", attempt] if message.attempt < int(attempt):
                raise ConnectionError
            case [b"sleep", seconds]:
                await asyncio.sleep(float(seconds))
        self.finished.append(message.body)


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def app(subscription: Subscription, queue: MemoryQueue, handler: Handler) -> Worker:
    settings = Settings(environment="test", version="1.2.3")
    return Worker(settings, Consumer(queue, handler, subscription))


@pytest.fixture
def spans(app: Worker) -> InMemorySpanExporter:
    """Collect the spans that the worker makes."""
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def send(queue: MemoryQueue, body: bytes, **headers: str) -> str:
    return asyncio.run(queue.send(body, **headers))


def until(condition: Callable[[], object]) -> None:
    """Wait for the worker, which runs in a thread of its own."""
    end = monotonic() + 5
    while not condition():
        assert monotonic() < end, "it did not come true within 5 s"
        sleep(0.005)


def finish(queue: MemoryQueue) -> None:
    """Wait until nothing waits."""
    until(lambda: not asyncio.run(queue.backlog()).messages)


def lines_about(log_lines: LogReader, attempts: int) -> list[dict[str, Any]]:
    """Read on until there is a line about so many attempts."""
    lines: list[dict[str, Any]] = []

    def complete() -> bool:
        lines.extend(log_lines())
        return sum(line["logger"] == "app.message" for line in lines) >= attempts

    until(complete)
    return lines


def processed(queue: MemoryQueue, error_type: str) -> float:
    labels = {
        "messaging_destination_name": queue.destination,
        "messaging_operation_name": "process",
        "error_type": error_type,
    }
    name = "messaging_process_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0.0


def only(lines: list[dict[str, Any]], logger: str) -> dict[str, Any]:
    """Return the logger's line, of which there must be exactly one."""
    (line,) = [line for line in lines if line["logger"] == logger]
    return line


def test_settings_come_from_the_environment() -> None:
    environment = {
        "SERVICE_NAME": "some-worker",
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
        service="some-worker",
        team="some-team",
        environment="staging",
        tier="batch",
        version="1.2.3",
        host="127.0.0.1",
        port=9000,
        log_level="DEBUG",
        otlp_endpoint="http://otel-collector:4317",
    )


def test_the_subscription_comes_from_the_environment() -> None:
    environment = {
        "REDIS_URL": "rediss://:secret@queue:6380/1",
        "QUEUE_STREAM": "orders",
        "QUEUE_GROUP": "billing",
        "QUEUE_ATTEMPTS": "3",
        "QUEUE_RETRY_SECONDS": "0.5",
        "QUEUE_TIMEOUT_SECONDS": "10",
    }

    assert Subscription.from_env(environment) == Subscription(
        redis_url="rediss://:secret@queue:6380/1",
        stream="orders",
        group="billing",
        attempts=3,
        retry_seconds=0.5,
        timeout_seconds=10,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUEUE_ATTEMPTS", "0"),
        ("QUEUE_RETRY_SECONDS", "0"),
        ("QUEUE_TIMEOUT_SECONDS", "-1"),
    ],
)
def test_a_subscription_that_cannot_work_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Subscription.from_env({name: value})


class TestDelivery:
    def test_a_message_is_processed_once_and_done(
        self, client: TestClient, queue: MemoryQueue, handler: Handler
    ) -> None:
        send(queue, b"x")
        finish(queue)

        assert handler.finished == [b"x"]
        assert not queue.dead

    def test_a_failure_is_tried_again(
        self, client: TestClient, queue: MemoryQueue, handler: Handler
    ) -> None:
        send(queue, b"crash-until 3")
        finish(queue)

        assert [message.attempt for message in handler.seen] == [1, 2, 3]
        assert len({message.id for message in handler.seen}) == 1
        assert handler.finished
        assert not queue.dead

    def test_the_last_failure_ends_among_the_dead_letters(
        self, client: TestClient, queue: MemoryQueue, handler: Handler
    ) -> None:
        send(queue, b"crash")
        send(queue, b"x")
        finish(queue)

        assert handler.finished == [b"x"]
        ((letter, reason),) = queue.dead
        assert (letter.body, letter.attempt, reason) == (b"crash", 3, "RuntimeError")

    def test_what_takes_too_long_has_failed(
        self, client: TestClient, queue: MemoryQueue, handler: Handler
    ) -> None:
        send(queue, b"sleep 9")
        finish(queue)

        assert not handler.finished
        assert queue.dead[0][1] == "TimeoutError"

    def test_what_workers_die_of_is_not_tried_for_ever(
        self, app: Worker, queue: MemoryQueue, handler: Handler
    ) -> None:
        async def dying() -> None:
            await queue.send(b"x")
            for _ in range(3):
                message = await queue.receive()
                assert message
                await queue.release(message, 0)

        asyncio.run(dying())
        with TestClient(app):
            finish(queue)

        assert not handler.seen
        assert queue.dead[0][1] == "WorkerDied"

    def test_the_message_in_hand_is_finished_before_the_end(
        self, app: Worker, queue: MemoryQueue, handler: Handler
    ) -> None:
        send(queue, b"sleep 0.2")
        send(queue, b"x")
        with TestClient(app):
            until(lambda: handler.seen)

        assert handler.finished == [b"sleep 0.2"]
        assert asyncio.run(queue.backlog()).messages == 1

    def test_a_queue_that_comes_back_is_used_again(
        self,
        client: TestClient,
        queue: MemoryQueue,
        handler: Handler,
        log_lines: LogReader,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(consumer, "PAUSE_SECONDS", 0.01)
        send(queue, b"x")
        finish(queue)
        queue.broken = True
        assert client.get("/readyz").status_code == 503
        until(lambda: any(line["logger"] == "app.consumer" for line in log_lines()))
        queue.broken = False
        send(queue, b"y")
        finish(queue)

        assert handler.finished == [b"x", b"y"]


class TestHealth:
    def test_alive_and_ready_once_started(self, client: TestClient) -> None:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json() == {"status": "ready"}

    def test_not_ready_while_starting_and_stopping(self, app: Worker) -> None:
        not_running = TestClient(app)
        assert not_running.get("/healthz").status_code == 200
        assert not_running.get("/readyz").json() == {"status": "starting"}

        with TestClient(app):
            assert not_running.get("/readyz").status_code == 200

        assert not_running.get("/readyz").status_code == 503
        assert not_running.get("/readyz").json() == {"status": "stopping"}

    def test_not_ready_without_the_queue(
        self, client: TestClient, queue: MemoryQueue, log_lines: LogReader
    ) -> None:
        queue.broken = True
        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json() == {"status": "failing", "checks": ["queue"]}
        assert client.get("/healthz").status_code == 200
        warning = only(log_lines(), "app.telemetry.health")
        assert warning["exception_message"] == "no route to host"


class TestMetrics:
    def test_names_types_and_labels(self, client: TestClient) -> None:
        response = client.get("/metrics")
        parsed = text_string_to_metric_families(response.text)
        families = {family.name: family for family in parsed}

        assert response.headers["content-type"].startswith("text/plain")
        duration = families["messaging_process_duration_seconds"]
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

    def test_the_backlog_is_that_of_the_moment(
        self, client: TestClient, queue: MemoryQueue, handler: Handler
    ) -> None:
        def gauge(name: str) -> float:
            client.get("/metrics")
            labels = {"messaging_destination_name": queue.destination}
            value = REGISTRY.get_sample_value(name, labels)
            assert value is not None
            return value

        send(queue, b"sleep 0.3")
        send(queue, b"x")
        until(lambda: handler.seen)
        assert gauge("messaging_queue_messages") == 2
        assert 0 < gauge("messaging_queue_oldest_message_age_seconds") < 5
        finish(queue)
        assert gauge("messaging_queue_messages") == 0
        assert gauge("messaging_queue_oldest_message_age_seconds") == 0

    def test_a_backlog_that_is_not_known_is_left_out(
        self, client: TestClient, queue: MemoryQueue
    ) -> None:
        assert "messaging_queue_messages{" in client.get("/metrics").text
        queue.broken = True
        response = client.get("/metrics")

        assert response.status_code == 200
        assert "messaging_queue_messages{" not in response.text
        assert "messaging_queue_oldest_message_age_seconds{" not in response.text


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
