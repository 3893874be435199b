"""Files that come to another version of their golden path: merged three ways, so that what the team did stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from platformctl import answers
from platformctl.backends.forge import Entry, blob_id
from platformctl.errors import BadConfig
from platformctl.folders import in_the_way
from platformctl.merge import Conflict, Dispute, Fate, Merged, Three, merge_trees
from platformctl.model import File, Tree
from platformctl.resources.file_migration import Migration
from platformctl.resources.file_set import FileSet, refuse_what_is_in_the_way

_FILES: Final = ("100644", "100755")
"""Git's modes of files; links and submodules are left alone."""
_CANDIDATES: Final = 50
"""Files that are read to find out whether one that is gone has another name now, at most."""


@dataclass(frozen=True)
class Upgraded:
    """What becomes of a service's files."""

    writes: Mapping[str, File | None]
    """What the next commit has to write, by path; a file of None is removed."""
    merged: Merged
    written: Sequence[str] = ()
    """The values that migrations wrote, each in a line."""

    def fate(self, path: str) -> str:
        """What becomes of a file, in a word or two."""
        if path in self.merged.fates:
            return self.merged.fates[path].value
        now = (one.after for one in self.merged.renames if one.before == path)
        return next((f"now {place}" for place in now), "migrated")


def upgraded(
    wanted: FileSet,
    entries: Mapping[str, Entry],
    read: Callable[[str], bytes],
    by_hand: Callable[[str], bool],
) -> Upgraded:
    """Merge a service's files: `entries` are those of its branch, and `read` gives one by its blob hash.

    `by_hand` says whether somebody else than platformctl has changed or removed a file last. A managed one that nobody
    has is no edit of the team's, whatever the platform has come to ask for since; one that somebody has stays as it is,
    and is for a person to decide, because `doctor --fix` would take it back.

    Raises `Moved` where something of the team's would have to make room, and `BadRecipe` when a script fails.
    """
    assert wanted.previous is not None and wanted.upgrade is not None
    moves = wanted.moves
    base, theirs = _kept_by_the_path(wanted, wanted.previous, moves), _kept_by_the_path(wanted, wanted.tree, {})
    ours = dict(_ours(wanted, entries, base, theirs, read))
    there = set(ours)
    disputed = [*_managed_by_hand(wanted, base, ours, theirs, by_hand)]
    others = [path for path, entry in entries.items() if entry.mode not in _FILES]
    migration = Migration(wanted, ours, disputed)
    migration.move(base, others)
    migration.rewrite()
    migration.run()
    labels = Three(str(wanted.upgrade["from"]), "the service", str(wanted.upgrade["to"]))
    merged = merge_trees(base, migration.files, theirs, moves, others=others, labels=labels)
    merged = _with_conflicts(_without_migrations(merged, base, entries, moves), disputed)
    merged = _with_record(merged, _record(merged.tree.get(answers.FILE), theirs[answers.FILE]))
    writes: dict[str, File | None] = {
        path: file for path, file in merged.tree.items() if entries.get(path) != Entry(file.mode, blob_id(file.content))
    }
    writes |= dict.fromkeys(there - merged.tree.keys())
    refuse_what_is_in_the_way(wanted, writes, entries, others)
    return Upgraded(writes, merged, tuple(migration.written))


def _managed_by_hand(
    wanted: FileSet,
    base: dict[str, File],
    ours: dict[str, File],
    theirs: dict[str, File],
    by_hand: Callable[[str], bool],
) -> Iterator[Conflict]:
    """Take the managed files out of the merge that the team has changed or removed; gives them.

    Those that are as platformctl left them count as the recorded version renders them.
    """
    for path in [path for path in base if ours.get(path) != base[path] and _is_managed(wanted, path)]:
        if by_hand(path):
            before, target = base.pop(path), wanted.moves.get(path, path)
            after = theirs.pop(target, None)
            if after is not None or path in ours:
                yield Conflict(path, before, ours.get(path), after, Three(path, path, target), Dispute.BY_HAND)
        elif path in ours:
            ours[path] = base[path]


