"""What people do within a file, as kinds: the team does them by hand, and the golden path in its next version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.merges.changes import Add, Change, Move, Note, Op, Remove, Reword, Whole, between, spans
from tests.merges.document import Document, FileKind
from tests.merges.draft import Draft

Ops = tuple[Op, ...]
_TRIES: Final = 40


@dataclass(frozen=True)
class Edit:
    """One kind of edit. `ways` are all ways to make it in a document."""

    name: str
    ways: Callable[[Document, Draft], Iterator[Ops]]
    suits: Callable[[FileKind], bool] = lambda kind: True
    whole: bool = False
    """It is about the whole file, or about nothing."""
    template: bool = True
    """Whether a golden path does it, too."""


def _nothing(document: Document, draft: Draft) -> Iterator[Ops]:
    yield ()


def _changed(document: Document, draft: Draft) -> Iterator[Ops]:
    for section, parts in zip(document.kind.sections, document.sections, strict=True):
        for part in parts:
            for at in range(1 + section.second):
                yield (Change(part.name, at, draft.number()),)


def _added(document: Document, draft: Draft) -> Iterator[Ops]:
    for number, parts in enumerate(document.sections):
        for part in parts[:-1]:
            yield (Add(number, part.name, draft.part()),)


def _added_at_end(document: Document, draft: Draft) -> Iterator[Ops]:
    last = len(document.sections) - 1
    yield (Add(last, document.sections[last][-1].name, draft.part()),)


def _added_at_beginning(document: Document, draft: Draft) -> Iterator[Ops]:
    yield (Add(0, "", draft.part()),)


def _removed(document: Document, draft: Draft) -> Iterator[Ops]:
    for parts in document.sections:
        for part in parts:
            yield (Remove(part.name),)


def _moved(document: Document, draft: Draft) -> Iterator[Ops]:
    for parts in document.sections:
        for at, part in enumerate(parts):
            for to, other in enumerate(parts):
                if to not in (at, at - 1):
                    yield (Move(part.name, other.name),)


def _commented(document: Document, draft: Draft) -> Iterator[Ops]:
    for section, parts in zip(document.kind.sections, document.sections, strict=True):
        for part in parts if section.remarks else ():
            yield (Note(part.name, f"see {draft.number()}"),)


def _reworded(document: Document, draft: Draft) -> Iterator[Ops]:
    for parts in document.sections:
        for part in parts:
            if part.remarks:
                yield (Reword(part.name, f"see {draft.number()}"),)


def _several(document: Document, draft: Draft) -> Iterator[Ops]:
    """A line changed, one removed and one added, with something between them."""
    every = [[*ways(document, draft)] for ways in (_changed, _added, _removed)]
    for _ in range(_TRIES):
        chosen = [draft.chance.choice(ways) for ways in every]
        touched = [spans(document, ops) for ops in chosen]
        if all(between(one, other) > 1 for at, one in enumerate(touched) for other in touched[:at]):
            yield tuple(op for ops in chosen for op in ops)


def _restyled(document: Document, draft: Draft) -> Iterator[Ops]:
    yield (Whole("restyled", True),)


def _line_ends(document: Document, draft: Draft) -> Iterator[Ops]:
    yield (Whole("ends", "\n" if document.ends == "\r\n" else "\r\n"),)


def _last_end(document: Document, draft: Draft) -> Iterator[Ops]:
    yield (Whole("last_end", not document.last_end),)


def _mode(document: Document, draft: Draft) -> Iterator[Ops]:
    yield (Whole("executable", not document.executable),)


def _commentable(kind: FileKind) -> bool:
    return bool(kind.remark)


NOTHING: Final = Edit("nothing", _nothing, whole=True)
CHANGED: Final = Edit("a line changed", _changed)
AT_END: Final = Edit("added at the end", _added_at_end)
AT_BEGINNING: Final = Edit("added at the beginning", _added_at_beginning, template=False)
ADDED: Final = Edit("added in between", _added)
REMOVED: Final = Edit("removed", _removed)
MOVED: Final = Edit("moved", _moved)
COMMENTED: Final = Edit("a comment added", _commented, _commentable)
REWORDED: Final = Edit("a comment changed", _reworded, _commentable)
SEVERAL: Final = Edit("several edits", _several)
RESTYLED: Final = Edit("the whole file reformatted", _restyled, lambda kind: kind.restyle is not None, whole=True)
LINE_ENDS: Final = Edit("all line ends converted", _line_ends, whole=True)
LAST_END: Final = Edit("the end of the last line", _last_end, whole=True)
MODE: Final = Edit("the mode changed", _mode, whole=True)

EDITS: Final = (
    NOTHING,
    CHANGED,
    AT_END,
    AT_BEGINNING,
    ADDED,
    REMOVED,
    MOVED,
    COMMENTED,
    REWORDED,
    SEVERAL,
    RESTYLED,
    LINE_ENDS,
    LAST_END,
    MODE,
)
CHANGES: Final = tuple(edit for edit in EDITS if edit.template)
