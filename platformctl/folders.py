"""Paths, and the folders that they are in."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def is_outside(path: str) -> bool:
    """Whether a path is not one of a file in a repository: it leads out of it, into git's own, or cannot be read."""
    parts = path.split("/")
    outside = bool({"..", ".", ""} & set(parts))
    return outside or not path.isprintable() or "\\" in path or ".git" in (part.lower() for part in parts)


def folders_of(path: str) -> list[str]:
    """The folders that a path is in, the innermost first."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(len(parts) - 1, 0, -1)]


def in_the_way(places: Collection[str], entries: Iterable[str]) -> list[str]:
    """What stands where one of the places has a folder, or in a folder where one of them is to be."""
    taken = {*places}
    folders = {folder for place in taken for folder in folders_of(place)}
    return sorted(entry for entry in entries if entry in folders or not taken.isdisjoint(folders_of(entry)))
