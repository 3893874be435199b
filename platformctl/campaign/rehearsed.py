"""What an upgrade of one service would do, found out without writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from platformctl.model import Json
from platformctl.port import Checks


class Verdict(StrEnum):
    """What would become of a service."""

    THERE = "there"
    """It is on the version, or on a later one."""
    PROPOSED = "proposed"
    """A pull request waits already, and nothing in it needs a person before the merge."""
    CLEAN = "clean"
    """The team has changed nothing that the version changes."""
    MERGES = "merges"
    """It has, and both go together."""
    CONFLICTS = "conflicts"
    """It has changed the same lines: a person is needed before the merge."""
    BLOCKED = "blocked"
    """Nothing can be proposed before a person has changed something."""
    UNREADABLE = "unreadable"
    """It could not be looked at."""
    DECLINED = "declined"
    """Its team has closed the pull request of an earlier campaign for the version: it is not asked again."""
    OUTSIDE = "outside"
    """It is not in the campaign's scope."""


@dataclass(frozen=True)
class Rehearsed:
    """One service as it was looked at."""

    service: str
    verdict: Verdict
    team: str = ""
    before: str = ""
    """The version that it is on."""
    files: int = 0
    """How many files would be written or removed."""
    merged: tuple[str, ...] = ()
    """Files in which what the team has changed and what the version changes go together."""
    conflicts: tuple[str, ...] = ()
    """Files in which they do not."""
    why: str = ""
    """Why it is blocked or unreadable."""
    url: str = ""
    """Where it is proposed already."""
    at: str = ""
    """The commit that the proposal stands at."""
    ours: bool = True
    """Whether nobody else has committed to the proposal."""
    main: str = ""
    """The head of its branch."""
    checks: Checks = Checks.NONE
    """What CI says: of the proposal's commit while it is proposed, of the merge afterwards."""
    depends_on: tuple[str, ...] = ()
    """The services that it depends on, as its answers say."""
    requests: int = 0
    """How many requests it took to find this out."""

    @property
    def unasked(self) -> bool:
        """Whether it could be proposed, and nothing is."""
        return self.verdict in (Verdict.CLEAN, Verdict.MERGES, Verdict.CONFLICTS) and not self.url

    def to_json(self) -> dict[str, Json]:
        """The form for machines: what a person would want to know before anything is proposed."""
        return {
            "service": self.service,
            "verdict": self.verdict.value,
            "team": self.team,
            "from": self.before,
            "files": self.files,
            "merged": list(self.merged),
            "conflicts": list(self.conflicts),
            "why": self.why,
            "url": self.url,
        }

    @classmethod
    def from_json(cls, form: Mapping[str, Json]) -> Rehearsed:
        """Read back what `to_json` wrote."""
        return cls(
            form["service"],
            Verdict(form["verdict"]),
            form["team"],
            form["from"],
            form["files"],
            tuple(form["merged"]),
            tuple(form["conflicts"]),
            form["why"],
            form["url"],
        )