def _is_managed(wanted: FileSet, path: str) -> bool:
    """Whether a file was managed and is so still, if it is there still. The record is a person's to write as well."""
    after = wanted.moves.get(path, path)
    managed = any(fnmatchcase(path, glob) for glob in wanted.managed_before)
    return managed and path != answers.FILE and (after not in wanted.tree or wanted.kind(after) == "managed")


def _with_conflicts(merged: Merged, disputed: Sequence[Conflict]) -> Merged:
    """The same, with what was no part of the merge."""
    fates = {**merged.fates, **{one.path: Fate.CONFLICT for one in disputed}}
    conflicts = sorted([*merged.conflicts, *disputed], key=lambda one: one.path)
    return replace(merged, fates=dict(sorted(fates.items())), conflicts=tuple(conflicts))


def _without_migrations(merged: Merged, base: Tree, entries: Mapping[str, Entry], moves: Mapping[str, str]) -> Merged:
    """The same, where what a migration alone has changed counts as the path's work, and not as the team's."""
    before = {after: path for path, after in moves.items()}

    def untouched(path: str) -> bool:
        file = base.get(before.get(path, path))
        return file is not None and entries.get(before.get(path, path)) == Entry(file.mode, blob_id(file.content))

    fates = {
        path: Fate.UPDATED if fate is Fate.MERGED and untouched(path) else fate for path, fate in merged.fates.items()
    }
    return replace(merged, fates=fates)


def _kept_by_the_path(wanted: FileSet, tree: Tree, moves: Mapping[str, str]) -> dict[str, File]:
    """What of a render is the path's to say: all that the team has not taken over, wherever it moves."""
    return {path: file for path, file in tree.items() if wanted.kind(moves.get(path, path)) != "overridden"}


def _ours(
    wanted: FileSet,
    entries: Mapping[str, Entry],
    base: Tree,
    theirs: Tree,
    read: Callable[[str], bytes],
) -> Iterator[tuple[str, File]]:
    """The service's files, as far as the merge has to know them."""
    assert wanted.upgrade is not None
    moves = wanted.moves
    concerned = {*base, *theirs, *moves, *moves.values(), *in_the_way({*theirs, *moves.values()}, entries)}
    concerned |= {one["file"] for one in wanted.upgrade.get("rewrites", ())}
    concerned |= entries.keys() if wanted.upgrade.get("scripts") else set()
    known = {blob_id(file.content): file.content for tree in (base, theirs) for file in tree.values()}
    candidates = set(_candidates(entries, base, concerned, known))
    for path, entry in entries.items():
        if entry.mode not in _FILES or path not in concerned | candidates:
            continue
        content = known.get(entry.blob)
        yield path, File(read(entry.blob) if content is None else content, entry.mode == "100755")


def _candidates(
    entries: Mapping[str, Entry], base: Tree, concerned: set[str], known: Mapping[str, bytes]
) -> Iterator[str]:
    """Files that may be one of the path's under another name, the same contents first."""
    lost = base.keys() - entries.keys()
    kinds = {PurePosixPath(path).suffix for path in lost}
    others = [path for path in entries if path not in concerned]
    same = [path for path in others if entries[path].blob in known]
    like = [path for path in others if path not in same and PurePosixPath(path).suffix in kinds]
    if lost:
        yield from [*same, *like[:_CANDIDATES]]


def _with_record(merged: Merged, record: File) -> Merged:
    """The same with this record, about which there is nothing to choose: the plan has shown what it is to say."""
    fates = {path: Fate.UPDATED if path == answers.FILE else fate for path, fate in merged.fates.items()}
    conflicts = tuple(one for one in merged.conflicts if one.path != answers.FILE)
    return replace(merged, tree={**merged.tree, answers.FILE: record}, fates=fates, conflicts=conflicts)


def _record(merged: File | None, asked: File) -> File:
    """The record as merged, with the team's comments, where it says what is asked for; else as it is asked for."""
    try:
        wanted = answers.read(asked.content, answers.FILE)
        if merged is not None and answers.read(merged.content, answers.FILE).says(wanted, wanted):
            return merged
    except BadConfig:
        pass
    return asked
