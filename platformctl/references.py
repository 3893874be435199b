"""`${{ inputs.x }}`, `${{ platform.x }}`, `${{ recipe.x }}` and `${{ steps.id.outputs.y }}`: references, no language.

A text that is one reference keeps the type of what it refers to; references within a longer text become text.
What a reference brings in is never looked at again, so text from people stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from platformctl.model import UNKNOWN

_REFERENCE = re.compile(r"\$\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"[a-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*")

Path = tuple[str, ...]


def references(value: Any) -> Iterator[Path]:
    """Every reference in a nest of lists, mappings and texts. Raises ValueError for one that is not a plain name."""
    if isinstance(value, str):
        for match in _REFERENCE.finditer(value):
            if not _NAME.fullmatch(match[1]):
                raise ValueError(f"'{match[0]}' is not a reference; only names joined by dots are")
            yield tuple(match[1].split("."))
        if "${{" in _REFERENCE.sub("", value):
            raise ValueError(f"a reference in {value!r} is not closed")
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def resolve(value: Any, roots: Mapping[str, Any]) -> Any:
    """Replace every reference by what it refers to. Raises KeyError with the reference's name when nothing is there."""
    if isinstance(value, str):
        whole, named = _named(value)
        if whole:
            return _look_up(named[0], roots)
        parts = {name: _look_up(name, roots) for name in named}
        if UNKNOWN in parts.values():
            return UNKNOWN
        return _REFERENCE.sub(lambda match: str(parts[match[1]]), value) if parts else value
    if isinstance(value, Mapping):
        return {key: resolve(item, roots) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, roots) for item in value]
    return value


@lru_cache(maxsize=4096)
def _named(text: str) -> tuple[bool, tuple[str, ...]]:
    """The references in a recipe's text by name, and whether it is one and nothing else: fleets ask often."""
    if whole := _REFERENCE.fullmatch(text):
        return True, (whole[1],)
    return False, tuple(match[1] for match in _REFERENCE.finditer(text))


def has_unknown(value: Any) -> bool:
    """Whether anything in it exists only after a later apply. Rendered files, no dictionaries, are not looked at."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def _look_up(name: str, roots: Mapping[str, Any]) -> Any:
    here: Any = roots
    for part in name.split("."):
        if here is UNKNOWN:
            return UNKNOWN
        if not isinstance(here, Mapping) or part not in here:
            raise KeyError(name)
        here = here[part]
    return here
