"""How fast events are given."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")


def paced(items: Iterable[_Item], pace: float) -> Iterator[_Item]:
    """The items, at most `pace` a second, as fast as they are taken when that is 0; who is late catches up."""
    began = time.monotonic()
    for number, item in enumerate(items):
        if pace and (early := began + number / pace - time.monotonic()) > 0:
            time.sleep(early)
        yield item
