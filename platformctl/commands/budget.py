"""How many requests of servers one call may make, so that it stops before it makes more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from platformctl.commands.rehearsal import asked
from platformctl.commands.session import Session
from platformctl.errors import BadInput

LOOK: Final = "look"
MOVE: Final = "move"

_FIRST_GUESS: Final = {LOOK: 15, MOVE: 40}
"""Requests that one service takes at most, before any was looked at or moved."""


class Budget:
    """What is left of a number of requests; without a number there is always enough.

    Raises `BadInput` for a number that is not enough for one service.
    """

    def __init__(self, session: Session, most: int | None) -> None:
        if most is not None and most < sum(_FIRST_GUESS.values()):
            raise BadInput(
                f"budget: {most} requests are too few to be sure of one service",
                hint=f"Give at least {sum(_FIRST_GUESS.values())}",
            )
        self._session = session
        self.most = most
        self._elsewhere = 0
        self._largest = dict(_FIRST_GUESS)

    @property
    def used(self) -> int:
        """Requests until now, those of other processes included."""
        return asked(self._session) + self._elsewhere

    def fits(self, work: str) -> bool:
        """Whether a service more can be looked at, or moved, for what one has taken at most."""
        return self.most is None or self.used + self._largest[work] <= self.most

    def spent_elsewhere(self, work: str, requests: int) -> None:
        """Another process has done this for one service."""
        self._elsewhere += requests
        self._largest[work] = max(self._largest[work], requests)

    @contextmanager
    def spending(self, work: str) -> Iterator[None]:
        """Do this for one service here."""
        before = asked(self._session)
        yield
        self._largest[work] = max(self._largest[work], asked(self._session) - before)
