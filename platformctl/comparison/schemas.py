"""Two JSON Schemas of a value compared: what the later one accepts less of, and what more.

What cannot be compared, such as two patterns, counts as accepting less: somebody's answer may not do any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from platformctl.model import Json

Schema = Mapping[str, Any]

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_ELSEWHERE: Final = {
    *("title", "description", "default", "examples", "$comment", "deprecated", "readOnly", "writeOnly"),
    *("type", "enum", "const", "items", *_LOWER, *_UPPER),
}
"""What says nothing about values, and what is compared by itself."""
_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")


def compared(
    before: Schema, after: Schema, apart: Collection[str] = (), inside: str = ""
) -> Iterator[tuple[bool, str]]:
    """Each difference in what is accepted: whether it is less, and how. What is named `apart` is not looked at."""
    yield from _types(before, after, inside)
    yield from _values(before, after, inside)
    for names, is_less in ((_LOWER, _raised), (_UPPER, _lowered)):
        for name in names:
            old, new = before.get(name), after.get(name)
            if old != new:
                yield is_less(old, new), f"{inside}{name} {_or_none(old)} → {_or_none(new)}"
    old, new = before.get("items"), after.get("items")
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from compared(old, new, (), f"{inside}each: ")
    elif old != new:
        yield new is not None, f"{inside}items {_or_none(old)} → {_or_none(new)}"
    for name in sorted({*before, *after} - {*_ELSEWHERE, *apart}):
        if before.get(name) != after.get(name):
            yield name in after, f"{inside}{name} {_or_none(before.get(name))} → {_or_none(after.get(name))}"


def accepts(part: Schema) -> str:
    """What a value may be, in short: `standard | batch`, `integer`."""
    values = _allowed(part)
    return " | ".join(map(str, values)) if values is not None else _shown(part.get("type", "anything"))


def _types(before: Schema, after: Schema, inside: str) -> Iterator[tuple[bool, str]]:
    old, new = _type(before), _type(after)
    if old != new:
        yield (
            not old <= new,
            f"{inside}{_shown(before.get('type', 'any type'))} → {_shown(after.get('type', 'any type'))}",
        )


def _type(part: Schema) -> set[str]:
    given = part.get("type", _TYPES)
    kinds = {given} if isinstance(given, str) else set(given)
    return kinds | {"integer"} if "number" in kinds else kinds


def _values(before: Schema, after: Schema, inside: str) -> Iterator[tuple[bool, str]]:
    old, new = _allowed(before), _allowed(after)
    if old is None and new is not None:
        yield True, f"{inside}only {_listed(new)}"
    elif old is not None and new is None:
        yield False, f"{inside}not only {_listed(old)}"
    elif old is not None and new is not None:
        if gone := [value for value in old if value not in new]:
            yield True, f"{inside}without {_listed(gone)}"
        if more := [value for value in new if value not in old]:
            yield False, f"{inside}also {_listed(more)}"


def _allowed(part: Schema) -> list[Json] | None:
    """The only values, where they are listed."""
    if "const" in part:
        return [part["const"]]
    return list(part["enum"]) if "enum" in part else None


def _raised(old: Json, new: Json) -> bool:
    return new is not None and (old is None or new > old)


def _lowered(old: Json, new: Json) -> bool:
    return new is not None and (old is None or new < old)


def _listed(values: list[Json]) -> str:
    return ", ".join(map(str, values))


def _or_none(value: Json) -> str:
    return "none" if value is None else _shown(value)


def _shown(value: Json) -> str:
    text = _listed(value) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


_LONG: Final = 60
"""Characters of a value that are shown."""
