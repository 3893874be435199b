"""Two edits of one file, one by each side: how they meet, and what has to come of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Final

from platformctl.model import File
from tests.merges.changes import Change, Move, Note, Op, Remove, Reword, Whole, between, done, gaps, names, spans
from tests.merges.document import Document, FileKind, Part, Section
from tests.merges.draft import Draft, numbers
from tests.merges.edits import (
    ADDED,
    AT_BEGINNING,
    AT_END,
    CHANGED,
    COMMENTED,
    LAST_END,
    MOVED,
    NOTHING,
    REMOVED,
    RESTYLED,
    REWORDED,
    SEVERAL,
    Edit,
    Ops,
)
from tests.merges.scenario import Clash, Right, Scenario, Wanted

_PARTS: Final = 5
"""Parts of a section, at the beginning."""


class Meeting(StrEnum):
    """How near two edits are to one another."""

    NONE = ""
    """One of them is about the whole file, or there is only one."""
    APART = "far apart"
    NEAR = "a line or two between them"
    TOUCHING = "touching"
    OTHER_LINE = "in the same entry, another line"
    SAME_PLACE = "at the same place"
    ALIKE = "the same"
    OTHERWISE = "the same, otherwise"


def drafted(kind: FileKind, draft: Draft) -> Document:
    """A file of a kind."""
    sections = tuple(tuple(_part(kind, section, at, draft) for at in range(_PARTS)) for section in kind.sections)
    return Document(kind, sections, ends=kind.ends, last_end=kind.last_end, executable=kind.executable)


def _part(kind: FileKind, section: Section, at: int, draft: Draft) -> Part:
    """Every other part has a comment, where there are such."""
    part = draft.part()
    remarked = kind.remark and section.remarks and at % 2
    return replace(part, remarks=(f"for {draft.number()}",)) if remarked else part


class _Way:
    """One way to make an edit, and where that is."""

    def __init__(self, base: Document, ops: Ops) -> None:
        self.ops = ops
        self.spans = spans(base, ops)
        self.names = names(ops)
        self.gaps = gaps(ops)
        self.moves = any(isinstance(op, Move) for op in ops)


def _meet(ours: _Way, theirs: _Way) -> Meeting | None:
    """How two edits that are not the same meet; None where what comes of it cannot be said."""
    if ours.names & theirs.names:
        found = {_in_one_part(one, other) for one in ours.ops for other in theirs.ops if names([one]) & names([other])}
        return Meeting.OTHERWISE if Meeting.OTHERWISE in found else found.pop() if len(found) == 1 else None
    if ours.gaps & theirs.gaps:
        return Meeting.SAME_PLACE
    lines = between(ours.spans, theirs.spans)
    if lines > 3:
        return Meeting.APART
    if ours.moves or theirs.moves or lines == 3:
        return None
    return Meeting.NEAR if lines else Meeting.TOUCHING


def _in_one_part(one: Op, other: Op) -> Meeting | None:
    """How two edits of the same entry meet."""
    kinds = {type(one), type(other)}
    if isinstance(one, Change) and isinstance(other, Change):
        return Meeting.OTHERWISE if one.at == other.at else Meeting.OTHER_LINE
    if kinds in ({Change, Remove}, {Reword}, {Reword, Remove}):
        return Meeting.OTHERWISE
    return Meeting.SAME_PLACE if kinds in ({Note, Change}, {Reword, Change}, {Move, Change}, {Note}) else None


def meetings(edit: Edit, change: Edit) -> tuple[Meeting, ...]:
    """The ways in which two kinds of edit may meet."""
    pair = {edit, change}
    alike = (Meeting.ALIKE,) if len(pair) == 1 and edit is not NOTHING else ()
    if edit.whole or change.whole:
        return alike or (Meeting.NONE,)
    near = () if MOVED in pair else (Meeting.NEAR, Meeting.TOUCHING)
    together = (
        *((Meeting.OTHER_LINE,) if pair == {CHANGED} else ()),
        *((Meeting.SAME_PLACE,) if pair <= _ADDING or pair in _IN_ONE_PART else ()),
        *((Meeting.OTHERWISE,) if pair in _EXCLUDING else ()),
    )
    return (Meeting.APART, *near, *together, *alike)


_ADDING: Final = {AT_END, AT_BEGINNING, ADDED}
_IN_ONE_PART: Final = ({COMMENTED, CHANGED}, {REWORDED, CHANGED}, {MOVED, CHANGED}, {COMMENTED})
_EXCLUDING: Final = (
    *({CHANGED, other} for other in (CHANGED, REMOVED, SEVERAL)),
    *({REWORDED, other} for other in (REWORDED, REMOVED)),
)


def paired(
    kind: FileKind, edit: Edit, change: Edit, meeting: Meeting, draft: Draft
) -> tuple[Document, Ops, Ops] | None:
    """A file and what both sides do to it; None where edits of these kinds do not meet so in this kind of file."""
    base = drafted(kind, draft)
    theirs = [*change.ways(base, draft)]
    draft.chance.shuffle(theirs)
    if meeting is Meeting.ALIKE:
        return base, theirs[0], theirs[0]
    ours = [*edit.ways(base, draft)]
    draft.chance.shuffle(ours)
    if meeting is Meeting.NONE:
        return base, ours[0], theirs[0]
    ways = [_Way(base, ops) for ops in ours]
    for one in (_Way(base, ops) for ops in theirs):
        for other in ways:
            if _meet(other, one) is meeting:
                return base, other.ops, one.ops
    return None


def scenario(edit: Edit, change: Edit, meeting: Meeting, base: Document, ours: Ops, theirs: Ops) -> Scenario:
    """What these two make of a file, and what has to come of it."""
    path = base.kind.path
    clash = _clash(base, edit, change, meeting, ours, theirs)
    sides = (base, done(base, ours), done(base, theirs))
    trees = tuple({path: File(one.content(), one.executable)} for one in sides)
    rights = () if clash is Clash.INEVITABLE else (Right({path: _wanted(base, ours, theirs)}),)
    what = f"{base.kind.name}: {edit.name} × {change.name}"
    return Scenario(
        f"{what}, {meeting}" if meeting else what,
        base.kind.name,
        edit.name,
        change.name,
        base=trees[0],
        ours=trees[1],
        theirs=trees[2],
        rights=rights,
        clash=clash,
        spoils=base.kind.spoils,
    )


def _clash(base: Document, edit: Edit, change: Edit, meeting: Meeting, ours: Ops, theirs: Ops) -> Clash:
    if meeting is Meeting.OTHERWISE:
        # Of an entry that the team has taken out nobody needs a comment.
        return Clash.ALLOWED if (edit, change) == (REMOVED, REWORDED) else Clash.INEVITABLE
    if meeting is Meeting.OTHER_LINE and spans(base, ours) == spans(base, theirs):
        return Clash.ALLOWED
    if meeting is Meeting.ALIKE or NOTHING in (edit, change):
        return Clash.NEVER
    if meeting is Meeting.SAME_PLACE:
        # Which of two comes first is a question where the order means something; and so is what of a moved entry.
        ordered = any(base.kind.sections[number].ordered for number, _ in gaps(ours))
        free = base.kind.entries and not ordered and bool(gaps(ours))
        return Clash.NEVER if free else Clash.ALLOWED
    if base.kind.entries:
        return Clash.NEVER
    if meeting is Meeting.NONE:
        restyled = RESTYLED in (edit, change) and not {edit.name, change.name} & {"the mode changed"}
        return Clash.ALLOWED if restyled or {edit, change} == {LAST_END, AT_END} else Clash.NEVER
    return Clash.NEVER if between(spans(base, ours), spans(base, theirs)) else Clash.ALLOWED


def _wanted(base: Document, ours: Ops, theirs: Ops) -> Wanted:
    """The file with what both did; in either order, where both did something at one place."""
    documents = [*_results(base, ours, theirs)]
    merged = documents[0]
    before = numbers(base.content())
    new = {part for part in numbers(merged.content()) if part not in before}
    return Wanted(
        tuple(dict.fromkeys(document.content() for document in documents)),
        base.kind,
        merged.executable,
        tuple(_restyled_lines(base, ours, theirs)),
        frozenset(new),
    )


def _results(base: Document, ours: Ops, theirs: Ops) -> Iterator[Document]:
    for first, then in ((ours, theirs), (theirs, ours)):
        whole = done(base, (*first, *then))
        yield whole
        if whole.restyled and Whole("restyled", True) not in then:
            # What the other side wrote may stay in the form in which it wrote it.
            yield _plain(whole, then)
        if {op.field for op in (*ours, *theirs) if isinstance(op, Whole)} & {"last_end"}:
            yield replace(whole, last_end=not whole.last_end) if gaps((*ours, *theirs)) else whole
    if base.kind.entries and (Whole("restyled", True) in ours or names(ours) & names(theirs)):
        # An order that means nothing is a form, too: the team's.
        yield done(base, (*ours, *(op for op in theirs if not _is_form(base, op))))


def _is_form(base: Document, op: Op) -> bool:
    return isinstance(op, Move) and not base.kind.sections[base.places[op.name].section].ordered


def _plain(document: Document, ops: Ops) -> Document:
    touched = names(ops) | {op.part.name for op in ops if hasattr(op, "part")}
    sections = (tuple(replace(part, plain=part.name in touched) for part in parts) for parts in document.sections)
    return replace(document, sections=tuple(sections))


def _restyled_lines(base: Document, ours: Ops, theirs: Ops) -> Iterator[bytes]:
    """The lines to which the team has given another form, and that nobody has touched otherwise.

    Of a kind with entries the golden path's form may be left out: the file says the same without it.
    """
    touched = names((*ours, *theirs))
    for before, after in zip(base.laid, done(base, (op for op in ours if isinstance(op, Whole))).laid, strict=True):
        if before.text != after.text and after.owner and after.owner not in touched:
            yield after.text.encode(base.kind.encoding)
