"""What the worker relies on in a queue, shown for each kind of it.

The one in Redis takes part where REDIS_URL is set or a `redis-server` is on PATH.
"""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import sleep
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import ResponseError

from app.queue import Message, Queue
from app.queue.redis import RedisQueue
from app.subscription import Subscription
from tests.memory import MemoryQueue

Test = Callable[["Place"], Awaitable[None]]


class Place:
    """Queues that see the same messages, as the workers of one group do."""

    def __init__(self, kind: str, redis_url: str) -> None:
        self.subscription = Subscription(
            redis_url=redis_url, stream=f"test-{uuid4()}", timeout_seconds=0.1
        )
        self._memory = MemoryQueue(self.subscription) if kind == "memory" else None

    def worker(self) -> Queue:
        """The queue as one more worker has it."""
        return self._memory or RedisQueue(self.subscription)

    async def send(self, body: bytes, **headers: str) -> str:
        """Add a message; its id comes back."""
        if self._memory:
            return await self._memory.send(body, **headers)
        async with Redis.from_url(self.subscription.redis_url) as redis:
            sent = await redis.xadd(self.subscription.stream, {"body": body, **headers})
            return sent.decode()

    async def dead(self) -> list[tuple[bytes, str, str]]:
        """Body, trace context and reason of each dead letter."""
        if self._memory:
            return [
                (message.body, message.headers.get("traceparent", ""), reason)
                for message, reason in self._memory.dead
            ]
        async with Redis.from_url(self.subscription.redis_url) as redis:
            letters = await redis.xrange(self.subscription.dead_letter_stream)
        return [
            (
                letter[b"body"],
                letter.get(b"traceparent", b"").decode(),
                letter[b"dead_letter_reason"].decode(),
            )
            for _, letter in letters
        ]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """REDIS_URL, else a server of our own; empty where there is neither."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    program = shutil.which("redis-server")
    if program is None:
        yield ""
        return
    folder = tmp_path_factory.mktemp("redis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    server = subprocess.Popen(
        [program, *options, "--dir", str(folder), "--logfile", str(folder / "log")]
    )
    try:
        wait_for_server(server, port, folder / "log")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def wait_for_server(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(200):
        assert server.poll() is None, log.read_text() if log.exists() else "no log"
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.05)
    raise TimeoutError(log.read_text())


@pytest.fixture
def redis_place(redis_url: str) -> Place:
    if not redis_url:
        pytest.skip("REDIS_URL is not set and redis-server is not on PATH")
    return Place("redis", redis_url)


@pytest.fixture(params=["memory", "redis"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "memory":
        return Place("memory", "")
    found: Place = request.getfixturevalue("redis_place")
    return found


async def next_message(queue: Queue) -> Message:
    """The next message; `receive` may come back without one."""
    async with asyncio.timeout(5):
        while (message := await queue.receive()) is None:
            pass
        return message


def run(test: Test, place: Place) -> None:
    asyncio.run(test(place))


def test_messages_come_in_order_with_body_and_headers(place: Place) -> None:
    async def test(place: Place) -> None:
        queue = place.worker()
        first = await place.send(b"\x00first\xff", traceparent="00-1-2-01")
        await place.send(b"second")

        message = await next_message(queue)
        assert message == Message(
            first, b"\x00first\xff", {"traceparent": "00-1-2-01"}, attempt=1
        )
        assert (await next_message(queue)).body == b"second"
        await queue.close()

    run(test, place)


def test_what_is_in_hand_or_done_comes_to_nobody(place: Place) -> None:
    async def test(place: Place) -> None:
        one, other = place.worker(), place.worker()
        await place.send(b"x")

        message = await next_message(one)
        assert await other.receive() is None
        await one.acknowledge(message)
        await asyncio.sleep(place.subscription.claim_seconds)
        assert await other.receive() is None
        assert await one.backlog() == await other.backlog()
        assert (await one.backlog()).messages == 0
        await one.close()
        await other.close()

    # In hand for longer than the test takes.
    place.subscription = Subscription(
        redis_url=place.subscription.redis_url,
        stream=place.subscription.stream,
        timeout_seconds=0.5,
    )
    run(test, place)


def test_what_was_released_comes_again_but_not_at_once(place: Place) -> None:
    async def test(place: Place) -> None:
        queue = place.worker()
        id_ = await place.send(b"x")

        await queue.release(await next_message(queue), 0.1)
        begun = asyncio.get_running_loop().time()
        again = await next_message(queue)
        assert asyncio.get_running_loop().time() - begun > 0.05
        assert (again.id, again.body, again.attempt) == (id_, b"x", 2)
        await queue.release(again, 0)
        assert (await next_message(queue)).attempt == 3
        await queue.close()

    run(test, place)


def test_what_a_dead_worker_had_comes_to_another(place: Place) -> None:
    async def test(place: Place) -> None:
        dead, other = place.worker(), place.worker()
        id_ = await place.send(b"x")

        await next_message(dead)
        await dead.close()
        again = await next_message(other)
        assert (again.id, again.attempt) == (id_, 2)
        await other.acknowledge(again)
        assert (await other.backlog()).messages == 0
        await other.close()

    run(test, place)


def test_a_buried_message_is_kept_with_the_reason(place: Place) -> None:
    async def test(place: Place) -> None:
        queue = place.worker()
        await place.send(b"x", traceparent="00-1-2-01")

        await queue.bury(await next_message(queue), "ValueError")
        assert await place.dead() == [(b"x", "00-1-2-01", "ValueError")]
        assert (await queue.backlog()).messages == 0
        await queue.close()

    run(test, place)


def test_the_backlog_counts_what_nobody_has_finished(place: Place) -> None:
    async def test(place: Place) -> None:
        queue = place.worker()
        empty = await queue.backlog()
        assert (empty.messages, empty.oldest_age_seconds) == (0, 0)

        for body in (b"1", b"2", b"3"):
            await place.send(body)
        await asyncio.sleep(0.05)
        waiting = await queue.backlog()
        assert waiting.messages == 3
        assert 0.04 < waiting.oldest_age_seconds < 5

        message = await next_message(queue)
        assert (await queue.backlog()).messages == 3
        await queue.acknowledge(message)
        assert (await queue.backlog()).messages == 2
        await queue.close()

    run(test, place)


def test_redis_counts_on_when_entries_were_deleted_by_hand(redis_place: Place) -> None:
    async def test(place: Place) -> None:
        queue = place.worker()
        await place.send(b"1")
        await next_message(queue)
        ids = [await place.send(b"x") for _ in range(3)]
        async with Redis.from_url(place.subscription.redis_url) as redis:
            await redis.xdel(place.subscription.stream, ids[1])

        assert (await queue.backlog()).messages == 3
        await queue.close()

    run(test, redis_place)


def test_redis_that_lost_its_stream_is_joined_again(redis_place: Place) -> None:
    async def test(place: Place) -> None:
        queue = place.worker()
        await queue.backlog()
        async with Redis.from_url(place.subscription.redis_url) as redis:
            await redis.delete(place.subscription.stream)

        await place.send(b"x")
        with pytest.raises(ResponseError):
            await queue.receive()
        assert (await next_message(queue)).body == b"x"
        await queue.close()

    run(test, redis_place)


def test_a_worker_that_has_nothing_leaves_no_name_in_redis(redis_place: Place) -> None:
    async def test(place: Place) -> None:
        idle, dying = place.worker(), place.worker()
        await idle.receive()
        await place.send(b"x")
        await next_message(dying)
        await idle.close()
        await dying.close()

        async with Redis.from_url(place.subscription.redis_url) as redis:
            stream, group = place.subscription.stream, place.subscription.group
            (left,) = await redis.xinfo_consumers(stream, group)
        assert left["pending"] == 1

    run(test, redis_place)


def test_a_queue_that_is_not_there_keeps_the_password() -> None:
    async def test() -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            url = f"redis://:secret@127.0.0.1:{probe.getsockname()[1]}/0"
            queue = RedisQueue(Subscription(redis_url=url))
            with pytest.raises(Unreachable) as raised:
                await queue.ping()
            assert "secret" not in str(raised.value)

    asyncio.run(test())


def test_the_address_with_its_password_is_never_shown() -> None:
    assert "secret" not in repr(Subscription(redis_url="redis://:secret@host/0"))
