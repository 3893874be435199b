"""A queue in memory, with the promises of a real one."""

import asyncio
from dataclasses import dataclass, replace
from time import monotonic

from app.queue import Backlog, Message
from app.subscription import Subscription


@dataclass
class Entry:
    """A message that nobody has finished."""

    message: Message
    sent: float
    free_from: float
    """When it may be delivered (again)."""


class MemoryQueue:
    """Holds what was sent; several workers may share one."""

    system = "memory"

    def __init__(self, subscription: Subscription) -> None:
        self.destination = subscription.stream
        self.dead: list[tuple[Message, str]] = []
        self.broken = False
        """Whether it is out of reach."""
        self._claim_seconds = subscription.claim_seconds
        self._entries: dict[str, Entry] = {}
        self._sent = 0

    async def send(self, body: bytes, **headers: str) -> str:
        """Add a message; its id comes back."""
        self._sent += 1
        now = monotonic()
        message = Message(str(self._sent), body, headers, attempt=0)
        self._entries[message.id] = Entry(message, now, now)
        return message.id

    async def receive(self) -> Message | None:
        await self.ping()
        for entry in self._entries.values():
            if entry.free_from <= monotonic():
                entry.free_from = monotonic() + self._claim_seconds
                entry.message = replace(
                    entry.message, attempt=entry.message.attempt + 1
                )
                return entry.message
        await asyncio.sleep(0.01)
        return None

    async def acknowledge(self, message: Message) -> None:
        await self.ping()
        self._entries.pop(message.id, None)

    async def release(self, message: Message, seconds: float) -> None:
        await self.ping()
        self._entries[message.id].free_from = monotonic() + seconds

    async def bury(self, message: Message, reason: str) -> None:
        await self.acknowledge(message)
        self.dead.append((message, reason))

    async def backlog(self) -> Backlog:
        await self.ping()
        now = monotonic()
        ages = [now - entry.sent for entry in self._entries.values()]
        return Backlog(len(ages), max(ages, default=0.0))

    async def ping(self) -> None:
        if self.broken:
            raise ConnectionError("no route to host")

    async def close(self) -> None: ...
