"""What the service does.

The team owns this file. It goes with the example in `app/routes.py`: replace both.
"""

import pytest
from fastapi.testclient import TestClient

from app.settings import Settings


def test_the_index_names_the_service_and_its_version(client: TestClient) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert response.json() == {"service": Settings.service, "version": "1.2.3"}


def test_an_item_is_found_by_its_number(client: TestClient) -> None:
    response = client.get("/items/1")

    assert response.status_code == 200
    assert response.json() == {"item_id": 1, "name": "teapot", "price": 2400}


@pytest.mark.parametrize(("item", "status"), [("99", 404), ("0", 422), ("x", 422)])
def test_others_are_refused(client: TestClient, item: str, status: int) -> None:
    assert client.get(f"/items/{item}").status_code == status
