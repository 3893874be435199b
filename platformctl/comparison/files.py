"""The files of two versions compared, case by case of a grid, and what is said of all cases together."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any, Final

from platformctl.comparison.rules import Changed, Rule
from platformctl.model import File, Tree

_ALIKE: Final = 50
"""Percent of a file that have to be the same for it to be called renamed: what git takes when nobody says."""


@dataclass(frozen=True)
class Kept:
    """A rendered file, and how it is kept: `managed`, `merged` or `seeded`."""

    file: File
    kind: str
    step: str = ""
    """The step that keeps it."""


@dataclass(frozen=True)
class Trial:
    """What a version renders and does in one case."""

    files: Mapping[str, Kept]
    """By path."""
    loose: Mapping[str, Tree] = field(default_factory=dict)
    """What steps render that no repository keeps, by step."""
    left_out: frozenset[str] = frozenset()
    """The steps that are left out."""


@dataclass(frozen=True)
class _Fact:
    """What has happened to a file in one case."""

    rule: Rule
    path: str
    how: str


def files(before: Mapping[str, Trial], after: Mapping[str, Trial]) -> Iterator[Changed]:
    """What has changed in the files, for trials of the same cases by their names."""
    cases: defaultdict[_Fact, int] = defaultdict(int)
    sizes: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for case, old in before.items():
        for fact in _facts(old.files, after[case].files):
            cases[fact] += 1
        for path, kind, size in _changed(old.files, after[case].files):
            sizes[path, kind].append(size)
    for fact, number in cases.items():
        yield Changed(fact.rule, f"file:{fact.path}", f"{fact.how}{_in_cases(number, len(before))}")
    for (path, kind), found in sorted(sizes.items()):
        rule = Rule.SEEDED_FILE_CHANGED if kind == "seeded" else Rule.FILE_CHANGED
        how = f"{kind}, +{max(plus for plus, _ in found)} -{max(minus for _, minus in found)} lines"
        yield Changed(rule, f"file:{path}", f"{how}{_in_cases(len(found), len(before))}")


def loose(before: Mapping[str, Trial], after: Mapping[str, Trial]) -> Iterator[Changed]:
    """Steps that render something else for other steps, where both versions render something."""
    different: defaultdict[str, int] = defaultdict(int)
    for case, old in before.items():
        for step, tree in old.loose.items():
            different[step] += step in after[case].loose and dict(after[case].loose[step]) != dict(tree)
    for step, number in different.items():
        if number:
            yield Changed(Rule.STEP_RENDERS, f"step:{step}", _in_cases(number, len(before)).strip())


def _in_cases(number: int, of: int) -> str:
    return "" if number == of else f" in {number} of {of} cases"


def _facts(before: Mapping[str, Kept], after: Mapping[str, Kept]) -> Iterator[_Fact]:
    gone = {path: kept for path, kept in before.items() if path not in after}
    new = {path: kept for path, kept in after.items() if path not in before}
    moved = renames({path: kept.file for path, kept in gone.items()}, {path: kept.file for path, kept in new.items()})
    for path, kept in sorted(gone.items()):
        seeded, how = kept.kind == "seeded", f"{kept.kind}, now {moved[path]}" if path in moved else kept.kind
        removed = Rule.FILE_RENAMED if path in moved else Rule.FILE_REMOVED
        yield _Fact(Rule.SEEDED_FILE_REMOVED if seeded else removed, path, how)
    for path, kept in sorted(new.items()):
        if path not in moved.values():
            yield _Fact(Rule.FILE_ADDED, path, kept.kind)
    there = [*((path, path) for path in before if path in after), *moved.items()]
    for old, path in sorted(there):
        was, now = before[old].kind, after[path].kind
        if was != now:
            rule = Rule.FILE_TAKEN_OVER if now == "managed" else Rule.FILE_KEPT_OTHERWISE
            yield _Fact(rule, path, f"{was} → {now}")


def _changed(before: Mapping[str, Kept], after: Mapping[str, Kept]) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Files of one path whose contents differ: how they are kept now, and how many lines came and went."""
    for path, kept in before.items():
        if path in after and after[path].file != kept.file:
            yield path, after[path].kind, _size(kept.file, after[path].file)


def _size(before: File, after: File) -> tuple[int, int]:
    old, new = (file.content.decode(errors="replace").splitlines() for file in (before, after))
    lines = [line[:1] for line in unified_diff(old, new, n=0, lineterm="")][2:]
    return lines.count("+"), lines.count("-")


def renames(gone: Tree, new: Tree) -> Mapping[str, str]:
    """Which files that are gone are which new ones, as git tells it: old paths to new ones."""
    if not gone or not new:
        return {}
    import pygit2

    with tempfile.TemporaryDirectory(prefix="platformctl-") as folder:
        repository = pygit2.init_repository(folder, bare=True)
        old, now = (_tree(repository, tree) for tree in (gone, new))
        diff = old.diff_to_tree(now)
        diff.find_similar(rename_threshold=_ALIKE)
        renamed = [one for one in diff.deltas if one.status == pygit2.enums.DeltaStatus.RENAMED]
        return {one.old_file.path: one.new_file.path for one in renamed}


def _tree(repository: Any, tree: Tree) -> Any:
    import pygit2

    index = pygit2.Index()
    for path, file in tree.items():
        mode = pygit2.enums.FileMode.BLOB_EXECUTABLE if file.executable else pygit2.enums.FileMode.BLOB
        index.add(pygit2.IndexEntry(path, repository.create_blob(file.content), mode))
    return repository[index.write_tree(repository)]
