"""What three texts say, merged: the judge of what is right, whatever a merge of the texts themselves came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from platformctl.merge.arrange import arrange
from platformctl.merge.three import Three, settled
from platformctl.merge.value import Value

LineMerge = Callable[[Three[str]], str | None]
"""Merges texts of several lines; None when that is a conflict."""


@dataclass(frozen=True)
class Entry:
    """One entry of a mapping, or one item of a list, which has no name."""

    name: str
    value: Value


def merge_values(three: Three[Value | None], lines: LineMerge) -> Three[Value | None]:
    """Merge what three texts say; None is what a side does not have.

    Mappings are merged entry by entry, lists as `arrange` puts them, texts of several lines by `lines`. Anything else
    that both sides changed differently stays in dispute.
    """
    result = settled(three)
    if result.agreed:
        return result
    if _are(dict, three) or _are(list, three):
        return _merge_entries(three, lines)
    if all(isinstance(side, str) and "\n" in side for side in three):
        text = lines(three.map(str))
        return three if text is None else Three.of(text)
    return three


def _are(kind: type, three: Three[Value | None]) -> bool:
    """Whether both sides, and the base where there is one, are of a kind."""
    return isinstance(three.ours, kind) and isinstance(three.theirs, kind) and isinstance(three.base, kind | None)


def _merge_entries(three: Three[Value | None], lines: LineMerge) -> Three[Value | None]:
    named = isinstance(three.ours, dict)
    slots = arrange(three.map(_entries), named, Entry.__ne__)
    if slots is None:
        return three
    results = [slot.sides if slot.disputed else _merge_entry(slot.sides, lines) for slot in slots]
    merged = Three(
        _collected((result.base for result in results), named),
        _collected((result.ours for result in results), named),
        _collected((result.theirs for result in results), named),
    )
    return three if None in merged else merged


def _merge_entry(sides: Three[Entry | None], lines: LineMerge) -> Three[Entry | None]:
    there = [entry for entry in sides if entry]
    if len(there) == 1:
        return Three.of(there[0])
    names = settled(sides.map(lambda entry: (entry or there[0]).name))
    values = merge_values(sides.map(lambda entry: entry.value if entry else None), lines)
    return Three(*(None if value is None else Entry(name, value) for name, value in zip(names, values, strict=True)))


def _entries(value: Value | None) -> list[Entry]:
    if isinstance(value, dict):
        return [Entry(name, item) for name, item in value.items()]
    return [Entry("", item) for item in value] if isinstance(value, list) else []


def _collected(entries: Iterable[Entry | None], named: bool) -> Value | None:
    """Entries put together again; None when a name stands there twice."""
    there = [entry for entry in entries if entry]
    if not named:
        return [entry.value for entry in there]
    found = {entry.name: entry.value for entry in there}
    return found if len(found) == len(there) else None
