"""`platformctl deviations`: who deviates from which default, and which default would make that unnecessary."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from platformctl.answers import Answers
from platformctl.commands import fleet
from platformctl.commands.override import all_recorded, default_of
from platformctl.commands.session import Session
from platformctl.extension_points import point_of
from platformctl.model import Json
from platformctl.overrides import Override


@dataclass(frozen=True)
class Common:
    """One thing that services of a golden path override."""

    path: str
    target: str
    default: Json
    """As the newest recipe has it; None where it has nothing, and for files and steps."""
    outside: bool
    """Whether it is no extension point."""
    services: Mapping[str, tuple[str, Override]]
    """The team and the override of each service."""
    asks_for_change: bool
    """Whether so many teams override it that the default should change."""

    @property
    def teams(self) -> Sequence[str]:
        """The teams that do, sorted."""
        return sorted({team for team, _ in self.services.values()})

    @property
    def most_wanted(self) -> tuple[Json, int]:
        """The value that most services have, and how many."""
        counted = Counter(json.dumps(override.value, sort_keys=True) for _, override in self.services.values())
        value, number = counted.most_common(1)[0]
        return json.loads(value), number

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "path": self.path,
            "target": self.target,
            "default": self.default,
            "extension_point": not self.outside,
            "teams": list(self.teams),
            "services": {name: {"team": team, **one.to_record()} for name, (team, one) in self.services.items()},
            "asks_for_change": self.asks_for_change,
            "most_wanted": self.most_wanted[0],
        }


def deviations(session: Session, team: str = "", path: str = "") -> tuple[list[Common], int]:
    """What is overridden in the fleet, the most common first, and how many services were looked at."""
    today = datetime.now(UTC).date()
    found: defaultdict[tuple[str, str], dict[str, tuple[str, Override]]] = defaultdict(dict)
    looked_at = 0
    for record in all_recorded(session, fleet.services(session)):
        whose = _team(session, record)
        if (team and whose != team) or (path and record.path != path):
            continue
        looked_at += 1
        for override in record.overrides:
            if override.holds(today):
                found[record.path, override.target][record.service] = (whose, override)
    commons = [_common(session, *key, services) for key, services in found.items()]
    return sorted(commons, key=lambda one: (-len(one.teams), -len(one.services), one.path, one.target)), looked_at


def _common(session: Session, path: str, target: str, services: Mapping[str, tuple[str, Override]]) -> Common:
    recipe = session.wiring.recipe(path)
    _, some = next(iter(services.values()))
    many = len({team for team, _ in services.values()}) >= session.wiring.config.data["deviations"]["teams"]
    outside = point_of(recipe, some) is None
    return Common(path, target, default_of(recipe, target), outside, dict(sorted(services.items())), many)


def _team(session: Session, record: Answers) -> str:
    given = record.answers.get("team")
    return session.wiring.config.team(given).slug if isinstance(given, str) else ""
