"""What a merge of trees gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from platformctl.merge.three import Three
from platformctl.model import File, Tree


class Fate(StrEnum):
    """What became of a file, where that has to be said."""

    ADDED = "added"
    """The golden path has it now, and the service had nothing there."""
    UPDATED = "updated"
    """The golden path changed it, and the team had not."""
    MERGED = "merged"
    """Both changed it, or both added it, and all of that is in it."""
    MOVED = "moved"
    """The golden path moved it here; what the team changed in it has come along."""
    PLACED = "left where the team moved it"
    """Both moved it. What the golden path changed in it has come along."""
    REMOVED = "removed"
    """The golden path dropped it, and the team had not touched it."""
    KEPT = "kept"
    """The golden path dropped it, and the team has changed or moved it."""
    STAYS_DELETED = "stays deleted"
    """The golden path changed it, and the team has deleted it."""
    CONFLICT = "conflict"
    """A person has to choose."""


class Dispute(StrEnum):
    """Why a person has to choose, and where."""

    LINES = "lines"
    """Both changed the same: the merged tree has both, between git's markers."""
    BINARY = "binary"
    """Both changed a file that has no lines: the merged tree has ours."""
    IN_THE_WAY = "in the way"
    """Something of the team's stands where it has to be: the merged tree has that."""
    NOT_REWRITTEN = "not rewritten"
    """A migration writes a value where this file cannot be read, or has more than a value: it is as it was."""
    BY_HAND = "by hand"
    """The team changed or removed what is not its own to change: the merged tree has it so."""


@dataclass(frozen=True)
class Conflict:
    """A file in dispute. `base`, `ours` and `theirs` are the stages 1, 2 and 3 of git's index; None where it is not."""

    path: str
    """Where the merged tree has it, or would have it."""
    base: File | None
    ours: File | None
    theirs: File | None
    paths: Three[str]
    """Where each side has it."""
    dispute: Dispute = Dispute.LINES

    @property
    def advice(self) -> str:
        """What a person has to know to choose, in a line."""
        elsewhere = f" to {self.paths.theirs}" if self.paths.theirs != self.path else ""
        match self.dispute:
            case Dispute.LINES:
                return "look for the lines <<<<<<<"
            case Dispute.BINARY:
                return "no text; the team has it as it was"
            case Dispute.IN_THE_WAY:
                return f"not written{elsewhere}, because something of the team's is in its way"
            case Dispute.NOT_REWRITTEN:
                return "the migration could not write its value into this; do it by hand"
            case Dispute.BY_HAND:
                done = "changed" if self.ours else "removed"
                return f"{done} by hand, though it is the golden path's; override it, or put it right"


@dataclass(frozen=True)
class Rename:
    """A rename that was followed."""

    before: str
    """The path at the recorded version; of a file that is new, where the new version has it."""
    after: str
    by_team: bool
    """The team renamed it; otherwise the golden path did."""


@dataclass(frozen=True)
class Merged:
    """A service's files after a merge."""

    tree: Tree
    """All of them, those that the golden path does not know included."""
    fates: Mapping[str, Fate]
    """By path, in order; what stays as it was is not among them."""
    conflicts: tuple[Conflict, ...] = ()
    renames: tuple[Rename, ...] = ()
