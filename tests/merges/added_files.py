"""Files that the golden path adds, and what the team has there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from platformctl.model import File, Tree
from tests.merges import pairs
from tests.merges.changes import done
from tests.merges.document import Document, FileKind
from tests.merges.draft import Draft, numbers
from tests.merges.edits import ADDED, CHANGED
from tests.merges.scenario import Clash, Right, Wanted


@dataclass(frozen=True)
class Case:
    """Three trees and what has to come of them."""

    base: Tree
    ours: Tree
    theirs: Tree
    rights: tuple[Right, ...]
    clash: Clash = Clash.NEVER


@dataclass(frozen=True)
class Situation:
    """One situation. `make` makes a case of it, in a kind of file."""

    edit: str
    change: str
    make: Callable[[FileKind, Draft], Case]
    alone: bool = False
    """Whether other files of a project may help a tool with it."""


def ending(kind: FileKind) -> str:
    """What the names of such files end with."""
    return PurePosixPath(kind.path).suffix


def file(document: Document) -> File:
    """A document as a file."""
    return File(document.content(), document.executable)


def right(files: Mapping[str, Document | File], kind: FileKind, said: tuple[str, ...] = ()) -> Right:
    """Exactly these files."""
    return Right({path: wanted(one, kind) for path, one in files.items()}, frozenset(said))


def wanted(one: Document | File, kind: FileKind) -> Wanted:
    """This content, or one that says the same."""
    found = file(one) if isinstance(one, Document) else one
    return Wanted((found.content,), kind, found.executable)


def other(kind: FileKind, draft: Draft) -> Document:
    """A file that has nothing in common with another one of its kind but what all of them have."""
    return pairs.drafted(kind, draft)


def _nothing_there(kind: FileKind, draft: Draft) -> Case:
    new = other(kind, draft)
    return Case({}, {}, {kind.path: file(new)}, (right({kind.path: new}, kind),))


def _another_one_added(kind: FileKind, draft: Draft) -> Case:
    ours, theirs = other(kind, draft), other(kind, draft)
    both = {kind.path: ours, f"other/{kind.path}": theirs}
    return Case({}, {kind.path: file(ours)}, {f"other/{kind.path}": file(theirs)}, (right(both, kind),))


def _the_same(kind: FileKind, draft: Draft) -> Case:
    new = other(kind, draft)
    tree = {kind.path: file(new)}
    return Case({}, tree, tree, (right({kind.path: new}, kind),))


def _the_same_with_another_mode(kind: FileKind, draft: Draft) -> Case:
    new = other(kind, draft)
    for_theirs = replace(new, executable=not new.executable)
    rights = (right({kind.path: new}, kind), right({kind.path: for_theirs}, kind))
    return Case({}, {kind.path: file(new)}, {kind.path: file(for_theirs)}, rights, Clash.ALLOWED)


def _more_than_that(kind: FileKind, draft: Draft) -> Case:
    """The team's has all that is in the golden path's, and more."""
    theirs = other(kind, draft)
    ours = done(theirs, draft.chance.choice([*ADDED.ways(theirs, draft)]))
    return Case(
        {}, {kind.path: file(ours)}, {kind.path: file(theirs)}, (right({kind.path: ours}, kind),), Clash.ALLOWED
    )


def _less_than_that(kind: FileKind, draft: Draft) -> Case:
    ours = other(kind, draft)
    theirs = done(ours, draft.chance.choice([*ADDED.ways(ours, draft)]))
    return Case(
        {}, {kind.path: file(ours)}, {kind.path: file(theirs)}, (right({kind.path: theirs}, kind),), Clash.ALLOWED
    )


def _otherwise(kind: FileKind, draft: Draft) -> Case:
    """Both have it, and one line differs."""
    theirs = other(kind, draft)
    ours = done(theirs, draft.chance.choice([*CHANGED.ways(theirs, draft)]))
    return Case({}, {kind.path: file(ours)}, {kind.path: file(theirs)}, (), Clash.INEVITABLE)


def _something_else(kind: FileKind, draft: Draft) -> Case:
    """Nothing in common."""
    ours, theirs = other(kind, draft), other(kind, draft)
    return Case({}, {kind.path: file(ours)}, {kind.path: file(theirs)}, *_both(kind, ours, theirs))


def _both(kind: FileKind, ours: Document, theirs: Document) -> tuple[tuple[Right, ...], Clash]:
    """Two files at one path: of files with entries all of these, if nobody is asked; of others a person says which."""
    if not kind.entries:
        return (), Clash.INEVITABLE
    sections = tuple((*mine, *others) for mine, others in zip(ours.sections, theirs.sections, strict=True))
    contents = [replace(ours, sections=sections).content(), *_appended(ours.content(), theirs.content())]
    texts = tuple(content for content in contents if not kind.problem(content))
    free = frozenset(numbers(theirs.content()))
    return (Right({kind.path: Wanted(texts, kind, ours.executable, added=free)}),), Clash.ALLOWED


def _appended(first: bytes, then: bytes) -> Iterator[bytes]:
    """One text behind the other: all of it, without any line that the first has, without its entries and comments."""
    there = {*first.splitlines(keepends=True)}
    yield first + then
    yield first + b"".join(line for line in then.splitlines(keepends=True) if line not in there)
    kept: list[bytes] = []
    for line in then.splitlines(keepends=True):
        if line.startswith((b"#", b"//")) or line not in there or not line.strip():
            kept.append(line)
        else:
            while kept and kept[-1].startswith((b"#", b"//")):
                kept.pop()
    yield first + b"".join(kept)


def _binary(kind: FileKind, draft: Draft) -> Case:
    return Case({}, {"logo.png": File(draft.binary())}, {"logo.png": File(draft.binary())}, (), Clash.INEVITABLE)


def _folder_in_the_way(kind: FileKind, draft: Draft) -> Case:
    end = ending(kind)
    ours, theirs = other(kind, draft), other(kind, draft)
    return Case({}, {f"{kind.path}/inner{end}": file(ours)}, {kind.path: file(theirs)}, (), Clash.INEVITABLE)


def _file_in_the_way(kind: FileKind, draft: Draft) -> Case:
    ours, theirs = other(kind, draft), other(kind, draft)
    return Case({}, {"tools": file(ours)}, {f"tools/{kind.path}": file(theirs)}, (), Clash.INEVITABLE)


def _renamed_onto_it(kind: FileKind, draft: Draft) -> Case:
    """The team has renamed a file to where the golden path has a new one."""
    end = ending(kind)
    old, new = other(kind, draft), other(kind, draft)
    base = {f"one{end}": file(old)}
    return Case(base, {kind.path: file(old)}, {**base, kind.path: file(new)}, *_both(kind, old, new))


def _own_at_the_new_name(kind: FileKind, draft: Draft) -> Case:
    """The golden path renames a file to where the team has one of its own."""
    end = ending(kind)
    old, own = other(kind, draft), other(kind, draft)
    base = {f"one{end}": file(old)}
    return Case(base, {**base, kind.path: file(own)}, {kind.path: file(old)}, *_both(kind, own, old))


def _deleted_since(kind: FileKind, draft: Draft) -> Case:
    """What the golden path adds is like what the team has deleted, and is another file."""
    first, second = other(kind, draft), other(kind, draft)
    base = {kind.path: file(first), f"b/{kind.path}": file(second)}
    (way, *_) = CHANGED.ways(first, draft)
    copied = file(done(first, way))
    theirs = {**base, f"c/{kind.path}": copied}
    kept = {f"b/{kind.path}": file(second), f"c/{kind.path}": copied}
    return Case(base, {f"b/{kind.path}": file(second)}, theirs, (right(kept, kind),), Clash.ALLOWED)


SITUATIONS: Final = (
    Situation("nothing", "a file added", _nothing_there),
    Situation("a file added", "another file added", _another_one_added),
    Situation("the same file added", "a file added", _the_same),
    Situation("the same file added, with another mode", "a file added", _the_same_with_another_mode),
    Situation("the same file added, with more in it", "a file added", _more_than_that),
    Situation("the same file added, with less in it", "a file added", _less_than_that),
    Situation("the same file added, otherwise", "a file added", _otherwise),
    Situation("something else added there", "a file added", _something_else),
    Situation("another binary file added there", "a binary file added", _binary),
    Situation("a folder added there", "a file added", _folder_in_the_way, alone=True),
    Situation("a file added in its way", "a file in a folder added", _file_in_the_way, alone=True),
    Situation("a file renamed to there", "a file added", _renamed_onto_it),
    Situation("a file added", "a file renamed to there", _own_at_the_new_name),
    Situation("deleted", "a copy of it added", _deleted_since),
)
