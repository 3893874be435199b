"""Several files at once: folders that are renamed, files that are alike, copies."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from platformctl.model import File
from tests.merges import pairs
from tests.merges.added_files import Case, Situation, ending, file, other, right
from tests.merges.changes import done, names
from tests.merges.document import Document, FileKind
from tests.merges.draft import Draft
from tests.merges.edits import CHANGED
from tests.merges.pairs import Meeting
from tests.merges.scenario import Clash

_EMPTY: Final = File(b"")


def _three(kind: FileKind, draft: Draft) -> dict[str, Document]:
    return {f"{name}{ending(kind)}": other(kind, draft) for name in "abc"}


def _files(documents: dict[str, Document], folder: str) -> dict[str, File]:
    return {f"{folder}/{name}": file(document) for name, document in documents.items()}


def _edited(document: Document, draft: Draft) -> Document:
    return done(document, draft.chance.choice([*CHANGED.ways(document, draft)]))


def _team_moves_folder_path_adds(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    three, new = _three(kind, draft), other(kind, draft)
    base, ours = _files(three, "lib"), _files(three, "src")
    rights = tuple(right({**ours, f"{folder}/d{end}": file(new)}, kind) for folder in ("src", "lib"))
    return Case(base, ours, {**base, f"lib/d{end}": file(new)}, rights, Clash.ALLOWED)


def _team_moves_folder_path_edits(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    three = _three(kind, draft)
    new = {**three, f"b{end}": _edited(three[f"b{end}"], draft)}
    return Case(_files(three, "lib"), _files(three, "src"), _files(new, "lib"), (right(_files(new, "src"), kind),))


def _path_moves_folder_team_adds(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    three, own = _three(kind, draft), other(kind, draft)
    base, theirs = _files(three, "lib"), _files(three, "src")
    rights = tuple(right({**theirs, f"{folder}/own{end}": file(own)}, kind) for folder in ("lib", "src"))
    return Case(base, {**base, f"lib/own{end}": file(own)}, theirs, rights, Clash.ALLOWED)


def _path_moves_folder_team_edits(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    three = _three(kind, draft)
    mine = {**three, f"b{end}": _edited(three[f"b{end}"], draft)}
    return Case(_files(three, "lib"), _files(mine, "lib"), _files(three, "src"), (right(_files(mine, "src"), kind),))


def _path_moves_folder_team_deletes_one(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    three = _three(kind, draft)
    mine = {name: one for name, one in three.items() if name != f"b{end}"}
    answers = (right(_files(mine, "src"), kind),)
    return Case(_files(three, "lib"), _files(mine, "lib"), _files(three, "src"), answers, Clash.ALLOWED)


def _team_deletes_folder_path_edits(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    three, about = _three(kind, draft), other(kind, draft)
    new = {**three, f"b{end}": _edited(three[f"b{end}"], draft)}
    kept = {f"about{end}": file(about)}
    return Case(
        {**_files(three, "lib"), **kept}, kept, {**_files(new, "lib"), **kept}, (right({**kept}, kind),), Clash.ALLOWED
    )


def _path_deletes_folder_team_edits(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    three, about = _three(kind, draft), other(kind, draft)
    mine = {**three, f"b{end}": _edited(three[f"b{end}"], draft)}
    kept = {f"about{end}": file(about)}
    stays = {**kept, f"lib/b{end}": file(mine[f"b{end}"])}
    answers = (right({**stays}, kind, (f"lib/b{end}",)),)
    return Case({**_files(three, "lib"), **kept}, {**_files(mine, "lib"), **kept}, kept, answers, Clash.ALLOWED)


def _empty_ones(kind: FileKind, draft: Draft) -> Case:
    """One of two empty files is deleted, and another one comes: none of them is a renamed one."""
    end = ending(kind)
    about = file(other(kind, draft))
    base = {"a/__init__.py": _EMPTY, "b/__init__.py": _EMPTY, f"about{end}": about}
    ours = {"b/__init__.py": _EMPTY, f"about{end}": about}
    theirs = {**base, "c/__init__.py": _EMPTY}
    return Case(base, ours, theirs, (right({**ours, "c/__init__.py": _EMPTY}, kind),))


def _empty_ones_renamed(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    about = file(other(kind, draft))
    base = {"a/__init__.py": _EMPTY, "b/__init__.py": _EMPTY, f"about{end}": about}
    theirs = {"c/__init__.py": _EMPTY, "b/__init__.py": _EMPTY, f"about{end}": about}
    filled = File(f"# {draft.number()}\n".encode())
    ours = {**base, "a/__init__.py": filled}
    # What has nothing in it cannot be known again: the team's line may stay where it is, if that is said.
    stays = right({**theirs, "a/__init__.py": filled}, kind, ("a/__init__.py",))
    follows = right({**theirs, "c/__init__.py": filled}, kind)
    return Case(base, ours, theirs, (stays, follows), Clash.ALLOWED)


def _copied(kind: FileKind, draft: Draft) -> Case:
    """The golden path has a copy of the file now; the team's edit belongs to the file."""
    end = ending(kind)
    one = other(kind, draft)
    mine = _edited(one, draft)
    base = {f"one{end}": file(one)}
    answer = right({f"one{end}": file(mine), f"copy{end}": file(one)}, kind)
    return Case(base, {f"one{end}": file(mine)}, {**base, f"copy{end}": file(one)}, (answer,))


