"""The files of two versions compared, case by case of a grid, and what is said of all cases together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff

from platformctl.comparison.rules import Changed, Rule
from platformctl.merge.git import Git
from platformctl.merge.renames import follow
from platformctl.merge.three import Three
from platformctl.model import File, Tree


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

    @property
    def tree(self) -> Tree:
        """The files without how they are kept."""
        return {path: kept.file for path, kept in self.files.items()}


Renames = Mapping[str, Mapping[str, str]]
"""By case: the files that have another path, old ones to new ones."""


@dataclass(frozen=True)
class _Fact:
    """What has happened to a file in one case."""

    rule: Rule
    path: str
    how: str


def renames(before: Mapping[str, Trial], after: Mapping[str, Trial], moves: Mapping[str, str]) -> Renames:
    """The renames that an upgrade follows: `moves`, which the migrations declare, and those that it finds by itself."""
    with Git() as git:
        return {
            case: follow(Three(old.tree, old.tree, after[case].tree), moves, git).theirs for case, old in before.items()
        }


def unfollowed(before: Mapping[str, Trial], after: Mapping[str, Trial], renamed: Renames) -> Iterator[tuple[str, str]]:
    """Files that are gone, each with one that is new and much the same, which an upgrade takes for another file."""
    found: set[tuple[str, str]] = set()
    with Git() as git:
        for case, trial in before.items():
            old, new, moved = trial.tree, after[case].tree, renamed[case]
            gone = _contents(old, old.keys() - new.keys() - moved.keys())
            come = _contents(new, new.keys() - old.keys() - {*moved.values()})
            found.update(git.renames(gone, come).items() if gone and come else ())
    yield from sorted(found)


def _contents(tree: Tree, paths: Iterable[str]) -> Mapping[str, bytes]:
    """What is in these files, without those that are empty."""
    return {path: tree[path].content for path in paths if tree[path].content.strip()}


def files(before: Mapping[str, Trial], after: Mapping[str, Trial], renamed: Renames) -> Iterator[Changed]:
    """What has changed in the files, for trials of the same cases by their names."""
    cases: defaultdict[_Fact, int] = defaultdict(int)
    sizes: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for case, old in before.items():
        for fact in _facts(old.files, after[case].files, renamed[case]):
            cases[fact] += 1
        for path, kind, size in _changed(old.files, after[case].files, renamed[case]):
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


def _places(before: Mapping[str, Kept], after: Mapping[str, Kept], moved: Mapping[str, str]) -> Mapping[str, str]:
    """Where each file is afterwards that is still there."""
    taken = {*moved.values()}
    return {path: path for path in before if path in after and path not in taken} | dict(moved)


def _facts(before: Mapping[str, Kept], after: Mapping[str, Kept], moved: Mapping[str, str]) -> Iterator[_Fact]:
    places = _places(before, after, moved)
    for path, kept in sorted(before.items()):
        if path in moved or path not in places:
            seeded, how = kept.kind == "seeded", f"{kept.kind}, now {moved[path]}" if path in moved else kept.kind
            removed = Rule.FILE_RENAMED if path in moved else Rule.FILE_REMOVED
            yield _Fact(Rule.SEEDED_FILE_REMOVED if seeded else removed, path, how)
    for path in sorted(after.keys() - {*places.values()}):
        yield _Fact(Rule.FILE_ADDED, path, after[path].kind)
    for old, path in sorted(places.items()):
        was, now = before[old].kind, after[path].kind
        if was != now:
            rule = Rule.FILE_TAKEN_OVER if now == "managed" else Rule.FILE_KEPT_OTHERWISE
            yield _Fact(rule, path, f"{was} → {now}")


def _changed(
    before: Mapping[str, Kept], after: Mapping[str, Kept], moved: Mapping[str, str]
) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Files of one path whose contents differ: how they are kept now, and how many lines came and went."""
    for old, path in _places(before, after, moved).items():
        if old == path and after[path].file != before[path].file:
            yield path, after[path].kind, _size(before[path].file, after[path].file)


def _size(before: File, after: File) -> tuple[int, int]:
    old, new = (file.content.decode(errors="replace").splitlines() for file in (before, after))
    lines = [line[:1] for line in unified_diff(old, new, n=0, lineterm="")][2:]
    return lines.count("+"), lines.count("-")
