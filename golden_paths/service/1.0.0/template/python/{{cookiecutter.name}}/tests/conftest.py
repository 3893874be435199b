"""A service to test."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.telemetry import Service

pytest_plugins = ["tests.platform.observed"]


@pytest.fixture
def app() -> Service:
    return create_app(Settings(environment="test", version="1.2.3"))


@pytest.fixture
def client(app: Service) -> Iterator[TestClient]:
    """Start the service, and stop it after the test."""
    with TestClient(app) as client:
        yield client
