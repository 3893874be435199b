"""What a backend may have besides the methods of its port; wiring looks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from platformctl.model import Json

Wait = Callable[[str, float], None]
"""Says why something waits, and waits so many seconds. Raises `Interrupted` when the person stops it."""


class Checks(StrEnum):
    """What the checks of a commit say together."""

    GREEN = "green"
    RED = "red"
    PENDING = "pending"
    NONE = "none"
    """No check has said anything yet, or there are none."""


@dataclass(frozen=True)
class Usage:
    """What a backend has asked of its server since it was made."""

    server: str
    requests: int
    writes: int
    """How many of the requests were meant to change something."""
    remaining: int | None
    """How many more the server will answer in this period; None when it does not say."""
    waited: float
    """Seconds spent waiting because the server asked for it."""

    def to_json(self) -> Mapping[str, Json]:
        """The form for machines."""
        return {
            "server": self.server,
            "requests": self.requests,
            "writes": self.writes,
            "remaining": self.remaining,
            "waited": round(self.waited, 1),
        }


@dataclass(frozen=True)
class Need:
    """One thing that a platform needs of a server: what, and why it is not as it should be (empty: it is)."""

    what: str
    problem: str = ""
    hint: str = ""


@runtime_checkable
class Waits(Protocol):
    """A backend whose server may ask for patience."""

    def wait_with(self, wait: Wait) -> None:
        """Wait in this way from now on."""


@runtime_checkable
class Fetches(Protocol):
    """A backend that lets git fetch from the forge."""

    def fetch_with(self, environment: Callable[[], Mapping[str, str]]) -> None:
        """Fetch with this in git's environment from now on; it is asked for each time, because tokens end."""


@runtime_checkable
class Shared(Protocol):
    """A backend in which services share things: one file for all of them, a list of all of them."""

    def look_once(self) -> None:
        """Look at what is shared once, from now on: for who looks at many services, and writes nothing."""


@runtime_checkable
class Metered(Protocol):
    """A backend that counts what it asks."""

    def usage(self) -> Usage:
        """What was asked until now."""


@runtime_checkable
class Examined(Protocol):
    """A backend that can say more about its access than that something is missing."""

    def needs(self) -> list[Need]:
        """Everything that the platform needs of the server, one after the other."""
