"""What the worker needs of a queue; another kind of queue is another file here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """One delivery of a message."""

    id: str
    """The same for each delivery of a message."""
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """What came beside the body, such as `traceparent`."""
    attempt: int = 1
    """1 for the first delivery."""


@dataclass(frozen=True)
class Backlog:
    """What waits: messages that nobody has finished, those in hand included."""

    messages: int
    oldest_age_seconds: float
    """0 when nothing waits."""


class Queue(Protocol):
    """A queue that delivers each message at least once.

    A message that was received is nobody else's until it is acknowledged, released, or
    so long unfinished that its worker must be dead. Every method may raise what its
    client raises; the worker then waits and tries again.
    """

    system: str
    """What kind it is, for traces: `redis`."""
    destination: str
    """The queue's name, for metrics, logs and traces."""

    async def receive(self) -> Message | None:
        """Wait up to a second for the next message."""

    async def acknowledge(self, message: Message) -> None:
        """The message is done: never deliver it again."""

    async def release(self, message: Message, seconds: float) -> None:
        """Deliver the message again, to any worker, after so many seconds."""

    async def bury(self, message: Message, reason: str) -> None:
        """Move the message to the dead letters, with the reason beside it."""

    async def backlog(self) -> Backlog:
        """What waits now, for all workers together."""

    async def ping(self) -> None:
        """Raise when the queue cannot be reached."""

    async def close(self) -> None:
        """Leave the queue."""
