"""What repositories on GitHub hold, read by hash wherever it can be: what a hash names never changes.

A repository begins with GitHub's own first commit, which counts as nothing; so does a branch that was emptied.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from platformctl.backends.forge import Entry
from platformctl.backends.forge.github.manners import Refused
from platformctl.backends.forge.github.organisation import Organisation, is_name
from platformctl.backends.forge.github.settings import owner_of
from platformctl.backends.forge.github.trees import Node, Objects, files_below, walk
from platformctl.errors import NotFound

FIRST: Final = "Initial commit"
EMPTIED: Final = "Platformctl-Emptied: yes"
_NOW: Final = 10.0
"""Seconds for which a branch's head that was just read is not read again. Being late is harmless: a swap is refused."""


_HOUR: Final = 3600.0
"""Seconds for which owners that were found right are not asked about again: teams come and go without a commit."""


class Contents(Organisation):
    """Heads, trees and files."""

    def __init__(self, platform: Mapping[str, Any], cache: Path) -> None:
        super().__init__(platform, cache)
        self._objects = Objects(self._cache / "objects")
        self._trees: dict[str, str] = {}
        """The trees of commits."""

    def head(self, name: str, ref: str) -> str:
        if not is_name(name) or name in self._absent:
            return ""
        if ref.startswith("refs/tags/"):
            return self._tagged(name, ref.removeprefix("refs/tags/"))
        branch = ref.removeprefix("refs/heads/")
        when, known = self._heads.get((name, branch), (-_NOW, ""))
        if time.monotonic() - when >= _NOW:
            known = self._head(name, branch)
            self._heads[name, branch] = (time.monotonic(), known)
        return known

    def _head(self, name: str, branch: str) -> str:
        if self._made.get(name) == branch:
            found = self._client.settled(lambda: self._branch(name, branch), bool)
        else:
            found = self._branch(name, branch)
        if not found:
            self._beneath.pop((name, branch), None)
            return ""
        commit = found["commit"]
        sha: str = commit["sha"]
        self._trees[sha] = commit["commit"]["tree"]["sha"]
        if self._is_nothing(name, commit):
            self._beneath[name, branch] = sha
            return ""
        return sha

    def _branch(self, name: str, branch: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._client.ask("GET", f"{self._path(name)}/branches/{quote(branch, safe='')}")
        except Refused as refused:
            if refused.status != 404:
                raise
            if name not in self._made and not refused.message.startswith("Branch"):
                self._absent.add(name)
            return None
        return found

    def tree(self, name: str, commit: str, under: str = "") -> Mapping[str, Entry]:
        root = self._root(name, commit)
        return files_below(root, under, lambda sha: self._node(name, sha), lambda sha: self._below(name, sha))

    def read(self, name: str, commit: str, path: str) -> bytes | None:
        folder, _, file = path.rpartition("/")
        sha = self._root(name, commit)
        for part in filter(None, folder.split("/")):
            found = self._node(name, sha).get(part)
            if found is None:
                return None
            sha = found.blob
        entry = self._node(name, sha).get(file)
        return None if entry is None else self.blob(name, entry.blob)

    def blob(self, name: str, blob: str) -> bytes:
        known = self._objects.blob(blob)
        if known is not None:
            return known
        found = self._object(name, f"blobs/{blob}")
        content = base64.b64decode(found["content"])
        self._objects.keep_blob(content)
        return content

    def owner_problems(self, name: str, commit: str) -> Sequence[str]:
        right = self._cache / "owners" / self._organisation / name / commit
        with suppress(OSError):
            if time.time() - right.stat().st_mtime < _HOUR:
                return ()
        path, at = f"{self._path(name)}/codeowners/errors", {"ref": commit}
        if name in self._made:  # its team got access just now, and GitHub may not know that yet
            found = self._client.settled(
                lambda: self._client.find(path, at), lambda seen: seen is not None and not seen["errors"]
            )
        else:
            found = self._client.find(path, at)
        if found is None:
            return ()
        problems = [_owner_problem(error) for error in found.get("errors", ())]
        if not problems:
            right.parent.mkdir(parents=True, exist_ok=True)
            right.touch()
        return problems

    def file(self, name: str, branch: str, path: str) -> tuple[bytes, str] | None:
        if name in self._absent:
            return None
        found = self._client.find(f"{self._path(name)}/contents/{quote(path)}", {"ref": branch})
        if not isinstance(found, dict) or found.get("type") != "file":
            return None
        return base64.b64decode(found["content"]), found["sha"]

    def _tagged(self, name: str, tag: str) -> str:
        found = self._client.find(f"{self._path(name)}/git/ref/tags/{tag}")
        if found is None or isinstance(found, list):
            return ""
        target = found["object"]
        if target["type"] == "tag":
            target = self._client.ask("GET", f"{self._path(name)}/git/tags/{target['sha']}")["object"]
        return str(target["sha"])

    def _is_nothing(self, name: str, commit: Mapping[str, Any]) -> bool:
        """Whether a branch that ends here holds nothing of anybody's."""
        if EMPTIED in commit["commit"]["message"].splitlines():
            return True
        if not is_first(commit) or name in self._made:
            return is_first(commit)
        if set(self._node(name, commit["commit"]["tree"]["sha"])) > {"README.md"}:
            return False
        return bool(owner_of(self._client.find(self._path(name)) or {"name": name}).service)

    def _root(self, name: str, commit: str) -> str:
        if commit not in self._trees:
            found = self._client.find(f"{self._path(name)}/git/commits/{commit}")
            if found is None:
                raise NotFound(f"there is no commit {commit[:12]} in {name}", where=self.url(name))
            self._trees[commit] = found["tree"]["sha"]
        return self._trees[commit]

    def _object(self, name: str, which: str, parameters: dict[str, Any] | None = None) -> Mapping[str, Any]:
        """What a hash that was seen names: it is there, even where GitHub does not show it yet."""
        path = f"{self._path(name)}/git/{which}"
        found: Mapping[str, Any] | None = self._client.settled(lambda: self._client.find(path, parameters), bool)
        if found is None:
            raise NotFound(f"there is no {which} in {name}", where=self.url(name))
        return found

    def _node(self, name: str, sha: str) -> Node:
        """One folder."""
        if (known := self._objects.node(sha)) is not None:
            return known
        found = self._object(name, f"trees/{sha}")
        node = {item["path"]: Entry(item["mode"], item["sha"]) for item in found["tree"]}
        self._objects.keep_node(node)
        return node

    def _below(self, name: str, sha: str) -> Mapping[str, Entry]:
        """Every file of a tree; one request, unless it is known or larger than GitHub shows at once."""
        try:
            return dict(walk(sha, self._objects.node))
        except KeyError:
            pass
        found = self._object(name, f"trees/{sha}", {"recursive": "1"})
        if found.get("truncated"):
            return dict(walk(sha, lambda inner: self._node(name, inner)))
        entries = {item["path"]: Entry(item["mode"], item["sha"]) for item in found["tree"]}
        self._objects.keep_listing(entries)
        return {path: entry for path, entry in entries.items() if entry.mode != "040000"}


def _owner_problem(error: Mapping[str, Any]) -> str:
    """An error in a file of code owners: where, what, and the word that it is about."""
    words = str(error["source"])[error["column"] - 1 :].split()
    return " ".join([f"{error['path']} line {error['line']}: {error['kind']}", *words[:1]])


def is_first(commit: Mapping[str, Any]) -> bool:
    """Whether this is the commit that GitHub begins a repository with."""
    return not commit["parents"] and commit["commit"]["message"] == FIRST
