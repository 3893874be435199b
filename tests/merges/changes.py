"""What a side does to a document, as data; and a document with all that was done to it by either side.

That is no merge: what was done is known, and is not found out by comparing texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.merges.document import Document, Part, changed_lines

Span = tuple[int, int]
"""Lines of a text, from one to before another; where both are the same, the place before that line."""


@dataclass(frozen=True)
class Add:
    """A part more, after another one, or at a section's beginning."""

    section: int
    after: str
    part: Part


@dataclass(frozen=True)
class Change:
    """A part's value otherwise."""

    name: str
    at: int
    value: str


@dataclass(frozen=True)
class Note:
    """A comment above a part."""

    name: str
    remark: str


@dataclass(frozen=True)
class Reword:
    """The comment above a part otherwise."""

    name: str
    remark: str


@dataclass(frozen=True)
class Move:
    """A part elsewhere in its section."""

    name: str
    after: str


@dataclass(frozen=True)
class Remove:
    """A part less."""

    name: str


@dataclass(frozen=True)
class Whole:
    """Something about the whole file: a field of `Document`, and its new value."""

    field: str
    value: Any


Op = Add | Change | Reword | Note | Move | Remove | Whole
_ORDER = (Add, Change, Reword, Note, Move, Remove, Whole)
"""What refers to a part comes before what takes it away."""


def done(document: Document, ops: Iterable[Op]) -> Document:
    """A document after all that."""
    for op in sorted(dict.fromkeys(ops), key=lambda op: _ORDER.index(type(op))):
        document = _done(document, op)
    return document


def _done(document: Document, op: Op) -> Document:
    if isinstance(op, Whole):
        return replace(document, **{op.field: op.value})
    sections = [list(parts) for parts in document.sections]
    if isinstance(op, Add):
        parts = sections[op.section]
        parts.insert(_after(parts, op.after), op.part)
    else:
        parts = next(parts for parts in sections if any(part.name == op.name for part in parts))
        at = _after(parts, op.name) - 1
        part = parts.pop(at)
        if isinstance(op, Change):
            parts.insert(at, _revalued(part, op))
        elif isinstance(op, Reword):
            parts.insert(at, replace(part, remarks=(op.remark,)))
        elif isinstance(op, Note):
            parts.insert(at, replace(part, remarks=(*part.remarks, op.remark)))
        elif isinstance(op, Move):
            parts.insert(_after(parts, op.after), part)
    return replace(document, sections=tuple(map(tuple, sections)))


def _revalued(part: Part, op: Change) -> Part:
    first, second = part.values
    return replace(part, values=(op.value, second) if op.at == 0 else (first, op.value))


def _after(parts: Sequence[Part], name: str) -> int:
    return next((at + 1 for at, part in enumerate(parts) if part.name == name), 0)


def names(ops: Iterable[Op]) -> set[str]:
    """The parts that are changed."""
    return {op.name for op in ops if isinstance(op, Change | Reword | Note | Move | Remove)}


def gaps(ops: Iterable[Op]) -> set[tuple[int, str]]:
    """The places where something is added."""
    return {(op.section, op.after) for op in ops if isinstance(op, Add)}


def spans(document: Document, ops: Iterable[Op]) -> list[Span]:
    """The lines of a document that are touched."""
    return [span for op in ops for span in _spans(document, op)]


def _spans(document: Document, op: Op) -> Iterator[Span]:
    if isinstance(op, Add):
        yield _place(document, op.section, op.after)
    elif isinstance(op, Whole):
        yield (0, len(document.laid))
    else:
        number, first, end = document.places[op.name]
        section, part = document.kind.sections[number], document.part(op.name)
        bare = first + len(part.remarks)
        if isinstance(op, Change):
            lines = changed_lines(section, part, _revalued(part, op))
            yield (bare + lines[0], bare + lines[-1] + 1)
        elif isinstance(op, Reword):
            yield (first, bare)
        elif isinstance(op, Note):
            yield (bare, bare)
        else:
            # Which of the empty lines around it are gone with it cannot be told; the last one takes a joint along.
            joint = bool(section.joint) and document.sections[number][-1].name == op.name
            yield (first - section.gap - joint, end + section.gap)
            if isinstance(op, Move):
                yield _place(document, number, op.after)


def _place(document: Document, number: int, after: str) -> Span:
    section, parts = document.kind.sections[number], document.sections[number]
    if not after:
        first = document.places[parts[0].name].first
        return (first, first)
    end = document.places[after].end
    if parts[-1].name == after:
        return (end - bool(section.joint), end)
    # Which of the empty lines around it are new cannot be told.
    return (end, end + section.gap)


def between(one: Iterable[Span], others: Sequence[Span]) -> int:
    """The fewest lines that stand between what one side touches and what the other does; 0 where they touch."""
    return min(max(0, max(a[0], b[0]) - min(a[1], b[1])) for a in one for b in others)
