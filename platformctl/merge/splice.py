"""Three texts merged piece by piece along their outlines: each piece as one of them has it, comments and all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter

from platformctl.merge.arrange import Slot, arrange
from platformctl.merge.judge import LineMerge
from platformctl.merge.outline import Body, Part
from platformctl.merge.three import Three, settled


def splice(bodies: Three[Body], lines: LineMerge) -> Three[str] | None:
    """The text that each side would have when all is merged that can be; None if that cannot be told.

    `lines` merges what has several lines and no structure.
    """
    return _Splice(lines).body(bodies, Three.of(0), 0)


@dataclass(frozen=True)
class _Piece:
    """A part on its way into the result; `gap` is None where the layout decides."""

    lead: str
    gap: str | None
    core: str
    trail: str


@dataclass(frozen=True)
class _Frame:
    """Where a body goes: laid out as one of the sides has it, and moved to the right by some characters."""

    layout: Body
    shift: int

    @property
    def column(self) -> int:
        return self.layout.column + self.shift

    def moved(self, text: str, column: int, begins_line: bool = False) -> str:
        """A text from a body at `column`, indented as it has to be here."""
        by = self.column - column
        if by == 0:
            return text
        first, *others = text.split("\n")
        return "\n".join([_indented(first, by) if begins_line else first, *(_indented(line, by) for line in others)])

    def gap(self, gap: str) -> str:
        """White space of the layout, moved."""
        above, newline, indent = gap.rpartition("\n")
        if self.shift == 0 or (self.layout.commas and not newline):
            return gap
        return above + newline + (indent + " " * self.shift if self.shift > 0 else indent[: self.shift])

    def taken(self, part: Part | None, body: Body) -> _Piece | None:
        """A part of a body, as it goes in here."""
        if part is None:
            return None
        own = body is self.layout and part is not body.parts[0]
        return _Piece(
            self.moved(part.lead, body.column, not body.commas),
            self.gap(part.gap) if own else None,
            self.moved(part.core, body.column),
            part.trail,
        )

    def joined(self, opening: str, pieces: Iterable[_Piece | None], tail: str) -> str:
        """The text of a whole body."""
        there = [piece for piece in pieces if piece]
        text = [opening]
        for at, piece in enumerate(there, 1):
            gap = self.layout.gap if piece.gap is None else piece.gap
            if at == 1 and self.layout.parts and not piece.lead:
                gap = self.gap(self.layout.parts[0].gap)
            comma = "," if self.layout.commas and (at < len(there) or self.layout.last_comma) else ""
            text += [piece.lead, gap, piece.core, comma, piece.trail]
        return "".join([*text, tail])


@dataclass(frozen=True)
class _Splice:
    lines: LineMerge

    def body(self, bodies: Three[Body], above: Three[int], at: int) -> Three[str] | None:
        """`above`: the columns of the bodies around these; `at`: the column of the body around the result."""
        base, ours, theirs = bodies
        slots = arrange(bodies.map(attrgetter("parts")), ours.named, Part.differs)
        if slots is None:
            return None
        relaid = theirs.parts and (not ours.parts or ours.layout == base.layout != theirs.layout)
        frame = _Frame(theirs, at - above.theirs) if relaid else _Frame(ours, at - above.ours)
        pieces = [self._slot(slot, bodies, frame) for slot in slots]
        openings = settled(bodies.map(attrgetter("opening")), _alike)
        tails = settled(bodies.map(lambda body: frame.moved(body.tail, body.column, not body.commas)), _alike)
        usual = frame.moved(frame.layout.tail, frame.layout.column, not frame.layout.commas)
        if tails.agreed and _alike(tails.ours, usual):
            tails = Three.of(usual)
        return Three(
            frame.joined(openings.base, (piece.base for piece in pieces), tails.base),
            frame.joined(openings.ours, (piece.ours for piece in pieces), tails.ours),
            frame.joined(openings.theirs, (piece.theirs for piece in pieces), tails.theirs),
        )

    def _slot(self, slot: Slot[Part], bodies: Three[Body], frame: _Frame) -> Three[_Piece | None]:
        base, ours, theirs = slot.sides
        if ours and theirs and not slot.disputed and (ours.lead, *ours.words) == (theirs.lead, *theirs.words):
            return Three.of(frame.taken(ours, bodies.ours))
        taken: Three[_Piece | None] = Three(
            frame.taken(base, bodies.base), frame.taken(ours, bodies.ours), frame.taken(theirs, bodies.theirs)
        )
        if slot.disputed:
            return taken
        if ours is None or theirs is None or taken.ours is None or taken.theirs is None:
            return Three.of(taken.ours or taken.theirs)
        leads = settled(taken.map(lambda piece: piece.lead if piece else ""), _alike)
        words = settled(slot.sides.map(lambda part: part and part.words))
        done: Three[_Piece | None]
        if words.agreed:
            piece = taken.ours if words.ours == ours.words else taken.theirs
            done = Three.of(replace(piece, gap=taken.ours.gap))
        elif theirs.like(ours) or (base is not None and theirs.like(base)):
            done = Three.of(taken.ours)
        else:
            done = self._entry(slot.sides, taken, bodies, frame)
            if not done.agreed and base is not None and ours.like(base):
                done = Three.of(replace(taken.theirs, gap=taken.ours.gap))
        return Three(*(piece and replace(piece, lead=lead) for piece, lead in zip(done, leads, strict=True)))

    def _entry(
        self, sides: Three[Part | None], taken: Three[_Piece | None], bodies: Three[Body], frame: _Frame
    ) -> Three[_Piece | None]:
        """An entry that both sides changed, or both added: its name, its value and its comment, each by itself."""
        base, ours, theirs = sides
        if ours is None or theirs is None:
            return taken
        heads = settled(Three((base or ours).head, ours.head, theirs.head), _alike)
        trails = settled(Three(base.trail if base else "", ours.trail, theirs.trail), _alike)
        if isinstance(ours.body, Body) and isinstance(theirs.body, Body):
            was = base.body if base else replace(ours.body, parts=())
            if (
                not isinstance(was, Body)
                or len({(body.named, body.commas) for body in (was, ours.body, theirs.body)}) > 1
            ):
                return taken
            texts = self.body(Three(was, ours.body, theirs.body), bodies.map(attrgetter("column")), frame.column)
        elif base and isinstance(base.body, str) and isinstance(ours.body, str) and isinstance(theirs.body, str):
            texts = self._leaf(Three(base, ours, theirs), bodies, frame)
        else:
            return taken
        if texts is None:
            return taken
        gap = taken.ours.gap if taken.ours else None
        return Three(
            *(_Piece("", gap, head + text, trail) for head, text, trail in zip(heads, texts, trails, strict=True))
        )

    def _leaf(self, sides: Three[Part], bodies: Three[Body], frame: _Frame) -> Three[str] | None:
        """A value that has no parts; None if both changed it differently."""
        texts = Three(*(frame.moved(str(part.body), body.column) for part, body in zip(sides, bodies, strict=True)))
        said = settled(sides, lambda one, other: one.value == other.value)
        if said.agreed:
            return Three.of(texts.ours if said.ours is sides.ours else texts.theirs)
        merged = self.lines(texts) if all("\n" in text for text in texts) else None
        return None if merged is None else Three.of(merged)


def _alike(one: str, other: str) -> bool:
    """Whether two texts differ in white space alone."""
    return one.split() == other.split()


def _indented(line: str, by: int) -> str:
    if not line.strip():
        return line
    if by > 0:
        return " " * by + line
    kept = line.lstrip()
    return line[min(-by, len(line) - len(kept)) :]