def _renamed_and_another_in_its_place(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    one, another = other(kind, draft), other(kind, draft)
    mine = _edited(one, draft)
    answer = right({f"new{end}": file(mine), f"one{end}": file(another)}, kind)
    return Case(
        {f"one{end}": file(one)},
        {f"one{end}": file(mine)},
        {f"new{end}": file(one), f"one{end}": file(another)},
        (answer,),
        Clash.ALLOWED,
    )


def _team_splits(kind: FileKind, draft: Draft) -> Case:
    """The team has moved half of a file to another one, and the golden path changes a line in what stayed."""
    end = ending(kind)
    made = pairs.paired(kind, CHANGED, CHANGED, Meeting.APART, draft)
    assert made
    base, _, theirs = made
    stays = next(at for at, parts in enumerate(base.sections) if any(part.name in names(theirs) for part in parts))
    left = replace(base, sections=tuple(parts if at == stays else parts[:1] for at, parts in enumerate(base.sections)))
    moved = replace(base, sections=tuple(parts if at != stays else parts[:1] for at, parts in enumerate(base.sections)))
    answer = right({f"one{end}": file(done(left, theirs)), f"half{end}": file(moved)}, kind)
    return Case(
        {f"one{end}": file(base)},
        {f"one{end}": file(left), f"half{end}": file(moved)},
        {f"one{end}": file(done(base, theirs))},
        (answer,),
        Clash.ALLOWED,
    )


SITUATIONS: Final = (
    Situation("a folder renamed", "a file added in it", _team_moves_folder_path_adds),
    Situation("a folder renamed", "a line changed in it", _team_moves_folder_path_edits),
    Situation("a file added in a folder", "the folder renamed", _path_moves_folder_team_adds),
    Situation("a line changed in a folder", "the folder renamed", _path_moves_folder_team_edits),
    Situation("a file deleted in a folder", "the folder renamed", _path_moves_folder_team_deletes_one),
    Situation("a folder deleted", "a line changed in it", _team_deletes_folder_path_edits),
    Situation("a line changed in a folder", "the folder deleted", _path_deletes_folder_team_edits),
    Situation("one of two empty files deleted", "an empty file added", _empty_ones),
    Situation("a line in an empty file", "that empty file renamed", _empty_ones_renamed),
    Situation("a line changed", "the file copied", _copied),
    Situation("a line changed", "renamed, and another file in its place", _renamed_and_another_in_its_place),
    Situation("half of a file moved to another one", "a line changed in the rest", _team_splits),
)
