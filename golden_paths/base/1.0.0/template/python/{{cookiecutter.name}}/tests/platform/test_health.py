"""Probes say whether the app is alive, and whether it is ready.

The platform owns this file: change it in the golden path, not here.
"""

from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.platform.observed import LogReader, only


def test_alive_and_ready_once_started(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json() == {"status": "ready"}


def test_not_ready_while_starting_and_stopping(app: Starlette) -> None:
    not_running = TestClient(app)
    assert not_running.get("/healthz").status_code == 200
    assert not_running.get("/readyz").status_code == 503
    assert not_running.get("/readyz").json() == {"status": "starting"}

    with TestClient(app):
        assert not_running.get("/readyz").status_code == 200

    assert not_running.get("/readyz").status_code == 503
    assert not_running.get("/readyz").json() == {"status": "stopping"}


def test_a_failing_check_is_named(
    app: Any, client: TestClient, log_lines: LogReader
) -> None:
    async def passing() -> None: ...

    async def failing() -> None:
        raise ConnectionError("no route to host")

    app.health.add_check("cache", passing)
    app.health.add_check("database", failing)
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"status": "failing", "checks": ["database"]}
    warning = only(log_lines(), "app.telemetry.health")
    assert warning["exception_message"] == "no route to host"
