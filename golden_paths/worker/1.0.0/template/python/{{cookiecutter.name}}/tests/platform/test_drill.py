"""Messages fail on purpose if that is on, and then as they do when the handler raises.

The platform owns this file: change it in the golden path, not here.
"""

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import REGISTRY
from starlette.testclient import TestClient

from app.consumer import Consumer
from app.settings import Settings
from app.subscription import Subscription
from app.worker import Worker
from tests.memory import MemoryQueue
from tests.platform.handler import Handler
from tests.platform.messages import finish, lines_about, send
from tests.platform.observed import TRACE_ID, TRACEPARENT, LogReader


@pytest.fixture
def drilled(subscription: Subscription, queue: MemoryQueue, handler: Handler) -> Worker:
    settings = Settings(environment="test", version="1.2.3", drill=True)
    return Worker(settings, Consumer(queue, handler, subscription))


def failures_counted(queue: MemoryQueue) -> float:
    labels = {
        "messaging_destination_name": queue.destination,
        "messaging_operation_name": "process",
        "error_type": "RuntimeError",
    }
    name = "messaging_process_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.parametrize("drill", ["failure", "success"])
def test_it_is_off_by_default(
    client: TestClient, queue: MemoryQueue, handler: Handler, drill: str
) -> None:
    send(queue, b"x", drill=drill)
    finish(queue)

    assert handler.finished == [b"x"]
    assert not queue.dead


def test_a_failure_looks_like_a_bug(
    drilled: Worker,
    queue: MemoryQueue,
    handler: Handler,
    spans: InMemorySpanExporter,
    log_lines: LogReader,
) -> None:
    before = failures_counted(queue)
    with TestClient(drilled):
        send(queue, b"x", drill="failure", traceparent=TRACEPARENT)
        lines = lines_about(log_lines, 3)
    errors = [line for line in lines if line["logger"] == "app.error"]
    attempts = [line for line in lines if line["logger"] == "app.message"]

    assert not handler.seen
    assert [reason for _, reason in queue.dead] == ["RuntimeError"]
    assert failures_counted(queue) == before + 3
    assert [line["error_type"] for line in attempts] == ["RuntimeError"] * 3
    assert {line["trace_id"] for line in (*errors, *attempts)} == {TRACE_ID}
    assert [line["exception_message"] for line in errors] == ["this is a drill"] * 3
    assert "raise RuntimeError" in errors[0]["exception_stacktrace"]
    for span in spans.get_finished_spans():
        assert span.status.status_code is StatusCode.ERROR
        assert [event.name for event in span.events] == ["exception"]


def test_a_success_is_one_without_the_handler(
    drilled: Worker, queue: MemoryQueue, handler: Handler, log_lines: LogReader
) -> None:
    with TestClient(drilled):
        send(queue, b"not what the handler takes", drill="success")
        (line,) = [
            line
            for line in lines_about(log_lines, 1)
            if line["logger"] == "app.message"
        ]

    assert line["message"] == f"process {queue.destination} done"
    assert not handler.seen
    assert not queue.dead


@pytest.mark.parametrize("headers", [{}, {"drill": "other"}])
def test_other_messages_are_worked_on_as_ever(
    drilled: Worker, queue: MemoryQueue, handler: Handler, headers: dict[str, str]
) -> None:
    with TestClient(drilled):
        send(queue, b"x", **headers)
        finish(queue)

    assert handler.finished == [b"x"]
