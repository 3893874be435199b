"""Three lists or mappings put side by side: what stands where in the result, and what has to be chosen."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from platformctl.merge.identity import HasValue, Key, Known, pair
from platformctl.merge.three import Three

E = TypeVar("E", bound=HasValue)
Labels = dict[Key, str]


@dataclass(frozen=True)
class Slot(Generic[E]):
    """A place in the result, and what each side has for it.

    `disputed`: whether something stands there at all is to be chosen. Otherwise it does, and what the sides have is
    to be merged.
    """

    sides: Three[E | None]
    disputed: bool


def arrange(sides: Three[Sequence[E]], named: bool, differ: Callable[[E, E], bool]) -> list[Slot[E]] | None:
    """The entries of three mappings (`named`), or the items of three lists, by place; None if that cannot be told.

    What only one side added is there, and what only one side took out is not. In dispute is what one side took out
    and the other changed, as `differ` says, and what both put something else in the place of. Of two additions at one
    place ours comes first, unless both sides are sorted: then the result is.
    """
    keys, known = pair(sides, named)
    by_key = Three(*(dict(zip(names, side, strict=True)) for names, side in zip(keys, sides, strict=True)))
    if any(len(found) < len(names) for found, names in zip(by_key, keys, strict=True)):
        return None
    if keys.agreed:
        return [Slot(Three(*entries), disputed=False) for entries in zip(*sides, strict=True)]
    everywhere = {key for key in keys.base if key in by_key.ours and key in by_key.theirs}
    order = _order(keys, everywhere, _labels(keys, by_key, named), movable=named)
    if order is None:
        return None
    contested = _contested(keys, everywhere, known)
    slots = []
    for key in order:
        three = by_key.map(lambda found, key=key: found.get(key))  # type: ignore[misc]
        base, ours, theirs = three
        if key in contested:
            slots.append(Slot(three, disputed=True))
        elif base is None or (ours is not None and theirs is not None):
            slots.append(Slot(three, disputed=False))
        elif any(side is not None and differ(base, side) for side in (ours, theirs)):
            slots.append(Slot(three, disputed=True))
    return slots


def _contested(keys: Three[list[Key]], everywhere: set[Key], known: Known) -> set[Key]:
    """What both sides put something else in the place of, or one did where the other put nothing and names do not tell.

    Where only places tell, also what both put in one place.
    """
    gaps = keys.map(lambda side: _gaps(side, everywhere))
    placed = known is Known.BY_PLACE
    contested: set[Key] = set()
    for gap in {*gaps.ours, *gaps.theirs}:
        base, ours, theirs = gaps.map(lambda side, gap=gap: side.get(gap, []))  # type: ignore[misc]
        mine = [key for key in ours if key not in keys.base]
        yours = [key for key in theirs if key not in keys.base]
        gone = [key for key in base if key not in keys.ours and key not in keys.theirs]
        changed_or_gone = bool(gone) and known is not Known.BY_NAME and bool(mine) != bool(yours)
        if not placed:
            mine, yours = [key for key in mine if key not in yours], [key for key in yours if key not in mine]
        if changed_or_gone or (mine and yours and mine != yours and (placed or gone)):
            contested |= {*mine, *yours, *gone} | ({*base, *ours, *theirs} if placed else set())
    return contested


def _gaps(side: list[Key], everywhere: set[Key]) -> dict[Key | None, list[Key]]:
    """What stands behind each entry that all sides have, up to the next such entry."""
    gaps: dict[Key | None, list[Key]] = {}
    before = None
    for key in side:
        if key in everywhere:
            before = key
        else:
            gaps.setdefault(before, []).append(key)
    return gaps


def _order(keys: Three[list[Key]], everywhere: set[Key], labels: Labels | None, movable: bool) -> list[Key] | None:
    """All keys in the result's order: ours, or theirs where only they changed it; None if both did and it matters."""
    shared = keys.map(lambda side: [key for key in side if key in everywhere])
    first, second = keys.ours, keys.theirs
    if shared.ours == shared.base != shared.theirs:
        first, second = second, first
    elif shared.theirs not in (shared.base, shared.ours) and not movable:
        return None
    order = list(first)
    for side in (second, keys.base):
        at = {key: place for place, key in enumerate(order)}
        known, place = {*side}, 0
        for key in side:
            if key in at:
                place = order.index(key, at[key]) + 1
                continue
            if labels and side is second:
                place = bisect([labels[other] for other in order], labels[key])
            while not labels and place < len(order) and order[place] not in known:
                place += 1
            order.insert(place, key)
            place += 1
    return order


def _labels(keys: Three[list[Key]], by_key: Three[dict[Key, E]], named: bool) -> Labels | None:
    """What both sides are sorted by, for every key; None when they are not."""
    entries = {**by_key.base, **by_key.theirs, **by_key.ours}
    texts = {key: key if named else entry.value for key, entry in entries.items()}
    if not all(isinstance(text, str) for text in texts.values()):
        return None
    for labels in (
        {key: str(text) for key, text in texts.items()},
        {key: str(text).casefold() for key, text in texts.items()},
        {key: key for key in texts},
    ):
        found = keys.map(lambda side, labels=labels: [labels[key] for key in side])  # type: ignore[misc]
        if all(len(side) > 1 and side == sorted(side) for side in found):
            return labels
    return None
