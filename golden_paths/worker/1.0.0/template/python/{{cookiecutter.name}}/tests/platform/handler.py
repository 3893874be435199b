"""The platform's own handler, so that its tests hold for any worker.

The platform owns this file: change it in the golden path, not here.
"""

import asyncio
import logging

from app.queue import Message


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
