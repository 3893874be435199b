"""What the worker does.

The team owns this file. It is an example: replace it.
"""

import json
import logging

from app.queue import Message

logger = logging.getLogger(__name__)


async def handle(message: Message) -> None:
    """Process one message; to raise is to fail, and the message comes again later.

    A message can come more than once even if all goes well, because the worker can die
    between its work and the word that it is done. `message.id` stays the same: store it
    with the result and look there first, or do only what does no harm twice.

    What blocks, such as a long calculation, belongs in `asyncio.to_thread`: probes and
    the time limit of a message need the event loop.
    """
    order = json.loads(message.body)
    logger.info("order received", extra={"order_id": order["order_id"]})
