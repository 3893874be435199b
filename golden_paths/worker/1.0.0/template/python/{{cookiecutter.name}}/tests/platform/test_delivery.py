"""A message is processed, tried again, and buried at last.

The platform owns this file: change it in the golden path, not here.
"""

import asyncio

import pytest
from starlette.testclient import TestClient

from app import consumer
from app.worker import Worker
from tests.memory import MemoryQueue
from tests.platform.handler import Handler
from tests.platform.messages import finish, send, until
from tests.platform.observed import LogReader


def test_a_message_is_processed_once_and_done(
    client: TestClient, queue: MemoryQueue, handler: Handler
) -> None:
    send(queue, b"x")
    finish(queue)

    assert handler.finished == [b"x"]
    assert not queue.dead


def test_a_failure_is_tried_again(
    client: TestClient, queue: MemoryQueue, handler: Handler
) -> None:
    send(queue, b"crash-until 3")
    finish(queue)

    assert [message.attempt for message in handler.seen] == [1, 2, 3]
    assert len({message.id for message in handler.seen}) == 1
    assert handler.finished
    assert not queue.dead


def test_the_last_failure_ends_among_the_dead_letters(
    client: TestClient, queue: MemoryQueue, handler: Handler
) -> None:
    send(queue, b"crash")
    send(queue, b"x")
    finish(queue)

    assert handler.finished == [b"x"]
    ((letter, reason),) = queue.dead
    assert (letter.body, letter.attempt, reason) == (b"crash", 3, "RuntimeError")


def test_what_takes_too_long_has_failed(
    client: TestClient, queue: MemoryQueue, handler: Handler
) -> None:
    send(queue, b"sleep 9")
    finish(queue)

    assert not handler.finished
    assert queue.dead[0][1] == "TimeoutError"


def test_what_workers_die_of_is_not_tried_for_ever(
    app: Worker, queue: MemoryQueue, handler: Handler
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
    app: Worker, queue: MemoryQueue, handler: Handler
) -> None:
    send(queue, b"sleep 0.2")
    send(queue, b"x")
    with TestClient(app):
        until(lambda: handler.seen)

    assert handler.finished == [b"sleep 0.2"]
    assert asyncio.run(queue.backlog()).messages == 1


def test_a_queue_that_comes_back_is_used_again(
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
