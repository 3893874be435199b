"""TOML: what it says, and its outline, in which each table is one part of the whole."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from platformctl.merge.brackets import KEY, Scanner, names
from platformctl.merge.flow import flow
from platformctl.merge.outline import ABOVE, REST, Body, Part
from platformctl.merge.value import Opaque, Value, frozen, plain

_HEADER: Final = re.compile(rf"(\[\[?)\s*({KEY.pattern})\s*\]\]?[ \t]*(?:#[^\n]*)?\n")


class TomlText:
    """A TOML text that has been read. Raises `Opaque` for what is none."""

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            self.value = plain(tomllib.loads(text, parse_float=lambda number: ("float", number)))
        except ValueError:
            raise Opaque from None

    def outline(self) -> Body:
        """Its pieces: first the entries that are in no table, then each table. Raises `Opaque`."""
        return _Outline(self._text, self.value).body()


class _Outline:
    def __init__(self, text: str, data: Value) -> None:
        self._text = text
        self._data = data
        self._scanner = Scanner(text, "=")
        self._at = 0
        self._seen: Counter[str] = Counter()
        self._elements: dict[str, str] = {}
        """The arrays of tables that are being filled, with what their last element is known by."""

    def body(self) -> Body:
        first = self._entries(self._data)
        parts = [Part("", _said(first), "", "", "", first, ""), *self._tables()]
        return Body(tuple(parts), named=True, tail=self._text[self._at :])

    def _tables(self) -> Iterator[Part]:
        while True:
            lead, gap, start = self._above()
            header = _HEADER.match(self._text, start)
            if not header:
                return
            self._at = header.end()
            name, holder = self._named(names(header[2]), header[1] == "[[")
            body = self._entries(holder)
            yield Part(name, _said(body), lead, gap, header[0], body, "")

    def _named(self, path: list[str], repeated: bool) -> tuple[str, Value]:
        """What a table is known by, and what it holds."""
        dotted = ".".join(path)
        if repeated:
            self._seen[dotted] += 1
            for inner in [other for other in self._elements if other.startswith(f"{dotted}.")]:
                del self._elements[inner], self._seen[inner]
        name, holder, identity = "", self._data, ""
        for depth, key in enumerate(path, 1):
            if not isinstance(holder, dict) or key not in holder:
                raise Opaque
            holder, above = holder[key], ".".join(path[:depth])
            name = f"{name}.{key}" if name else key
            if isinstance(holder, list):
                at = self._seen[above] - 1
                if not 0 <= at < len(holder):
                    raise Opaque
                identity = _identity(holder, at)
                holder = holder[at]
            if above in self._elements and above != dotted:
                name = self._elements[above]
        if repeated:
            name = self._elements[dotted] = f"{name}[{identity}]"
        return name, holder

    def _entries(self, holder: Value) -> Body:
        """The entries up to the next table."""
        parts: list[Part] = []
        column = 0
        while True:
            lead, gap, start = self._above()
            if start == len(self._text) or self._text[start] == "[":
                return Body(tuple(parts), named=True, column=column)
            column = len(gap)
            child = self._scanner.named(start, holder)
            node = child.node
            rest = REST.match(self._text, node.end)
            if not rest:
                raise Opaque
            body = flow(self._text, node, column) if node.commas else self._text[node.start : node.end]
            parts.append(Part(child.name, node.value, lead, gap, self._text[start : node.start], body, rest[0]))
            self._at = rest.end()

    def _above(self) -> tuple[str, str, int]:
        """Comments and blank lines from here on, the white space behind them, and where what they belong to begins."""
        found = ABOVE.match(self._text, self._at)
        end = start = found.end() if found else self._at
        while self._text.startswith((" ", "\t"), start):
            start += 1
        return self._text[self._at : end], self._text[end:start], start


def _said(body: Body) -> Value:
    return {part.name: part.value for part in body.parts}


def _identity(items: list[Value], at: int) -> str:
    """What tells one table of an array from the others: its name, or else its place."""
    for field in ("name", "id", "module"):
        found = [frozen(item.get(field, "")) if isinstance(item, dict) else "" for item in items]
        if len({*found}) == len(found) and '""' not in found:
            return found[at]
    return str(at)
