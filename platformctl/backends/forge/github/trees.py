"""Git's trees and blobs by their hash. What a hash names never changes, so what was seen once is not asked for again.

Objects are kept in memory and, in git's own form, below the cache folder. Every object is checked against its hash when
it is read, so a damaged or half-written file is as good as none, and nothing has to be synced.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from platformctl.backends.forge import Entry

_FOLDER: Final = "040000"
_LARGEST: Final = 1_000_000
"""Bytes of an object that is worth keeping on disk."""

Node = Mapping[str, Entry]
"""One folder: entries by name. A folder in it has git's mode 040000 and a tree's hash."""


class Objects:
    """Known trees and blobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, bytes] = {}

    def node(self, sha: str) -> Node | None:
        """A folder, if it is known."""
        content = self._read("tree", sha)
        return None if content is None else dict(_entries(content))

    def keep_node(self, node: Node) -> str:
        """Remember a folder; gives its hash."""
        return self._keep("tree", _content(node))

    def blob(self, sha: str) -> bytes | None:
        """A file's content, if it is known."""
        return self._read("blob", sha)

    def keep_blob(self, content: bytes) -> str:
        """Remember a file's content; gives its hash."""
        return self._keep("blob", content)

    def keep_listing(self, entries: Mapping[str, Entry]) -> str:
        """Remember every folder of a recursive listing, whose paths include those of folders; gives the root's hash."""
        folders: dict[str, dict[str, Entry]] = {"": {}}
        for path, entry in entries.items():
            above, _, name = path.rpartition("/")
            folders.setdefault(above, {})[name] = entry
        return [self.keep_node(folders[folder]) for folder in sorted(folders, reverse=True)][-1]

    def changed(self, root: str, files: Mapping[str, Entry | None]) -> str | None:
        """The hash of a tree after these changes; empty for no file left, None when too little is known."""
        known = self.node(root) if root else {}
        if known is None:
            return None
        node = dict(known)
        below: dict[str, dict[str, Entry | None]] = {}
        for path, entry in files.items():
            name, deeper, rest = path.partition("/")
            if deeper:
                below.setdefault(name, {})[rest] = entry
            elif entry is None:
                node.pop(name, None)
            else:
                node[name] = entry
        for name, inner in below.items():
            found = node.get(name)
            sha = self.changed(found.blob if found and found.mode == _FOLDER else "", inner)
            if sha is None:
                return None
            if sha:
                node[name] = Entry(_FOLDER, sha)
            else:
                node.pop(name, None)
        return self.keep_node(node) if node else ""

    def _read(self, kind: str, sha: str) -> bytes | None:
        if sha in self._known:
            return self._known[sha]
        try:
            content = self._place(kind, sha).read_bytes()
        except OSError:
            return None
        if _hash(kind, content) != sha:
            return None
        self._known[sha] = content
        return content

    def _keep(self, kind: str, content: bytes) -> str:
        sha = _hash(kind, content)
        if sha not in self._known:
            self._known[sha] = content
            place = self._place(kind, sha)
            if len(content) <= _LARGEST and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                draft = place.with_name(f".{place.name}.{os.getpid()}")
                draft.write_bytes(content)
                draft.replace(place)
        return sha

    def _place(self, kind: str, sha: str) -> Path:
        return self._folder / f"{kind}s" / sha[:2] / sha[2:]


def files_below(
    sha: str, under: str, node_of: Callable[[str], Node], whole: Callable[[str], Mapping[str, Entry]]
) -> Mapping[str, Entry]:
    """Every file of a tree below a folder, with paths relative to it.

    `node_of` gives one folder and `whole` everything below one.
    """
    for name in filter(None, under.split("/")):
        found = node_of(sha).get(name)
        if found is None or found.mode != _FOLDER:
            return {}
        sha = found.blob
    return whole(sha)


def walk(sha: str, node_of: Callable[[str], Node | None], at: str = "") -> Iterator[tuple[str, Entry]]:
    """Every file of a tree with its path. Raises KeyError when `node_of` does not know a folder."""
    node = node_of(sha)
    if node is None:
        raise KeyError(sha)
    for name, entry in node.items():
        if entry.mode == _FOLDER:
            yield from walk(entry.blob, node_of, f"{at}{name}/")
        else:
            yield f"{at}{name}", entry


def _content(node: Node) -> bytes:
    """Git's form of a tree: sorted as if folders' names ended with a slash."""
    ordered = sorted(node.items(), key=lambda item: item[0].encode() + (b"/" if item[1].mode == _FOLDER else b""))
    return b"".join(
        f"{entry.mode.lstrip('0')} ".encode() + name.encode() + b"\0" + bytes.fromhex(entry.blob)
        for name, entry in ordered
    )


def _entries(content: bytes) -> Iterator[tuple[str, Entry]]:
    at = 0
    while at < len(content):
        end = content.index(b"\0", at)
        mode, _, name = content[at:end].decode(errors="surrogateescape").partition(" ")
        yield name, Entry(mode.zfill(6), content[end + 1 : end + 21].hex())
        at = end + 21


def _hash(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
