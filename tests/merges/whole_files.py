"""What happens to a file as a whole, on both sides: deleted, renamed, rewritten; with an edit in it or without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from platformctl.model import File
from tests.merges import pairs
from tests.merges.changes import done
from tests.merges.document import Document, FileKind
from tests.merges.draft import Draft
from tests.merges.edits import CHANGED, Ops
from tests.merges.pairs import Meeting
from tests.merges.scenario import Clash, Right, Scenario, Wanted


@dataclass(frozen=True)
class Act:
    """What one side does."""

    name: str
    deleted: bool = False
    place: str = ""
    """Where it puts the file: `name`, `folder`, or nothing for where it is; with `same`, where the other side does."""
    edits: bool = False
    rewrites: bool = False
    empties: bool = False
    mode: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing is done."""
        return self == Act(self.name)


_BOTH: Final = (
    Act("nothing"),
    Act("a line changed", edits=True),
    Act("the mode changed", mode=True),
    Act("deleted", deleted=True),
    Act("renamed", place="name"),
    Act("moved to another folder", place="folder"),
    Act("renamed, and a line changed", place="name", edits=True),
    Act("moved to another folder, and a line changed", place="folder", edits=True),
    Act("renamed, and the mode changed", place="name", mode=True),
    Act("rewritten", rewrites=True),
)
EDITS: Final = (*_BOTH, Act("emptied", empties=True))
CHANGES: Final = _BOTH
PLACED: Final = tuple(act for act in _BOTH if act.place)
"""Acts that both sides do, with the file in the same place in the end."""
EXCLUDING: Final = tuple(
    (edit, change) for edit in _BOTH for change in _BOTH if edit.edits and change.edits and (edit.place or change.place)
)
"""Acts that change the same line, one of which puts the file elsewhere."""


@dataclass(frozen=True)
class _Side:
    path: str | None
    """Where the file is; None where it is not."""
    file: File

    @property
    def tree(self) -> dict[str, File]:
        return {self.path: self.file} if self.path else {}


def scenario(kind: FileKind, edit: Act, change: Act, draft: Draft) -> Scenario:
    """What comes of one act by each side, in different places of the file."""
    made = pairs.paired(kind, CHANGED, CHANGED, Meeting.APART, draft)
    assert made, f"there is no room for two edits in {kind.name}"
    base, ours, theirs = made
    return _scenario(base, edit, change, (ours, theirs), _places(kind.path, edit, change), draft)


def in_one_place(kind: FileKind, act: Act, draft: Draft) -> Scenario:
    """Both sides do the same to the file as a whole, and different things in it."""
    made = pairs.paired(kind, CHANGED, CHANGED, Meeting.APART, draft)
    assert made, f"there is no room for two edits in {kind.name}"
    base, ours, theirs = made
    place = _place(kind.path, act.place, "")
    found = _scenario(base, act, act, (ours, theirs), (place, place), draft)
    return replace(found, name=f"{found.name}, to the same place")


def excluding(kind: FileKind, edit: Act, change: Act, draft: Draft) -> Scenario:
    """Both sides change the same line, and one of them renames the file."""
    made = pairs.paired(kind, CHANGED, CHANGED, Meeting.OTHERWISE, draft)
    assert made
    base, ours, theirs = made
    found = _scenario(base, edit, change, (ours, theirs), _places(kind.path, edit, change), draft)
    return replace(found, name=f"{found.name}, the same line", rights=(), clash=Clash.INEVITABLE)


def _places(path: str, edit: Act, change: Act) -> tuple[str, str]:
    return _place(path, edit.place, "ours"), _place(path, change.place, "theirs")


def _place(path: str, how: str, whose: str) -> str:
    old = PurePosixPath(path)
    if how == "name":
        return str(old.with_name(f"new{'-' if whose else ''}{whose}-{old.name.lstrip('.')}"))
    return str(old.parent / f"more{whose}" / old.name) if how == "folder" else path


def _scenario(
    base: Document, edit: Act, change: Act, ops: tuple[Ops, Ops], places: tuple[str, str], draft: Draft
) -> Scenario:
    ours = _Side(None if edit.deleted else places[0], _acted(base, edit, ops[0], draft))
    theirs = _Side(None if change.deleted else places[1], _acted(base, change, ops[1], draft))
    rights, clash = _outcome(base, (edit, change), (ours, theirs), ops)
    return Scenario(
        f"{base.kind.name}: {edit.name} × {change.name}",
        base.kind.name,
        edit.name,
        change.name,
        {base.kind.path: _file(base)},
        ours.tree,
        theirs.tree,
        rights,
        clash,
        spoils=base.kind.spoils,
    )


def _acted(base: Document, act: Act, ops: Ops, draft: Draft) -> File:
    if act.empties:
        return File(b"", base.executable)
    if act.rewrites:
        return _file(pairs.drafted(base.kind, draft))
    return _file(replace(done(base, ops if act.edits else ()), executable=base.executable ^ act.mode))


def _outcome(
    base: Document, acts: tuple[Act, Act], sides: tuple[_Side, _Side], ops: tuple[Ops, Ops]
) -> tuple[tuple[Right, ...], Clash]:
    (edit, change), (ours, theirs) = acts, sides
    gone = Right({})
    if edit.deleted:
        return (gone,), Clash.NEVER if change.nothing or change.deleted else Clash.ALLOWED
    assert ours.path
    if change.deleted:
        if edit.nothing:
            return (gone,), Clash.NEVER
        stays = Right({ours.path: _wanted(base, ours.file)}, frozenset({ours.path}))
        wrote_nothing = edit.empties or (edit.mode and not edit.place)
        return (stays, gone) if wrote_nothing else (stays,), Clash.ALLOWED
    assert theirs.path
    anew = [act.rewrites or act.empties for act in acts]
    if all(anew) or (any(anew) and (edit.edits or change.edits) and not edit.empties):
        return (), Clash.INEVITABLE
    old = base.kind.path
    if anew[0]:
        file = ours.file
    elif anew[1]:
        file = theirs.file
    else:
        made_by = (op for act, some in zip(acts, ops, strict=True) if act.edits for op in some)
        file = _file(done(base, dict.fromkeys(made_by)))
    file = replace(file, executable=base.executable ^ (edit.mode or change.mode))
    right = Right({ours.path if ours.path != old else theirs.path: _wanted(base, file)})
    moved_apart = ours.path != old and theirs.path != old and ours.path != theirs.path
    hard_to_know = any(anew) and (bool(edit.place or change.place) or (edit.empties and change.edits))
    return (right,), Clash.ALLOWED if moved_apart or hard_to_know else Clash.NEVER


def _wanted(base: Document, file: File) -> Wanted:
    return Wanted((file.content,), base.kind, file.executable)


def _file(document: Document) -> File:
    return File(document.content(), document.executable)
