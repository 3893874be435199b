"""Takes one message after the other until it is told to stop.

The platform owns this file: change it in the golden path, not here.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from app.queue import Message, Queue
from app.subscription import Subscription
from app.telemetry.processing import Processing

logger = logging.getLogger(__name__)

Handler = Callable[[Message], Awaitable[None]]

PAUSE_SECONDS = 1.0


class Consumer:
    """One message at a time: a worker gets faster by more replicas.

    A message is acknowledged after the handler has returned, never before.
    """

    def __init__(
        self, queue: Queue, handler: Handler, subscription: Subscription
    ) -> None:
        self.queue = queue
        self.handler = handler
        self._subscription = subscription
        self._stopping = False

    def stop(self) -> None:
        """Take no further message; `run` returns when the one in hand is finished."""
        self._stopping = True

    async def run(self) -> None:
        """Consume. A queue that fails is tried again, for as long as it takes."""
        while not self._stopping:
            try:
                message = await self.queue.receive()
                if message is not None:
                    await self._process(message)
            except Exception:
                logger.exception("the queue failed")
                await asyncio.sleep(PAUSE_SECONDS)

    async def _process(self, message: Message) -> None:
        given = self._subscription
        with Processing(self.queue, message) as processing:
            if message.attempt > given.attempts:
                # Nobody ever said that it failed: its workers died of it.
                processing.fail("WorkerDied")
            else:
                try:
                    async with asyncio.timeout(given.timeout_seconds):
                        await self.handler(message)
                except Exception as exception:
                    processing.fail_with(exception)
            if not processing.error_type:
                await self.queue.acknowledge(message)
            elif message.attempt < given.attempts:
                rest = given.retry_seconds * 2 ** (message.attempt - 1)
                await self.queue.release(message, min(rest, given.claim_seconds))
            else:
                await self.queue.bury(message, processing.error_type)
                processing.buried = True
