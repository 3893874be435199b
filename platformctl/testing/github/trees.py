"""git's trees: listed, looked into, and made from another with some paths changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from platformctl.testing.github.errors import not_found
from platformctl.testing.github.objects import Objects

TREE: Final = "040000"
KINDS: Final = {"100644": "blob", "100755": "blob", "120000": "blob", TREE: "tree", "160000": "commit"}
"""What the modes of a tree stand for: https://docs.github.com/rest/git/trees#create-a-tree."""


class Entry(NamedTuple):
    """One entry: a mode with six digits, and an object's name."""

    mode: str
    sha: str


def read(objects: Objects, sha: str) -> dict[str, Entry]:
    """The entries of one tree, by name."""
    content, entries, start = objects.read(sha, "tree"), {}, 0
    while start < len(content):
        space = content.index(b" ", start)
        end = content.index(b"\0", space)
        name = content[space + 1 : end].decode(errors="surrogateescape")
        entries[name] = Entry(content[start:space].decode().zfill(6), content[end + 1 : end + 21].hex())
        start = end + 21
    return entries


def write(objects: Objects, entries: Mapping[str, Entry]) -> str:
    """Store a tree; git sorts folders as if their names ended with a slash."""
    ordered = sorted((name.encode(errors="surrogateescape"), entry) for name, entry in entries.items())
    ordered.sort(key=lambda pair: pair[0] + b"/" if pair[1].mode == TREE else pair[0])
    lines = (
        b"%s %s\0%s" % (entry.mode.lstrip("0").encode(), name, bytes.fromhex(entry.sha)) for name, entry in ordered
    )
    return objects.write("tree", b"".join(lines))


def walk(objects: Objects, sha: str, under: str = "") -> Iterator[tuple[str, Entry]]:
    """Everything below a tree, folders before what is in them."""
    for name, entry in read(objects, sha).items():
        yield under + name, entry
        if entry.mode == TREE:
            yield from walk(objects, entry.sha, f"{under}{name}/")


def files(objects: Objects, sha: str) -> dict[str, Entry]:
    """Everything below a tree that is no folder."""
    return {path: entry for path, entry in walk(objects, sha) if entry.mode != TREE}


def find(objects: Objects, sha: str, path: str) -> Entry:
    """What stands at a path, the tree itself for the empty one; GitHub's 404 when nothing does."""
    entry = Entry(TREE, sha)
    for name in path.split("/") if path else ():
        if entry.mode != TREE or name not in (inside := read(objects, entry.sha)):
            raise not_found()
        entry = inside[name]
    return entry


def changed(objects: Objects, base: str, changes: Mapping[str, Entry | None]) -> str:
    """The tree that a base (empty: none) becomes when paths are set, or removed with None.

    A folder that loses its last entry goes too, as in git's index.
    """
    entries = read(objects, base) if base else {}
    below: dict[str, dict[str, Entry | None]] = {}
    for path, entry in changes.items():
        name, _, rest = path.partition("/")
        if rest:
            below.setdefault(name, {})[rest] = entry
        elif entry is None:
            entries.pop(name, None)
        else:
            entries[name] = entry
    for name, inside in below.items():
        there = entries.get(name)
        tree = changed(objects, there.sha if there and there.mode == TREE else "", inside)
        if objects.read(tree, "tree"):
            entries[name] = Entry(TREE, tree)
        else:
            entries.pop(name, None)
    return write(objects, entries)
