"""One service in a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from platformctl.model import Json


class State(StrEnum):
    """How a service stands in a campaign. The order is the one in which people are told."""

    DONE = "done"
    """Merged, CI green, doctor clean."""
    THERE = "there"
    """On the version without this campaign's doing."""
    MERGED = "merged"
    """Its branch is on the version; whether all is well is not known yet."""
    PROPOSED = "proposed"
    """A pull request waits for its merge."""
    CONFLICTS = "conflicts"
    """A pull request waits for a person, and then for its merge."""
    BLOCKED = "blocked"
    """Nothing can be proposed before a person has changed something."""
    FAILED = "failed"
    """The upgrade failed, CI is red, or doctor finds that it has drifted."""
    DECLINED = "declined"
    """Its team has closed the pull request: it stays on its version, whole."""
    WAITING = "waiting"
    """Its turn has not come."""


ENDS: Final = (State.DONE, State.THERE, State.DECLINED)
"""States after which nothing more happens."""
BAD: Final = (State.FAILED, State.DECLINED)
"""States that count as failures."""
SETTLED: Final = (*ENDS, State.FAILED, State.BLOCKED)
"""States that a wave does not wait for."""


@dataclass(frozen=True)
class Member:
    """One service."""

    service: str
    team: str
    before: str
    """The version that it was on."""
    wave: int
    """Counted from 1; 0 for one that was there before."""
    state: State
    why: str = ""
    url: str = ""
    """Where it is proposed."""
    run: str = ""
    """The run that proposed it."""
    since: datetime | None = None
    """When it came to stand so; None: from the beginning."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """What the next look needs: `repository`, `branch`, `head`, `commit` and `main` of what is proposed, …

    `ours` says whether platformctl has made `commit`."""

    @property
    def was_proposed(self) -> bool:
        """Whether this campaign has proposed it, as far as it knows."""
        return "head" in self.facts or "merged" in self.facts

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "service": self.service,
            "team": self.team,
            "from": self.before,
            "wave": self.wave,
            "state": self.state.value,
            "why": self.why,
            "url": self.url,
            "run": self.run,
            "since": self.since.isoformat(timespec="seconds") if self.since else None,
        }
