"""What people have to know of an upgrade of files: in the pull request, and beside the plan."""

from __future__ import annotations

from collections.abc import Sequence

from platformctl.merge import Fate, Merged


def told(merged: Merged, written: Sequence[str]) -> dict[str, list[str]]:
    """What a reviewer has to know of the merge, and of the values that migrations wrote, by heading."""
    parts = {
        "**These need a person before the merge:**": [f"{one.path}: {one.advice}" for one in merged.conflicts],
        "Merged with what the team has changed in them:": _of(merged, Fate.MERGED, Fate.MOVED, Fate.PLACED),
        "Values that the migration writes, whatever they were:": [*written],
        "Renamed by the golden path:": [f"{one.before} → {one.after}" for one in merged.renames if not one.by_team],
        "The golden path has these no more; the team has changed them, so they stay:": _of(merged, Fate.KEPT),
        "The golden path has changed these, which the team has removed; they stay removed:": _of(
            merged, Fate.STAYS_DELETED
        ),
    }
    return {heading: lines for heading, lines in parts.items() if lines}


def silent(merged: Merged) -> list[str]:
    """What a person has to know although nothing is written for it."""
    kept = [
        f"{path} stays: the golden path has it no more, and the team has changed it" for path in _of(merged, Fate.KEPT)
    ]
    gone = [f"{path} stays removed: the golden path has changed it" for path in _of(merged, Fate.STAYS_DELETED)]
    return kept + gone


def _of(merged: Merged, *fates: Fate) -> list[str]:
    return [path for path, one in merged.fates.items() if one in fates]
