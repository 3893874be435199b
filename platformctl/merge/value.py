"""What a structured text says, apart from how it is written."""

from __future__ import annotations

import json
from datetime import date, time

Scalar = tuple[str, str]
"""What is no text: its kind and how it is written, such as `("int", "8080")`. So `1`, `1.0` and `"1"` differ."""

Value = str | Scalar | list["Value"] | dict[str, "Value"]
"""What a YAML, JSON or TOML text says. A mapping's order does not count, a list's does."""


class Opaque(ValueError):  # noqa: N818 - what a text is, and no error of anybody's
    """The structure of a text cannot be told: it is not valid, says a key twice, or uses what is not followed here."""


def frozen(value: Value) -> str:
    """A text that is the same for equal values, and for no others."""
    return json.dumps(value, sort_keys=True)


def plain(found: object) -> Value:
    """What a parser gave, as a value. Raises `Opaque` for what is none."""
    match found:
        case dict():
            return {name: plain(item) for name, item in found.items()}
        case list():
            return [plain(item) for item in found]
        case bool() | int():
            return (type(found).__name__, str(found))
        case date() | time():
            return ("date", found.isoformat())
        case None:
            return ("null", "")
        case str():
            return found
        case (str(kind), str(text)):
            return (kind, text)
    raise Opaque
