"""Who goes when: services in an order that asks little of everybody at first, divided into waves."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from platformctl.campaign.rehearsed import Rehearsed, Verdict

Size = int | str
"""How far a wave goes: so many services, `10%` of all, both counted from the first wave on; or `team:SLUG`."""

_SIZE: Final = re.compile(r"[1-9][0-9]*|(100|[1-9][0-9]?)%|team:[a-z]([a-z0-9-]{0,37}[a-z0-9])?")
_ORDER: Final = (
    Verdict.PROPOSED,
    Verdict.CLEAN,
    Verdict.MERGES,
    Verdict.CONFLICTS,
    Verdict.BLOCKED,
    Verdict.UNREADABLE,
)


@dataclass(frozen=True)
class Waves:
    """Names of services, wave by wave; none is empty."""

    names: tuple[tuple[str, ...], ...]
    rest: bool = False
    """Whether the last one is what no wave was asked for: it begins on a person's word alone."""


def is_size(text: str) -> bool:
    """Whether a text says how far a wave goes."""
    return bool(_SIZE.fullmatch(text))


def ordered(found: Iterable[Rehearsed]) -> list[Rehearsed]:
    """Those that are not there yet, in the order in which they go; the same services give the same order.

    What needs nobody comes first, and what nothing can be done about last. Within that, every team's first service
    comes before any team's second; within that, a service that fewer others depend on, then the name.
    """
    everybody = list(found)
    dependents = Counter(name for one in everybody for name in set(one.depends_on))
    going = [one for one in everybody if one.verdict in _ORDER]
    going.sort(key=lambda one: (_ORDER.index(one.verdict), dependents[one.service], one.service))
    turns: defaultdict[tuple[Verdict, str], int] = defaultdict(int)
    turn: dict[str, int] = {}
    for one in going:
        turn[one.service] = turns[one.verdict, one.team]
        turns[one.verdict, one.team] += 1
    going.sort(key=lambda one: (_ORDER.index(one.verdict), turn[one.service]))
    return going


def divided(going: Sequence[Rehearsed], sizes: Sequence[Size]) -> Waves:
    """Divide services, in their order, into waves."""
    left = list(going)
    waves: list[tuple[str, ...]] = []
    for size in sizes:
        text = str(size)
        if text.startswith("team:"):
            taken = [one for one in left if one.team == text.removeprefix("team:")]
        else:
            reach = _reach(text, len(going))
            taken = left[: max(0, reach - (len(going) - len(left)))]
        if taken:
            waves.append(tuple(one.service for one in taken))
            left = [one for one in left if one not in taken]
    if left:
        waves.append(tuple(one.service for one in left))
    return Waves(tuple(waves), bool(left))


def _reach(size: str, of: int) -> int:
    """How many services a wave and those before it hold together."""
    if size.endswith("%"):
        return -(-of * int(size[:-1]) // 100)
    return int(size)
