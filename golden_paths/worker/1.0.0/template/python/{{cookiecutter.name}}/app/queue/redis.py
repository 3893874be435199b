"""A queue in a Redis stream with a consumer group; Redis 7 or newer.

The field `body` of an entry is the message's body, its other fields are the headers.
Entries that are done stay in the stream, for other groups: whoever adds entries trims
it (`XADD STREAM MAXLEN ~ 100000 * body ...`).
"""

import os
import socket
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from app.queue import Backlog, Message
from app.subscription import Subscription

WAIT_MILLISECONDS = 1000
COUNTED_BY_HAND = 1000


class RedisQueue:
    """One worker's place in the group; the group is made when it is first used."""

    system = "redis"

    def __init__(self, subscription: Subscription) -> None:
        self.destination = subscription.stream
        self._group = subscription.group
        self._dead = subscription.dead_letter_stream
        self._claim_milliseconds = int(subscription.claim_seconds * 1000)
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{id(self):x}"
        self._redis = Redis.from_url(subscription.redis_url)
        self._joined = False

    async def receive(self) -> Message | None:
        await self._join()
        try:
            return await self._claim() or await self._read()
        except ResponseError:
            self._joined = False  # the stream may be gone, and the group with it
            raise

    async def acknowledge(self, message: Message) -> None:
        await self._redis.xack(self.destination, self._group, message.id)

    async def release(self, message: Message, seconds: float) -> None:
        # It stays pending, and looks as if it had been so for most of the time after
        # which it can be claimed.
        idle = max(0, self._claim_milliseconds - int(seconds * 1000))
        await self._redis.xclaim(
            self.destination,
            self._group,
            self._consumer,
            0,
            [message.id],
            idle=idle,
            justid=True,
        )

    async def bury(self, message: Message, reason: str) -> None:
        letter = {
            **message.headers,
            "body": message.body,
            "dead_letter_id": message.id,
            "dead_letter_reason": reason,
            "dead_letter_attempts": message.attempt,
        }
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.xadd(self._dead, letter)
            pipe.xack(self.destination, self._group, message.id)
            await pipe.execute()

    async def backlog(self) -> Backlog:
        await self._join()
        groups = await self._redis.xinfo_groups(self.destination)
        group = next(group for group in groups if _text(group["name"]) == self._group)
        last = _text(group["last-delivered-id"])
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.xpending(self.destination, self._group)
            pipe.xrange(self.destination, f"({last}", "+", count=1)
            pipe.time()
            pending, unread, (seconds, microseconds) = await pipe.execute()
        waiting = group["lag"]
        if waiting is None:  # Redis cannot tell once entries were deleted by hand
            entries = await self._redis.xrange(
                self.destination, f"({last}", "+", count=COUNTED_BY_HAND
            )
            waiting = len(entries)
        ids = [entry[0] for entry in unread]
        if pending["pending"]:
            ids.append(pending["min"])
        now = seconds + microseconds / 1e6
        ages = [now - int(_text(id_).partition("-")[0]) / 1000 for id_ in ids]
        return Backlog(waiting + pending["pending"], max(0.0, *ages, 0.0))

    async def ping(self) -> None:
        await self._redis.ping()

    async def close(self) -> None:
        try:
            await self._leave()
        finally:
            await self._redis.aclose()

    async def _join(self) -> None:
        if self._joined:
            return
        try:
            # From the beginning: what was sent before the first worker came counts.
            await self._redis.xgroup_create(
                self.destination, self._group, id="0", mkstream=True
            )
        except ResponseError as problem:
            if "BUSYGROUP" not in str(problem):
                raise
        self._joined = True

    async def _leave(self) -> None:
        """Take this consumer's name from the group, unless messages hang on it."""
        if not self._joined:
            return
        consumers = await self._redis.xinfo_consumers(self.destination, self._group)
        for consumer in consumers:
            if _text(consumer["name"]) == self._consumer and not consumer["pending"]:
                await self._redis.xgroup_delconsumer(
                    self.destination, self._group, self._consumer
                )

    async def _claim(self) -> Message | None:
        """Take over a message that was released, or whose worker is dead."""
        found = await self._redis.xpending_range(
            self.destination,
            self._group,
            "-",
            "+",
            1,
            idle=self._claim_milliseconds,
        )
        if not found:
            return None
        claimed = await self._redis.xclaim(
            self.destination,
            self._group,
            self._consumer,
            self._claim_milliseconds,
            [found[0]["message_id"]],
        )
        if not claimed:  # another worker was faster
            return None
        ((id_, fields),) = claimed
        return _message(id_, fields, found[0]["times_delivered"] + 1)

    async def _read(self) -> Message | None:
        answer = await self._redis.xreadgroup(
            self._group,
            self._consumer,
            {self.destination: ">"},
            count=1,
            block=WAIT_MILLISECONDS,
        )
        if not answer:
            return None
        ((_, ((id_, fields),)),) = answer
        return _message(id_, fields, 1)


def _message(id_: bytes, fields: Mapping[bytes, bytes], attempt: int) -> Message:
    headers = {
        _text(name): _text(value) for name, value in fields.items() if name != b"body"
    }
    return Message(_text(id_), fields.get(b"body", b""), headers, attempt)


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
