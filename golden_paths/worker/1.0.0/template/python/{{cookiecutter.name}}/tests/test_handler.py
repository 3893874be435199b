"""What the worker does.

The team owns this file. It goes with the example in `app/handler.py`: replace both.
"""

import asyncio
import logging

import pytest

from app.handler import handle
from app.queue import Message


def test_an_order_is_logged_by_its_number(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        asyncio.run(handle(Message("1-0", b'{"order_id": 7}')))

    (record,) = caplog.records
    assert vars(record)["order_id"] == 7


@pytest.mark.parametrize("body", [b"", b"no JSON", b"{}"])
def test_what_is_no_order_fails(body: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        asyncio.run(handle(Message("1-0", body)))
