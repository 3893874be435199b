"""The port to Grafana: dashboards by their uid, each in the folder of a team.

Every write is a compare-and-swap on what was read. `Moved` means that the swap lost and nothing was written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from platformctl.model import Json, Owner

COUNTED: Final = ("id", "version", "iteration")
"""Fields that Grafana writes by itself."""


@dataclass(frozen=True)
class DashboardState:
    """A dashboard as Grafana has it. `revision` changes with its content and with its folder."""

    dashboard: Mapping[str, Json]
    folder: str
    owner: Owner
    """Nobody (two empty texts) when platformctl did not make it."""
    revision: str
    served: bool = True
    """Whether Grafana knows where to find it."""
    told: bool = True
    """Whether there is anything at all that tells Grafana where to look."""
    asked: str = ""
    """The digest of what was put, where Grafana stores it otherwise and nobody has changed it since."""
    as_left: bool = False
    """Whether it is known to be what platformctl put last, where it was put."""

    @property
    def sha256(self) -> str:
        """The digest to compare."""
        return self.asked or digest(self.dashboard)


class Grafana(Protocol):
    """What platformctl needs of Grafana."""

    def check(self) -> None:
        """Raise `NoAccess` or `BadConfig` when it cannot be worked with."""

    def url(self, uid: str, folder: str) -> str:
        """Where a person looks at it, before it is there too."""

    def link(self, uid: str, folder: str) -> str:
        """The same for what everybody reads, such as a shared catalog; empty where nobody else can look at it."""

    def dashboard(self, uid: str) -> DashboardState | None:
        """The dashboard, wherever it is, or None when there is none."""

    def put(
        self,
        uid: str,
        dashboard: Mapping[str, Json],
        folder: str,
        owner: Owner,
        revision: str,
        sha256: str = "",
    ) -> DashboardState:
        """Create it (`revision` empty) or replace it, and have it in this folder alone. Raises `Moved`, `Taken`.

        `sha256` is the digest that it had when it was read, for one that is put back.
        """

    def delete(self, uid: str, revision: str) -> None:
        """Delete it, or what a killed `put` left of it (`revision` empty). Raises `Moved`."""


def digest(dashboard: Mapping[str, Json]) -> str:
    """The same for dashboards that say the same, whatever Grafana has counted in them."""
    said = {key: value for key, value in dashboard.items() if key not in COUNTED}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
