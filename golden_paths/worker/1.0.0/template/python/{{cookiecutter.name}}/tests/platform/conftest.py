"""A worker with the platform's own handler, at a queue in memory.

The platform owns this file: change it in the golden path, not here.
"""

import pytest

from app.consumer import Consumer
from app.settings import Settings
from app.subscription import Subscription
from app.worker import Worker
from tests.memory import MemoryQueue
from tests.platform.handler import Handler


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def app(subscription: Subscription, queue: MemoryQueue, handler: Handler) -> Worker:
    settings = Settings(environment="test", version="1.2.3")
    return Worker(settings, Consumer(queue, handler, subscription))
