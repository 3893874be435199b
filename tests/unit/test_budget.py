"""How many requests a call makes at most: it stops before a service that might not fit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from platformctl.commands.budget import LOOK, MOVE, Budget
from platformctl.errors import BadInput


class Asking:
    """A session that says how many requests it has made."""

    def __init__(self) -> None:
        self.requests = 0
        self.wiring = SimpleNamespace(usage=lambda: [SimpleNamespace(requests=self.requests)])


def budget(most: int | None) -> tuple[Any, Budget]:
    session: Any = Asking()
    return session, Budget(session, most)


def test_without_a_number_there_is_always_enough() -> None:
    session, limit = budget(None)
    session.requests = 1_000_000
    assert limit.fits(LOOK) and limit.fits(MOVE)


def test_it_stops_before_what_might_not_fit() -> None:
    session, limit = budget(100)
    session.requests = 60
    assert limit.fits(MOVE)
    session.requests = 61
    assert not limit.fits(MOVE) and limit.fits(LOOK)


def test_what_other_processes_ask_counts_too() -> None:
    _, limit = budget(100)
    for _ in range(9):
        limit.spent_elsewhere(LOOK, 10)
    assert limit.used == 90 and not limit.fits(LOOK)


def test_it_learns_what_a_service_takes_at_most() -> None:
    session, limit = budget(200)
    with limit.spending(MOVE):
        session.requests += 90
    with limit.spending(MOVE):
        session.requests += 30
    assert not limit.fits(MOVE), "the next one might take 90 again"
    limit.spent_elsewhere(LOOK, 79)
    assert not limit.fits(LOOK)


def test_too_few_to_be_sure_of_one_service_are_refused() -> None:
    with pytest.raises(BadInput, match="54 requests are too few"):
        budget(54)
