"""The body of a request as GitHub checks it."""

from __future__ import annotations

import json
from typing import Any

from platformctl.testing.github.errors import Refused, invalid_request


class Body:
    """The JSON object of a request, whose fields are checked as they are read."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    @classmethod
    def parsed(cls, content: bytes) -> Body:
        """The body of a request; nothing and null are an empty object. Raises GitHub's 400."""
        try:
            fields = json.loads(content) if content.strip() else None
        except ValueError:
            raise Refused(400, "Problems parsing JSON") from None
        if not isinstance(fields, dict | None):
            raise Refused(400, "Body should be a JSON object")
        return cls(fields or {})

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def text(self, name: str, default: str | None = None) -> str:
        """A string; required unless there is a default."""
        return str(self._of(name, str, "a string", default))

    def flag(self, name: str, default: bool | None = None) -> bool:
        """A boolean; required unless there is a default."""
        return bool(self._of(name, bool, "a boolean", default))

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number; required unless there is a default."""
        return int(self._of(name, int, "an integer", default))

    def items(self, name: str, default: list[Any] | None = None) -> list[Any]:
        """An array; required unless there is a default."""
        return list(self._of(name, list, "an array", default))

    def record(self, name: str, default: dict[str, Any] | None = None) -> dict[str, Any]:
        """An object; required unless there is a default."""
        return dict(self._of(name, dict, "an object", default))

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of some words; required unless there is a default."""
        found = self.text(name, default)
        if found not in choices:
            raise invalid_request(f"{found} is not a member of {json.dumps(list(choices))}.")
        return found

    def _of(self, name: str, kind: type, called: str, default: Any) -> Any:
        if name not in self.fields or (self.fields[name] is None and default is not None):
            if default is None:
                raise invalid_request(f'"{name}" wasn\'t supplied.')
            return default
        value = self.fields[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            shown = "nil" if value is None else json.dumps(value)
            raise invalid_request(f"For 'properties/{name}', {shown} is not {called}.")
        return value
