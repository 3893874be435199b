"""A worker to test, at a queue in memory."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.subscription import Subscription
from app.worker import Worker
from tests.memory import MemoryQueue

pytest_plugins = ["tests.platform.observed"]


@pytest.fixture
def subscription() -> Subscription:
    return Subscription(attempts=3, retry_seconds=0.01, timeout_seconds=0.5)


@pytest.fixture
def queue(subscription: Subscription) -> MemoryQueue:
    return MemoryQueue(subscription)


@pytest.fixture
def app(subscription: Subscription, queue: MemoryQueue) -> Worker:
    settings = Settings(environment="test", version="1.2.3")
    return create_app(settings, subscription, queue)


@pytest.fixture
def client(app: Worker) -> Iterator[TestClient]:
    """Start the worker, and stop it after the test."""
    with TestClient(app) as client:
        yield client
