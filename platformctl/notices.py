"""What `path.yaml` says of what goes and of what comes: versions to be left, parts that go, and what is planned.

A day on which something goes is announced at least `DAYS` days before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final

from platformctl.document import Document
from platformctl.model import Json

DAYS: Final = 90
"""How long before it goes something is announced."""


@dataclass(frozen=True)
class Notice:
    """What is said of a version, or of all versions of a major one, that is not to be used any more."""

    status: str
    """`deprecated` or `withdrawn`."""
    since: date
    reason: str
    removed: date | None = None
    """The last day on which it is supported; None: nobody has said."""
    where: str = ""
    """`file:line`, for errors."""

    def ended(self, today: date) -> bool:
        """Whether its last day has gone by."""
        return self.removed is not None and today > self.removed

    def refused(self, today: date) -> bool:
        """Whether nothing new is to be made with it."""
        return self.status == "withdrawn" or self.ended(today)

    def said(self, version: str, today: date) -> str:
        """What to tell of the version, such as `service 1.0.0`, with how many days it has left."""
        if self.status == "withdrawn" or self.removed is None:
            return f"{version} is {self.status} since {self.since}: {self.reason}"
        return f"{version} {self.end(today)}: {self.reason}"

    def end(self, today: date) -> str:
        """When it ends, or has; empty when nobody has said."""
        return "" if self.removed is None else ending(self.removed, today)

    def to_json(self, today: date) -> dict[str, Json]:
        """The form for machines."""
        return {
            "status": self.status,
            "since": self.since.isoformat(),
            "removed": self.removed.isoformat() if self.removed else None,
            "days_left": (self.removed - today).days if self.removed else None,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Deprecation:
    """A part of a golden path that is going to be removed or changed so that services notice."""

    what: str
    """`input:NAME`, `file:PATH`, `output:NAME`, `extension_point:NAME` or `step:ID`; `*` is any text. Or `proof`."""
    since: date
    reason: str
    instead: str = ""
    removed_in: str = ""
    """The version that is without it; empty when a day says it."""
    removed: date | None = None
    """The first day on which a version without it may be released."""
    where: str = ""
    """`file:line`, for errors."""

    @property
    def earliest(self) -> date:
        """The first day on which a version without it may be released."""
        noticed = self.since + timedelta(days=DAYS)
        return max(noticed, self.removed) if self.removed else noticed

    def end(self, today: date) -> str:
        """When a version without it may come: `goes in 2.0.0, not before 2027-01-11, in 42 days`."""
        goes = f"goes in {self.removed_in}" if self.removed_in else "goes"
        left = (self.earliest - today).days
        return f"{goes}, not before {self.earliest}, in {days(left)}" if left > 0 else f"{goes}, at any time"

    def covers(self, target: str) -> bool:
        """Whether it is about this part."""
        return self.what == target or fnmatchcase(target, self.what)

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "what": self.what,
            "since": self.since.isoformat(),
            "earliest": self.earliest.isoformat(),
            "removed_in": self.removed_in,
            "reason": self.reason,
            "instead": self.instead,
        }


@dataclass(frozen=True)
class Milestone:
    """Something that is planned."""

    title: str
    when: str
    """A day, or free text such as `2027-Q1`."""
    why: str = ""


def ending(day: date, today: date) -> str:
    """How far away the last day of something is: `ends in 42 days, on 2027-01-11`."""
    left = (day - today).days
    if left < 0:
        return f"has ended on {day}, {days(-left)} ago"
    return f"ends in {days(left)}, on {day}" if left else f"ends today, on {day}"


def days(number: int) -> str:
    """A number of days: `1 day`, `2 days`."""
    return f"{number} day{'' if number == 1 else 's'}"


def notices(document: Document) -> Mapping[str, Notice]:
    """By version, or by `1.x` for all of a major one. Raises the document's error for a day that there is not."""
    return {
        version: Notice(
            said["status"],
            _day(document, "versions", version, "since"),
            said["reason"],
            _day(document, "versions", version, "removed") if "removed" in said else None,
            document.where("versions", version),
        )
        for version, said in document.data.get("versions", {}).items()
    }


def deprecations(document: Document) -> tuple[Deprecation, ...]:
    """In the file's order. Raises the document's error for a day that there is not."""
    return tuple(
        Deprecation(
            said["what"],
            _day(document, "deprecations", at, "since"),
            said["reason"],
            said.get("instead", ""),
            said.get("removed_in", ""),
            _day(document, "deprecations", at, "removed") if "removed" in said else None,
            document.where("deprecations", at),
        )
        for at, said in enumerate(document.data.get("deprecations", ()))
    )


def milestones(entries: Sequence[Mapping[str, Any]]) -> tuple[Milestone, ...]:
    """What is planned, in the file's order."""
    return tuple(Milestone(**entry) for entry in entries)


def _day(document: Document, *at: str | int) -> date:
    given: Any = document.data
    for name in at:
        given = given[name]
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise document.error(f"there is no day {given}", where=document.where(*at)) from None
