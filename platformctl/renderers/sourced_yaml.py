"""YAML in which every value is followed by a comment that says where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from platformctl.renderers.text import FILTERS

_QUOTED: Final = FILTERS["yaml"]


class Sourced(NamedTuple):
    """A text, or a list of texts, and its source: words of ours, never of people's."""

    value: str | Sequence[str]
    source: str


Fields = Mapping[str, "str | Sourced | Fields | Sequence[Fields]"]
"""A mapping in YAML. Keys, and texts without a source, are ours and are written as they are."""


def document(fields: Fields) -> str:
    """One YAML document. Values, lists and mappings that are empty are left out."""
    return "\n".join(_lines(fields, "")) + "\n"


def _lines(fields: Fields, indent: str) -> Iterator[str]:
    for key, value in fields.items():
        match value:
            case "" | Sourced(value=""):
                continue
            case str():
                yield f"{indent}{key}: {value}"
            case Sourced(value=str() as text, source=source):
                yield f"{indent}{key}: {_QUOTED(text)} # {source}"
            case Sourced(value=items, source=source):
                if items:
                    yield f"{indent}{key}: # {source}"
                    yield from (f"{indent}  - {_QUOTED(item)}" for item in items)
            case Mapping():
                if inner := list(_lines(value, f"{indent}  ")):
                    yield f"{indent}{key}:"
                    yield from inner
            case _:
                if value:
                    yield f"{indent}{key}:"
                for part in value:
                    first, *rest = _lines(part, f"{indent}    ")
                    yield f"{indent}  - {first.lstrip()}"
                    yield from rest
