"""Where the values of a JSON or TOML text stand. What they are, the standard library's parsers have said before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from platformctl.merge.flow import Child, Node
from platformctl.merge.value import Opaque, Value

_STRING: Final = r'"(?:[^"\\\n]|\\.)*"'
_BLANK: Final = re.compile(r"(?:\s|#[^\n]*)*")
_TOKEN: Final = re.compile(
    rf"""(?s:\"\"\"(?:[^\\]|\\.)*?\"\"\""*|'''.*?''''*)|{_STRING}|'[^'\n]*'"""
    r"|\d{4}-\d\d-\d\d \d[^\s,\]}#]*|[^\s,\]}#]+"
)
"""A text, a number, a date, a word."""
_NAME: Final = rf"(?:[A-Za-z0-9_-]+|{_STRING}|'[^'\n]*')"
KEY: Final = re.compile(rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*")
"""A name in TOML, with dots between its parts; in JSON a text in quotes."""


def names(key: str) -> list[str]:
    """The parts of a dotted name, as they are written but for plain quotes."""
    return [_plain(name) for name in re.findall(_NAME, key)]


@dataclass(frozen=True)
class Scanner:
    """Finds values in a text in which `sign` stands between a name and its value."""

    text: str
    sign: str

    def node(self, at: int, value: Value) -> Node:
        """The value that begins at `at`, known to be `value`. Raises `Opaque` when it looks otherwise."""
        if self.text.startswith("[", at) and isinstance(value, list):
            return self._list(at, value)
        if self.text.startswith("{", at) and isinstance(value, dict):
            return self._mapping(at, value)
        token = _TOKEN.match(self.text, at)
        if not token or isinstance(value, list | dict):
            raise Opaque
        return Node(at, token.end(), value)

    def blank(self, at: int) -> int:
        """Where white space and comments end."""
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def named(self, at: int, holder: Value) -> Child:
        """The entry that begins at `at` in a mapping that holds it."""
        key = KEY.match(self.text, at)
        if not key:
            raise Opaque
        sign = self.blank(key.end())
        if not self.text.startswith(self.sign, sign):
            raise Opaque
        value, path = holder, names(key[0])
        for name in path:
            if not isinstance(value, dict) or name not in value:
                raise Opaque
            value = value[name]
        return Child(".".join(path), at, self.node(self.blank(sign + 1), value))

    def _list(self, start: int, items: list[Value]) -> Node:
        children, at = [], self.blank(start + 1)
        for item in items:
            node = self.node(at, item)
            children.append(Child("", at, node))
            at = self._next(node.end)
        return Node(start, self._closed(at, "]"), items, children, False, True)

    def _mapping(self, start: int, entries: dict[str, Value]) -> Node:
        children, at = [], self.blank(start + 1)
        while not self.text.startswith("}", at):
            child = self.named(at, entries)
            children.append(child)
            at = self._next(child.node.end)
        return Node(start, self._closed(at, "}"), entries, children, True, True)

    def _next(self, at: int) -> int:
        """Where the next item begins, or the bracket closes."""
        at = self.blank(at)
        return self.blank(at + 1) if self.text.startswith(",", at) else at

    def _closed(self, at: int, bracket: str) -> int:
        if not self.text.startswith(bracket, at):
            raise Opaque
        return at + 1


def _plain(name: str) -> str:
    """A name without its quotes. Raises `Opaque` where it has escapes, which no name needs."""
    if "\\" in name:
        raise Opaque
    return name[1:-1] if name[0] in "\"'" else name
