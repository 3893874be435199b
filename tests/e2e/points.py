"""Which points of a journal a run is killed at: of each event one in `make test`, and both by `make soak`."""

from __future__ import annotations

from typing import Any

import pytest


def points(count: int) -> list[Any]:
    """Every point: of an event the one before it and the one after it in turn, the others as soak."""
    chosen = [point % 2 == point // 2 % 2 for point in range(count)]
    return [pytest.param(point, marks=() if now else pytest.mark.soak) for point, now in enumerate(chosen)]
