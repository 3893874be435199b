"""Collections in brackets: `[a, b]`, `{a: 1}`, on one line or on several, as YAML, JSON and TOML all have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from platformctl.merge.outline import Body, Part
from platformctl.merge.value import Opaque, Value

_REMARK: Final = re.compile(r"[ \t]*#[^\n]*")
_BLANK: Final = re.compile(r"(?:\s|#[^\n]*)*")


class Node(NamedTuple):
    """A value in a text: where it begins and ends, and what it holds."""

    start: int
    end: int
    value: Value
    children: Sequence[Child] = ()
    named: bool | None = None
    """Whether it is a mapping (True), a list (False), or neither."""
    commas: bool = False
    """Whether it stands in brackets."""


class Child(NamedTuple):
    """An entry of a mapping, or an item of a list: its name, where it begins, and its value."""

    name: str
    start: int
    node: Node


def flow(text: str, node: Node, column: int) -> Body:
    """The outline of a collection in brackets; `column` is that of the line on which it begins.

    Raises `Opaque` where a comment stands between a value and its comma.
    """
    inside, end = node.start + 1, node.end - 1
    trail = _trail(text, inside, end)
    opening, at = text[node.start : trail], trail
    column = _column(text, node, column)
    parts, comma = [], False
    for child, after in zip(node.children, [*(child.start for child in node.children), end][1:], strict=True):
        lead, gap = _split(text[at : child.start])
        value = child.node
        body = flow(text, value, column) if value.commas else text[value.start : value.end]
        at = value.end
        comma = text.startswith(",", at)
        if comma:
            at += 1
        elif after != end:
            raise Opaque
        trail = _trail(text, at, after)
        parts.append(Part(child.name, value.value, lead, gap, text[child.start : value.start], body, text[at:trail]))
        at = trail
    _split(text[at:end])
    return Body(tuple(parts), bool(node.named), opening, text[at : node.end], column, True, comma)


def _column(text: str, node: Node, otherwise: int) -> int:
    """The column of the first entry that begins a line."""
    for child in node.children:
        line = text.rfind("\n", node.start, child.start) + 1
        if line and not text[line : child.start].strip():
            return child.start - line
    return otherwise


def _trail(text: str, start: int, end: int) -> int:
    """Where the comment ends that begins on this line, if there is one."""
    found = _REMARK.match(text, start, end)
    return found.end() if found else start


def _split(between: str) -> tuple[str, str]:
    """White space and comments between two parts: what belongs to the second, and its indentation."""
    if not _BLANK.fullmatch(between):
        raise Opaque
    above, newline, gap = between.rpartition("\n")
    return above, newline + gap
