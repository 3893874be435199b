"""Commits of files: what they say, the revision of what they leave, and whether that is still to be seen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from platformctl.backends.forge import Entry
from platformctl.model import Change, File, Owner

ATTEMPTS: Final = 60
"""How often a commit to a shared repository is tried while others commit to other folders of it."""
PAUSE: Final = 0.05
"""Seconds between two tries at most."""


def message(subject: str, owner: Owner | None) -> str:
    """A commit message with the mark of the run in it, unless the commit is to be the same everywhere."""
    if owner is None:
        return f"{subject}\n"
    return f"{subject}\n\nPlatformctl-Service: {owner.service}\nPlatformctl-Run: {owner.run}\n"


def revision(head: str, under: str, entries: Mapping[str, Entry]) -> str:
    """The revision of a set of files; empty for a repository without a branch, and for a folder without files."""
    if not entries and (under or not head):
        return ""
    return digest_of({path: f"{entry.mode} {entry.blob}" for path, entry in entries.items()})


def digest_of(files: Mapping[str, str]) -> str:
    text = "\n".join(f"{path}\0{about}" for path, about in sorted(files.items()))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


def update_subject(writes: Mapping[str, File | None]) -> str:
    names = sorted(writes)
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"Update {', '.join(names[:2])}{more}"


def as_before(change: Change, entries: Mapping[str, Entry]) -> bool:
    """Whether every file that a change is about stands as it did before, whatever else has come and gone since."""
    before: Mapping[str, str] = change.before or {}
    now = {path: f"{entry.mode} {entry.blob}" for path, entry in entries.items()}
    about = [line.what for line in change.differences]
    return bool(about) and all(now.get(path) == before.get(path) for path in about)
