"""Which entry of one side is which of another: by name, by what identifies it, or by where it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import Enum, auto
from typing import Final, Protocol

from platformctl.merge.three import Three
from platformctl.merge.value import Value, frozen

Key = str
"""What an entry is known by: the same text for the same entry on all sides."""


class Known(Enum):
    """How the entries of a mapping or a list are known."""

    BY_NAME = auto()
    BY_WHAT_THEY_SAY = auto()
    """A changed one cannot be told from a new one."""
    BY_PLACE = auto()


class HasValue(Protocol):
    """An entry of a mapping, or an item of a list, which has no name."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> Value: ...


_FIELDS: Final = (
    "id",
    "uid",
    "name",
    "key",
    "alert",
    "record",
    "job_name",
    "repo",
    "package-ecosystem",
    "uses",
    "path",
    "mountPath",
    "containerPort",
    "port",
    "host",
    "title",
)
"""Keys that tell the mappings of a list apart, the most telling first."""
_MIXED: Final = ("id", "name", "uses", "run")
"""Keys of which each mapping of a list has at least one, as steps of a workflow do."""
_REQUIREMENT: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(===?|!=|~=|<=|>=|<|>|@\s|;|$)")
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)=(?!=)")
_TELLING: Final = 3
"""Entries that a mapping must have to be known again under another name, unless it is the same altogether."""
_ALIKE: Final = 0.5
"""The part of two mappings' entries that is the same, from which on one is taken for the other with another name."""


def pair(sides: Three[Sequence[HasValue]], named: bool) -> tuple[Three[list[Key]], Known]:
    """The keys of all entries, and how they are known.

    An entry that one side has renamed keeps the key that it had.
    """
    if named:
        said = all(entry.value == entry.name for side in sides for entry in side)
        names = sides.map(lambda side: [entry.name for entry in side])
        return Three(
            names.base,
            _renamed(sides.base, sides.ours, {*names.theirs}),
            _renamed(sides.base, sides.theirs, {*names.ours}),
        ), Known.BY_WHAT_THEY_SAY if said else Known.BY_NAME
    values = sides.map(lambda side: [entry.value for entry in side])
    for key in _keys(values):
        keys = values.map(lambda side, key=key: [key(value) for value in side])  # type: ignore[misc]
        if all(None not in side and len({*side}) == len(side) for side in keys):
            return Three(
                keys.base,
                _replaced(values.base, keys.base, values.ours, keys.ours),
                _replaced(values.base, keys.base, values.theirs, keys.theirs),
            ), Known.BY_WHAT_THEY_SAY if key is frozen else Known.BY_NAME
    base = [f"#{at}" for at in range(len(values.base))]
    return Three(base, _placed(values.base, values.ours), _placed(values.base, values.theirs)), Known.BY_PLACE


def requirement(text: str) -> Key | None:
    """What a Python requirement requires, such as `ruamel-yaml` of `ruamel.yaml[jinja2]>=0.18`; None for other text."""
    found = _REQUIREMENT.match(text)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else None


def _keys(values: Three[list[Value]]) -> list[Callable[[Value], Key | None]]:
    """Ways to tell the items of a list apart, the best first."""
    items = [value for side in values for value in side]
    if all(isinstance(item, dict) for item in items):
        manifests = [_manifest] if any(isinstance(item, dict) and "metadata" in item for item in items) else []
        return [*manifests, *(_field(name) for name in _FIELDS), _mixed]
    texts = [item for item in items if isinstance(item, str)]
    if any(text.startswith("-") for text in texts) or not all(isinstance(item, str | tuple) for item in items):
        return []  # arguments of a command, whose order has a meaning, and lists of lists
    ways: list[Callable[[Value], Key | None]] = []
    if len(texts) == len(items):
        found = [_REQUIREMENT.match(text) for text in texts]
        if all(found) and any(match and match[2] for match in found):
            ways.append(lambda value: requirement(str(value)))
        if all(map(_ASSIGNMENT.match, texts)):
            ways.append(lambda value: str(value).partition("=")[0])
    return [*ways, frozen]


