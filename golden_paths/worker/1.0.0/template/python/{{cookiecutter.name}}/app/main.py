"""Put the worker together."""

from app.consumer import Consumer
from app.handler import handle
from app.queue import Queue
from app.queue.redis import RedisQueue
from app.settings import Settings
from app.subscription import Subscription
from app.worker import Worker


def create_app(
    settings: Settings | None = None,
    subscription: Subscription | None = None,
    queue: Queue | None = None,
) -> Worker:
    """Build the worker; what is not given is read from the environment.

    What must be open before the first message belongs in a `lifespan` for the
    `Worker`; what it cannot be ready without, in a check of its `health`.
    """
    subscription = subscription or Subscription.from_env()
    consumer = Consumer(queue or RedisQueue(subscription), handle, subscription)
    return Worker(settings or Settings.from_env(), consumer)
