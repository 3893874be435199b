"""The inputs of two versions compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from platformctl.comparison.rules import Changed, Rule
from platformctl.comparison.schemas import Schema, accepts, compared
from platformctl.model import Json


@dataclass(frozen=True)
class _Input:
    part: Schema
    has_to: bool
    """Whether it has to be answered."""


def inputs(before: Schema, after: Schema, renamed: Mapping[str, str]) -> Iterator[Changed]:
    """What has changed in the inputs, nested ones by their dotted names. `renamed`: old names to new ones."""
    old, new = dict(_flat(before)), dict(_flat(after))
    now = {name: now_called(name, renamed) for name in old}
    yield from _accepted("*", before, after)
    for name, one in old.items():
        if now[name] not in new:
            if now.get(_above(name), "") in {*new, ""}:
                yield Changed(Rule.INPUT_REMOVED, f"input:{name}", _default(one.part, "its default was "))
            continue
        if name in renamed:
            yield Changed(Rule.INPUT_RENAMED, f"input:{name}", f"now {now[name]}")
        yield from _one(now[name], one, new[now[name]])
    known = {*now.values(), ""}
    for name, one in new.items():
        if name not in known and _above(name) in known:
            rule = Rule.INPUT_REQUIRED if one.has_to else Rule.INPUT_ADDED
            yield Changed(rule, f"input:{name}", f"new: {accepts(one.part)}{_default(one.part, '; default ')}")


def input_names(schema: Schema) -> Iterator[str]:
    """Every input by its dotted name, and those that they stand in."""
    return (name for name, _ in _flat(schema))


def _flat(schema: Schema, above: str = "") -> Iterator[tuple[str, _Input]]:
    for name, part in schema.get("properties", {}).items():
        yield f"{above}{name}", _Input(part, name in schema.get("required", ()) and "default" not in part)
        yield from _flat(part, f"{above}{name}.")


def _above(name: str) -> str:
    return name.rpartition(".")[0]


def now_called(name: str, renamed: Mapping[str, str]) -> str:
    """What an input is called now, as far as it or what it stands in has another name."""
    if name in renamed or not _above(name):
        return renamed.get(name, name)
    return f"{now_called(_above(name), renamed)}.{name.rpartition('.')[2]}"


def _one(name: str, before: _Input, after: _Input) -> Iterator[Changed]:
    target, old, new = f"input:{name}", before.part.get("default"), after.part.get("default")
    if after.has_to and not before.has_to:
        yield Changed(Rule.INPUT_REQUIRED, target, "no default any more" if "default" in before.part else "")
    elif before.has_to and not after.has_to:
        yield Changed(Rule.INPUT_OPTIONAL, target, _default(after.part, "default "))
    elif old != new:
        yield Changed(Rule.INPUT_DEFAULT, target, f"{_value(old)} → {_value(new)}")
    yield from _accepted(name, before.part, after.part)
    if before.part.get("description") != after.part.get("description"):
        yield Changed(Rule.INPUT_DESCRIBED, target)


def _accepted(dotted: str, before: Schema, after: Schema) -> Iterator[Changed]:
    for less, how in compared(before, after, ("properties", "required")):
        yield Changed(Rule.INPUT_NARROWED if less else Rule.INPUT_WIDENED, f"input:{dotted}", how)


def _default(part: Schema, before: str) -> str:
    return f"{before}{_value(part['default'])}" if part.get("default") not in (None, "", [], {}) else ""


def _value(value: Json) -> str:
    """A default as people read it."""
    if value in (None, ""):
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
