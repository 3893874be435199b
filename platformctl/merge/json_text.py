"""JSON: what it says, and its outline."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from platformctl.merge.brackets import Scanner
from platformctl.merge.flow import flow
from platformctl.merge.outline import Body
from platformctl.merge.value import Opaque, plain


class JsonText:
    """A JSON text that has been read. Raises `Opaque` for what is none, or no object or array, or says a name twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            found = json.loads(
                text,
                object_pairs_hook=_object,
                parse_int=lambda number: ("int", number),
                parse_float=lambda number: ("float", number),
                parse_constant=lambda word: ("float", word),
            )
        except ValueError:
            raise Opaque from None
        if not isinstance(found, dict | list):
            raise Opaque
        self.value = plain(found)

    def outline(self) -> Body:
        """Its pieces. Raises `Opaque` where a name has escapes."""
        scanner = Scanner(self._text, ":")
        node = scanner.node(scanner.blank(0), self.value)
        body = flow(self._text, node, 0)
        return replace(body, opening=self._text[: node.start] + body.opening, tail=body.tail + self._text[node.end :])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Opaque
    return found
