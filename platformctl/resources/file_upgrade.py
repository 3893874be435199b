"""Files that come to another version of their golden path: merged three ways, so that what the team did stays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

from platformctl import answers
from platformctl.backends.forge import Entry, blob_id
from platformctl.errors import BadConfig
from platformctl.folders import in_the_way
from platformctl.merge import Conflict, Dispute, Fate, Merged, Three, merge_trees
from platformctl.migration_script import run
from platformctl.model import File, Tree
from platformctl.resources.file_set import FileSet
from platformctl.rewriting import ANYTHING, rewritten

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
    """
    assert wanted.previous is not None and wanted.upgrade is not None
    moves: Mapping[str, str] = wanted.upgrade.get("moves", {})
    base, theirs = _kept_by_the_path(wanted, wanted.previous, moves), _kept_by_the_path(wanted, wanted.tree, {})
    ours = dict(_ours(wanted, entries, base, theirs, read))
    there = set(ours)
    disputed = [*_managed_by_hand(wanted, base, ours, theirs, moves, by_hand)]
    others = [path for path, entry in entries.items() if entry.mode not in _FILES]
    disputed += _moved(ours, moves, base, others)
    ours = _migrated(ours, wanted, moves)
    labels = Three(str(wanted.upgrade["from"]), "the service", str(wanted.upgrade["to"]))
    merged = merge_trees(base, ours, theirs, moves, others=others, labels=labels)
    merged = _with_conflicts(_without_migrations(merged, base, entries, moves), disputed)
    tree = {**merged.tree, answers.FILE: _record(merged.tree.get(answers.FILE), theirs[answers.FILE])}
    writes: dict[str, File | None] = {
        path: file for path, file in tree.items() if entries.get(path) != Entry(file.mode, blob_id(file.content))
    }
    return Upgraded(writes | dict.fromkeys(there - tree.keys()), merged)


def _moved(ours: dict[str, File], moves: Mapping[str, str], base: Tree, others: Collection[str]) -> Iterator[Conflict]:
    """Move the team's own files as the migrations say; those of the path's do so in the merge. Gives what cannot."""
    for before, after in moves.items():
        if before not in ours or before in base or before == after:
            continue
        file = ours.pop(before)
        if ours.get(after, file) == file and not in_the_way([after], [*ours, *others]) and after not in others:
            ours[after] = file
        else:
            ours[before] = file
            yield Conflict(before, None, file, None, Three(before, before, after), Dispute.IN_THE_WAY)


def _migrated(ours: dict[str, File], wanted: FileSet, moves: Mapping[str, str]) -> dict[str, File]:
    """The service's files as rewrites and scripts leave them; what the team has taken over stays as it is."""
    assert wanted.upgrade is not None
    taken_over = {path: file for path, file in ours.items() if wanted.kind(moves.get(path, path)) == "overridden"}
    for one in wanted.upgrade.get("rewrites", ()):
        path = one["file"]
        if (file := ours.get(path)) and path not in taken_over:
            content = rewritten(path, file.content, one["at"], one["value"], one.get("from", ANYTHING))
            ours[path] = replace(file, content=content)
    for script in wanted.upgrade.get("scripts", ()):
        ours = run(Path(script), ours)
    return ours | taken_over


def _managed_by_hand(
    wanted: FileSet,
    base: dict[str, File],
    ours: dict[str, File],
    theirs: dict[str, File],
    moves: Mapping[str, str],
    by_hand: Callable[[str], bool],
) -> Iterator[Conflict]:
    """Take the managed files out of the merge that the team has changed or removed; gives them.

    Those that are as platformctl left them count as the recorded version renders them.
    """
    for path in [path for path in base if ours.get(path) != base[path] and _is_managed(wanted, path, moves)]:
        if by_hand(path):
            before, target = base.pop(path), moves.get(path, path)
            after = theirs.pop(target, None)
            if after is not None or path in ours:
                yield Conflict(path, before, ours.get(path), after, Three(path, path, target), Dispute.BY_HAND)
        elif path in ours:
            ours[path] = base[path]


def _is_managed(wanted: FileSet, path: str, moves: Mapping[str, str]) -> bool:
    """Whether a file was managed and is so still, if it is there still. The record is a person's to write as well."""
    after = moves.get(path, path)
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
    moves: Mapping[str, str] = wanted.upgrade.get("moves", {})
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


def _record(merged: File | None, asked: File) -> File:
    """The record as merged, with the team's comments, where it says what is asked for; else as it is asked for."""
    try:
        wanted = answers.read(asked.content, answers.FILE)
        if merged is not None and answers.read(merged.content, answers.FILE).says(wanted, wanted):
            return merged
    except BadConfig:
        pass
    return asked


def told(merged: Merged) -> dict[str, list[str]]:
    """What a reviewer has to know of the merge, by heading."""
    parts = {
        "**These need a person before the merge.** The team and the golden path have changed the same in them:": [
            f"{one.path}: {_what_to_do(one)}" for one in merged.conflicts
        ],
        "Merged with what the team has changed in them:": _of(merged, Fate.MERGED, Fate.MOVED, Fate.PLACED),
        "Renamed by the golden path:": [f"{one.before} → {one.after}" for one in merged.renames if not one.by_team],
        "The golden path has these no more; the team has changed them, so they stay:": _of(merged, Fate.KEPT),
        "The golden path has changed these, which the team has removed; they stay removed:": _of(
            merged, Fate.STAYS_DELETED
        ),
    }
    return {heading: lines for heading, lines in parts.items() if lines}


def _what_to_do(conflict: Conflict) -> str:
    elsewhere = f" to {conflict.paths.theirs}" if conflict.paths.theirs != conflict.path else ""
    match conflict.dispute:
        case Dispute.IN_THE_WAY:
            return f"not written{elsewhere}, because something of the team's is in its way"
        case Dispute.BY_HAND:
            done = "changed" if conflict.ours else "removed"
            return f"{done} by hand, though it is the golden path's; it stays so until it is overridden or put right"
        case Dispute.BINARY:
            return "no text; the team has it as it was"
        case Dispute.LINES:
            return "look for the lines <<<<<<<"


def silent(merged: Merged) -> list[str]:
    """What a person has to know although nothing is written for it."""
    kept = [
        f"{path} stays: the golden path has it no more, and the team has changed it" for path in _of(merged, Fate.KEPT)
    ]
    gone = [f"{path} stays removed: the golden path has changed it" for path in _of(merged, Fate.STAYS_DELETED)]
    return kept + gone


def _of(merged: Merged, *fates: Fate) -> list[str]:
    return [path for path, one in merged.fates.items() if one in fates]
