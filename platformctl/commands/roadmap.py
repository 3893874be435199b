"""`platformctl roadmap`: which versions of golden paths there are, what goes and when, and what comes."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from platformctl.commands.session import Session
from platformctl.errors import NotFound
from platformctl.golden_path import GoldenPath
from platformctl.model import Json

_SPAN: Final = re.compile(r"(?P<year>\d{4})(-Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


class State(StrEnum):
    """How a version stands on a day."""

    RELEASED = "released"
    DRAFT = "draft"
    OFFERED = "offered"
    """It is used, and the golden path's releases are not recorded."""
    DEPRECATED = "deprecated"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True)
class Version:
    """One version, as it stands on a day."""

    version: str
    released: date | None
    """None for a draft, and where a golden path's releases are not recorded."""
    newest: bool
    """Whether it is what somebody gets who names none."""
    state: State
    said: str
    """When it ends, with how many days it has left, or since when it is to be left; empty for neither."""
    days_left: int | None
    """Until its last day; negative after it; None while nobody has named one."""


@dataclass(frozen=True)
class Going:
    """Something that goes, or is gone."""

    path: str
    what: str
    """A version, or a part as a deprecation names it."""
    since: date
    """When it was announced."""
    day: date | None
    """The last day of a version, the first day without a part; None while nobody has named one."""
    said: str
    """How it stands: `ends in 19 days, on 2026-12-19`, `goes in 2.0.0, at any time`."""
    reason: str
    instead: str
    gone: bool
    """Whether it is to be used no more, today."""


@dataclass(frozen=True)
class Coming:
    """Something that is planned."""

    path: str
    title: str
    when: str
    why: str


@dataclass(frozen=True)
class Offer:
    """A golden path with its versions, newest first."""

    path: GoldenPath
    versions: Sequence[Version]


@dataclass(frozen=True)
class Roadmap:
    """What there is, what goes and what comes, as it stands on a day."""

    today: date
    offers: Sequence[Offer]
    going: Sequence[Going]
    """In the order of their days; what has no day is last."""
    coming: Sequence[Coming]
    """In the order of their days, as far as they name some."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "today": self.today.isoformat(),
            "paths": [
                {
                    "name": offer.path.name,
                    "title": offer.path.title,
                    "owner": offer.path.owner,
                    "support": offer.path.support,
                    "lifecycle": offer.path.lifecycle,
                    "versions": [_written(one) for one in offer.versions],
                }
                for offer in self.offers
            ],
            "going": [_written(one) for one in self.going],
            "coming": [_written(one) for one in self.coming],
        }


def _written(one: Version | Going | Coming) -> dict[str, Json]:
    return {name: part.isoformat() if isinstance(part, date) else part for name, part in asdict(one).items()}


def roadmap(name: str, session: Session) -> Roadmap:
    """The roadmap of one golden path, or of all that people can use. Raises `NotFound`."""
    every = session.wiring.golden_paths()
    if name and name not in every:
        raise NotFound(f"there is no golden path {name!r}", hint=f"There is {', '.join(every)}")
    paths = [every[name]] if name else [path for path in every.values() if not path.internal]
    today = session.today
    going = [one for path in paths for one in (*_versions_going(path, today), *_parts_going(path, today))]
    coming = [Coming(path.name, one.title, one.when, one.why) for path in paths for one in path.roadmap]
    return Roadmap(
        today,
        [Offer(path, [_version(path, version, today) for version in reversed(path.versions)]) for path in paths],
        sorted(going, key=lambda one: (one.day or date.max, one.path, one.what)),
        sorted(coming, key=lambda one: (_end_of(one.when), one.path)),
    )


def _version(path: GoldenPath, version: str, today: date) -> Version:
    notice, release = path.notice(version), path.releases.get(version)
    state = State.RELEASED if release else State.DRAFT if path.releases else State.OFFERED
    said, left = "", None
    if notice is not None:
        state = State.ENDED if notice.ended(today) else State(notice.status)
        said = notice.end(today) or f"{notice.status} since {notice.since}"
        left = (notice.removed - today).days if notice.removed else None
    return Version(version, release.day if release else None, version == path.latest, state, said, left)


def _versions_going(path: GoldenPath, today: date) -> Iterator[Going]:
    for version, notice in path.notices.items():
        withdrawn = notice.status == "withdrawn"
        day = notice.since if withdrawn else notice.removed
        instead = path.latest if path.notice(path.latest) is not notice else ""
        said = "withdrawn" if withdrawn else notice.end(today) or "deprecated"
        yield Going(path.name, version, notice.since, day, said, notice.reason, instead, notice.refused(today))


def _parts_going(path: GoldenPath, today: date) -> Iterator[Going]:
    for one in path.deprecations:
        release = path.releases.get(one.removed_in)
        day = release.day if release else one.earliest
        said = f"gone since {one.removed_in}" if release else one.end(today)
        yield Going(path.name, one.what, one.since, day, said, one.reason, one.instead, release is not None)


def _end_of(when: str) -> date:
    """The last day of a day, a month, a quarter or a year; the last of all for any other text."""
    span = _SPAN.fullmatch(when)
    try:
        if span is None:
            return date.fromisoformat(when)
        year, month = int(span["year"]), int(span["month"] or int(span["quarter"] or 4) * 3)
        return date(year, month, monthrange(year, month)[1])
    except ValueError:
        return date.max