def _field(name: str) -> Callable[[Value], Key | None]:
    """By one of its entries; what a step of a workflow uses, without its version."""

    def key(item: Value) -> Key | None:
        value = item.get(name) if isinstance(item, dict) else None
        if name == "uses" and isinstance(value, str):
            value = value.partition("@")[0]
        return f"{name} {frozen(value)}" if isinstance(value, str | tuple) else None

    return key


def _mixed(item: Value) -> Key | None:
    return next((key for name in _MIXED if (key := _field(name)(item)) is not None), None)


def _manifest(item: Value) -> Key | None:
    """Kind, name and namespace of what Kubernetes is told."""
    if not isinstance(item, dict) or "kind" not in item:
        return None
    about = item.get("metadata", "")
    names = [about.get("name", ""), about.get("namespace", "")] if isinstance(about, dict) else []
    return frozen([item["kind"], *names])


def _renamed(base: Sequence[HasValue], side: Sequence[HasValue], others: set[str]) -> list[Key]:
    """Keys of one side's entries: their names; what holds much of what an entry held that is gone is that entry."""
    known, there = {entry.name for entry in base}, {entry.name for entry in side}
    gone = [entry for entry in base if entry.name not in there]
    new = [entry for entry in side if entry.name not in known and entry.name not in others]
    follows = {entry.name: [old for old in gone if _known_again(old.value, entry.value)] for entry in new}
    taken = Counter(old.name for found in follows.values() for old in found)
    was = {name: found[0].name for name, found in follows.items() if len(found) == 1 and taken[found[0].name] == 1}
    return [was.get(entry.name, entry.name) for entry in side]


def _known_again(one: Value, other: Value) -> bool:
    """Whether a value under another name is so much the same that it is the same entry."""
    if isinstance(one, dict) and isinstance(other, dict) and len(one) >= _TELLING:
        return _alike(one, other)
    return isinstance(one, dict | list) and bool(one) and one == other


def _replaced(base: list[Value], base_keys: list[Key], side: list[Value], keys: list[Key]) -> list[Key]:
    """Keys of one side's items; a mapping in another's place that is much like it is that one with a new name."""
    known, there = {*base_keys}, {*keys}
    result = list(keys)
    for action, start, end, low, high in SequenceMatcher(None, base_keys, keys, autojunk=False).get_opcodes():
        if action == "replace":
            before = [at for at in range(start, end) if base_keys[at] not in there]
            after = [at for at in range(low, high) if keys[at] not in known]
            for was, now in _pairs(base, before, side, after):
                result[now] = base_keys[was]
    return result


def _placed(base: list[Value], side: list[Value]) -> list[Key]:
    """Keys of one side's items by where they stand: the base's for what is the same or much like it, or new ones."""
    before, after = [*map(frozen, base)], [*map(frozen, side)]
    keys = ["" for _ in side]
    last = 0
    for action, start, end, low, high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for offset, now in enumerate(range(low, high)):
            keys[now] = f"#{start + offset}" if action == "equal" else f"{last}.{offset} {after[now]}"
        if action == "replace":
            for was, now in _pairs(base, range(start, end), side, range(low, high)):
                keys[now] = f"#{was}"
        last = end
    return keys


def _pairs(
    base: list[Value], before: Iterable[int], side: list[Value], after: Iterable[int]
) -> Iterator[tuple[int, int]]:
    """Items that are much alike, in the order in which they stand."""
    rest = list(after)
    for was in before:
        now = next((at for at in rest if _alike(base[was], side[at])), None)
        if now is not None:
            yield was, now
            rest = [at for at in rest if at > now]


def _alike(one: Value, other: Value) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict) or not one or not other:
        return False
    return sum(other.get(key) == value for key, value in one.items()) >= _ALIKE * max(len(one), len(other))
