"""Which file became which: as the golden path declares it, or as git finds it by similarity."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from platformctl.folders import folders_of
from platformctl.merge.git import Git
from platformctl.merge.three import Three
from platformctl.model import Tree

_LINES: Final = 3
_BYTES: Final = 64
"""A file with less than this, white space not counted, is like many others, and never taken for a rename."""
_SHARED: Final = 0.2
"""The part of a file's lines that a file must have which it became: less than that git calls another file anyway."""
_VOTES: Final = 2
"""Files that a team has to have moved from one folder to another before new files go there too."""


@dataclass(frozen=True)
class Renames:
    """Paths of files that were renamed, by the path at the recorded version."""

    ours: Mapping[str, str]
    theirs: Mapping[str, str]


def follow(trees: Three[Tree], moves: Mapping[str, str], git: Git) -> Renames:
    """The renames on both sides. One to a place where the other side has something of its own is none.

    The team's are looked for where that makes a difference: the new version has something else for the file, or new
    files in its folder.
    """
    base, ours, theirs = trees
    declared = {old: new for old, new in moves.items() if old in base and new in theirs and old != new}
    same = {old: new for old, new in declared.items() if old not in ours and new in ours and new not in base}
    of_theirs = _renames(base, theirs, declared, git)
    grown = {folder for path in theirs if path not in base for folder in folders_of(path)}
    concerned = {
        path: file
        for path, file in base.items()
        if path not in ours and (theirs.get(path) != file or path in declared or not grown.isdisjoint(folders_of(path)))
    }
    of_ours = _renames(concerned, {path: file for path, file in ours.items() if path not in base}, same, git)
    return Renames(
        {old: new for old, new in of_ours.items() if new not in theirs or of_theirs.get(old) == new},
        {
            old: new
            for old, new in of_theirs.items()
            if new not in ours or of_ours.get(old) == new or new in of_theirs or ours[new] == base.get(new)
        },
    )


def moved_folders(renames: Mapping[str, str], ours: Tree) -> dict[str, str]:
    """Folders that the team has moved as a whole, each with where it is now."""
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for old, new in renames.items():
        before, after = old.split("/"), new.split("/")
        while before and after and before[-1] == after[-1]:
            before.pop()
            after.pop()
            if before and after and before != after:
                votes["/".join(before)]["/".join(after)] += 1
    return {
        folder: next(iter(found))
        for folder, found in votes.items()
        if len(found) == 1 and found.total() >= _VOTES and not any(path.startswith(f"{folder}/") for path in ours)
    }


def _renames(base: Tree, side: Tree, known: Mapping[str, str], git: Git) -> dict[str, str]:
    """Renames from the base to one side: the known ones, then equal content, then similar content."""
    gone = {path for path in base if path not in side and path not in known and _tells(base[path].content)}
    targets = {*known.values()}
    if not gone:
        return dict(known)
    new = {path for path in side if path not in base and path not in targets and _tells(side[path].content)}
    exact = _exact(base, gone, side, new)
    before = {path: base[path].content for path in gone if path not in exact}
    found = {*exact.values()}
    after = _resembling({path: side[path].content for path in new if path not in found}, before)
    return {**(git.renames(before, after) if after else {}), **exact, **known}


def _resembling(new: Mapping[str, bytes], gone: Mapping[str, bytes]) -> dict[str, bytes]:
    """Of the new files those with a size and lines that allow one that is gone to be half of it: git reads the rest."""
    lines = {path: {*content.split(b"\n")} for path, content in gone.items()}
    found = {}
    for path, content in new.items():
        near = [
            old for old, was in gone.items() if len(was) <= 2 * len(content) + 1 and len(content) <= 2 * len(was) + 1
        ]
        if near:
            there = {*content.split(b"\n")}
            if any(len(there & lines[old]) >= _SHARED * len(lines[old]) for old in near):
                found[path] = content
    return found


def _exact(base: Tree, gone: Collection[str], side: Tree, new: Collection[str]) -> dict[str, str]:
    """Renames of files whose content is the same: to the same name, or where there is one such file on each side."""
    groups: defaultdict[bytes, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for path in sorted(gone):
        groups[base[path].content][0].append(path)
    for path in sorted(new):
        if side[path].content in groups:
            groups[side[path].content][1].append(path)
    found = {}
    for before, after in groups.values():
        names = Counter(path.rpartition("/")[2] for path in (*before, *after))
        for path in before:
            name = path.rpartition("/")[2]
            same = [other for other in after if other.rpartition("/")[2] == name]
            if len(same) == 1 and names[name] == 2:
                found[path] = same[0]
        if len(before) == len(after) == 1:
            found[before[0]] = after[0]
    return found


def _tells(content: bytes) -> bool:
    """Whether a file is large enough to be known again."""
    return len(b"".join(content.split())) >= _BYTES and (b"\0" in content or len(content.split(b"\n")) > _LINES)
