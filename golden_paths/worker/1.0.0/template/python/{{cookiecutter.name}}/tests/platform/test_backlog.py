"""Probes and scrapes tell of the queue: whether it answers, and what waits in it.

The platform owns this file: change it in the golden path, not here.
"""

from prometheus_client import REGISTRY
from starlette.testclient import TestClient

from tests.memory import MemoryQueue
from tests.platform.handler import Handler
from tests.platform.messages import finish, send, until
from tests.platform.observed import LogReader, only


def test_not_ready_without_the_queue(
    client: TestClient, queue: MemoryQueue, log_lines: LogReader
) -> None:
    queue.broken = True
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"status": "failing", "checks": ["queue"]}
    assert client.get("/healthz").status_code == 200
    warning = only(log_lines(), "app.telemetry.health")
    assert warning["exception_message"] == "no route to host"


def test_the_backlog_is_that_of_the_moment(
    client: TestClient, queue: MemoryQueue, handler: Handler
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
    client: TestClient, queue: MemoryQueue
) -> None:
    assert "messaging_queue_messages{" in client.get("/metrics").text
    queue.broken = True
    response = client.get("/metrics")

    assert response.status_code == 200
    assert "messaging_queue_messages{" not in response.text
    assert "messaging_queue_oldest_message_age_seconds{" not in response.text
