"""The port to alerting: a service's alert rules in one environment, and whose pager they reach.

A service has two parts there, its rules and its routing. The configuration that all services share is derived from
every service's routing and belongs to nobody. Every write is a compare-and-swap on what was read; `Moved` means that
the swap lost and nothing was written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from platformctl.model import Json, Owner

Routing = Mapping[str, Json]
"""`matchers` (label to value: which alerts), `receiver` (a name) and `paging` (the reference to its key)."""


@dataclass(frozen=True)
class Alerts:
    """What stands for a service in one environment. A part is None while a killed run has not written it."""

    rules: str | None
    """Prometheus' rules, as text."""
    routing: Routing | None
    routed: bool
    """Whether the shared configuration is what all services' routing gives, this one's included."""
    owner: Owner
    revision: str
    """Changes with the two parts."""
    as_left: Collection[str] = ()
    """Which of `rules`, `routing` and `shared` are known to be what platformctl wrote last."""
    absent: Collection[str] = ()
    """Which of them are not there at all."""


class Alerting(Protocol):
    """What platformctl needs of alerting."""

    def check(self) -> None:
        """Raise `NoAccess` or `BadConfig` when it cannot be used."""

    def url(self, service: str, environment: str) -> str:
        """Where a person looks at the rules."""

    def expects(self, paging: str) -> str:
        """Where the key behind a paging reference has to be, in words."""

    def alerts(self, service: str, environment: str) -> Alerts | None:
        """What stands there, or None when there is nothing.

        Raises `Taken` when the shared configuration is somebody else's, `BadConfig` when a part cannot be read.
        """

    def routes(self, service: str, environment: str, routing: Routing) -> bool:
        """Whether the shared configuration is what it would be with this routing.

        Raises as `alerts` does.
        """

    def configuration(self, service: str, environment: str) -> str:
        """Alertmanager's whole configuration that a service's routing is part of, as it stands; empty: there is none.

        Raises `Taken` when it is somebody else's.
        """

    def put(
        self, service: str, environment: str, rules: str | None, routing: Routing | None, owner: Owner, revision: str
    ) -> Alerts | None:
        """Replace both parts, which stand at `revision` (empty: there are none), and derive the shared configuration.

        A part of None is removed, with what a killed run left of it. Raises `Moved`, and `Taken` when it is somebody
        else's.
        """
