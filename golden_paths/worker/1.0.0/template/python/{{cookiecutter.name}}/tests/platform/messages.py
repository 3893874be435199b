"""Send messages, and wait for what the worker does with them.

The platform owns this file: change it in the golden path, not here.
"""

import asyncio
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from tests.memory import MemoryQueue
from tests.platform.observed import LogReader


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
