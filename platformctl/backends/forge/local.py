"""The embedded forge: bare git repositories in a folder, protected by themselves.

A protected branch refuses pushes by a hook of the repository's own. platformctl writes objects and moves refs
directly, so the hook does not stand in its way. Settings, mark and protection are one JSON file beside the objects.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from platformctl.backends import process
from platformctl.backends.forge import Commit, Entry, RepositoryState
from platformctl.backends.forge.git import TIMEOUT, Git
from platformctl.errors import BadConfig, Moved, NotFound, Taken
from platformctl.home import sync_folder, write_atomically
from platformctl.locks import held
from platformctl.model import Json, Owner

_META: Final = "platformctl.json"
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,60}")

_HOOK: Final = """\
#!/bin/sh
# Keeps protected branches as their protection says; `platformctl doctor` sees it when this file changes.
while read -r old new ref; do
    case "$ref" in
    {patterns})
        echo "${{ref#refs/heads/}} is protected: push a branch and have it reviewed." >&2
        exit 1 ;;
    esac
done
"""


class LocalForge:
    """A forge for one organisation, below `folder`."""

    RUNS_WORKFLOWS: ClassVar[bool] = False

    def __init__(self, folder: Path, organisation: str, locks: Path | None = None) -> None:
        self._folder = folder / organisation
        self._locks = locks or folder / "locks"
        self._trees: dict[tuple[str, str, str], Mapping[str, Entry]] = {}
        """What commits hold never changes, and is asked again when a change is made and proven."""

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> LocalForge:
        """The forge of a platform, in its home folder."""
        return cls(home / "forge", platform["organisation"], home / "locks")

    def check(self) -> None:
        process.find("git")

    def url(self, name: str) -> str:
        return str(self._path(name))

    def files_url(self, name: str, branch: str) -> str:
        return f"{self._path(name).as_uri()}#{branch}:"

    def clone_url(self, name: str) -> str:
        return self._path(name).as_uri()

    def repositories(self) -> list[str]:
        return sorted(found.name.removesuffix(".git") for found in self._folder.glob("[!.]*.git"))

    def repository(self, name: str) -> RepositoryState | None:
        meta = self._meta(name)
        if meta is None:
            return None
        return RepositoryState(
            settings=meta["settings"],
            owner=Owner(**meta["owner"]),
            revision=_digest(meta["settings"]),
            protection=meta["protection"],
        )

    def create_repository(self, name: str, settings: Mapping[str, Json], owner: Owner) -> RepositoryState:
        path = self._path(name)
        draft = path.with_name(f".{name}.{owner.run}.git")
        meta = {"owner": {"service": owner.service, "run": owner.run}, "settings": dict(settings), "protection": {}}
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._alone(name):
            self._sweep(name)
            if path.exists():
                raise Taken(f"repository {name} exists already", where=str(path))
            Git(draft).initialise(str(settings["default_branch"]))
            write_atomically(draft / _META, _text(meta))
            draft.rename(path)
        sync_folder(self._folder)
        state = self.repository(name)
        assert state is not None
        return state

    def update_repository(self, name: str, settings: Mapping[str, Json], revision: str) -> RepositoryState:
        with self._locked(name) as meta:
            self._expect(_digest(meta["settings"]), revision, name)
            meta["settings"] = dict(settings)
        state = self.repository(name)
        assert state is not None
        return state

    def delete_repository(self, name: str, revision: str) -> None:
        path = self._path(name)
        with self._alone(name):
            if path.exists():
                with self._locked(name) as meta:
                    self._expect(_digest(meta["settings"]), revision, name)
                    if refs := Git(path).refs():
                        raise Moved(f"repository {name} has {refs[0]}", where=str(path))
                    path.rename(path.with_name(f".{name}.deleted.git"))
            self._sweep(name)

    def protect(self, name: str, branch: str, rules: Json, revision: str) -> str:
        hook = self._path(name) / "hooks" / "pre-receive"
        with self._locked(name) as meta:
            self._expect(self._protection_revision(name, meta, branch), revision, name)
            protection = {key: value for key, value in meta["protection"].items() if key != branch}
            if rules is not None:
                protection[branch] = rules
            meta["protection"] = protection
            if protection:
                hook.parent.mkdir(exist_ok=True)
                _replace_hook(hook, _hook(protection))
            else:
                hook.unlink(missing_ok=True)
        return self.protection(name, branch)[1]

    def protection(self, name: str, branch: str) -> tuple[Json, str]:
        meta = self._meta(name)
        if meta is None or branch not in meta["protection"]:
            return None, ""
        revision = self._protection_revision(name, meta, branch)
        in_force = self._hook_in_force(name, meta)
        return {**meta["protection"][branch], "in_force": in_force}, revision

    def head(self, name: str, ref: str) -> str:
        if not self._path(name).is_dir():
            return ""
        return self._git(name).resolve(ref if ref.startswith("refs/") else f"refs/heads/{ref}")

    def tree(self, name: str, commit: str, under: str = "") -> Mapping[str, Entry]:
        asked = (name, commit, under)
        if asked not in self._trees:
            self._trees[asked] = self._git(name).tree(commit, under)
        return self._trees[asked]

    def read(self, name: str, commit: str, path: str) -> bytes | None:
        return self._git(name).read(commit, path)

    def blob(self, name: str, blob: str) -> bytes:
        return self._git(name).run("cat-file", "blob", blob)

    def history(self, name: str, commit: str) -> list[Owner]:
        marks = self._git(name).trailers(commit, "Platformctl-Service", "Platformctl-Run")
        return [Owner(service, run) for service, run in marks]

    def commit(self, name: str, branch: str, parent: str, commit: Commit) -> str:
        git = self._git(name)
        new = git.write(parent, commit)
        git.swap(f"refs/heads/{branch}", parent, new)
        return new

    def rewind(self, name: str, branch: str, head: str, to: str) -> None:
        self._git(name).swap(f"refs/heads/{branch}", head, to)

    def tag(self, name: str, tag: str, commit: str) -> None:
        git = self._git(name)
        try:
            git.swap(f"refs/tags/{tag}", "", commit)
        except Moved:
            if git.resolve(f"refs/tags/{tag}") != commit:
                raise Taken(f"tag {tag} of {name} stands on another commit", hint="Released versions stay") from None

    def delete_tag(self, name: str, tag: str, commit: str) -> None:
        self._git(name).swap(f"refs/tags/{tag}", commit, "")

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NotFound(f"{name!r} cannot be a repository's name")
        return self._folder / f"{name}.git"

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Create or delete this repository alone on this machine."""
        self._locks.mkdir(parents=True, exist_ok=True)
        lock = self._locks / f"repository-{self._folder.name}-{name}"
        with held(lock, f"creation of repository {name}", timeout=TIMEOUT):
            yield

    def _sweep(self, name: str) -> None:
        """Remove what a killed creation or deletion of this repository left half done."""
        for remains in self._folder.glob(f".{name}.*.git"):
            shutil.rmtree(remains, ignore_errors=True)

    def _git(self, name: str) -> Git:
        path = self._path(name)
        if not path.is_dir():
            raise NotFound(f"there is no repository {name!r}", where=str(self._folder))
        return Git(path)

    def _meta(self, name: str) -> dict[str, Any] | None:
        path = self._path(name)
        if not path.is_dir():
            return None
        try:
            meta: dict[str, Any] = json.loads((path / _META).read_text(encoding="utf-8"))
            Owner(**meta["owner"])
        except FileNotFoundError:
            return {"owner": {"service": "", "run": ""}, "settings": {}, "protection": {}}
        except (ValueError, KeyError, TypeError):
            raise BadConfig("this file is damaged", where=str(path / _META)) from None
        return meta

    @contextmanager
    def _locked(self, name: str) -> Iterator[dict[str, Any]]:
        """Read, let the block change, write back; alone on this machine."""
        path = self._path(name)
        if not path.is_dir():
            raise Moved(f"repository {name} is gone", where=str(self._folder))
        with held(path / "platformctl.lock", f"a change of repository {name}", timeout=TIMEOUT):
            meta = self._meta(name)
            if meta is None:
                raise Moved(f"repository {name} is gone", where=str(self._folder))
            before = _text(meta)
            yield meta
            if path.is_dir() and _text(meta) != before:
                write_atomically(path / _META, _text(meta))

    def _expect(self, found: str, revision: str, name: str) -> None:
        if found != revision:
            raise Moved(f"repository {name} was changed meanwhile", where=str(self._path(name)))

    def _hook_in_force(self, name: str, meta: dict[str, Any]) -> bool:
        hook = self._path(name) / "hooks" / "pre-receive"
        try:
            return hook.read_bytes() == _hook(meta["protection"]) and bool(hook.stat().st_mode & 0o100)
        except FileNotFoundError:
            return False

    def _protection_revision(self, name: str, meta: dict[str, Any], branch: str) -> str:
        if branch not in meta["protection"]:
            return ""
        return _digest([meta["protection"][branch], self._hook_in_force(name, meta)])


def _replace_hook(hook: Path, content: bytes) -> None:
    """Replace the hook by one that git runs from the first moment."""
    ready = hook.with_name(".pre-receive.ready")
    write_atomically(ready, content)
    ready.chmod(0o755)
    ready.replace(hook)
    sync_folder(hook.parent)


def _hook(protection: Mapping[str, Any]) -> bytes:
    patterns = " | ".join(f"refs/heads/{branch}" for branch in sorted(protection))
    return _HOOK.format(patterns=patterns).encode()


def _digest(value: Json) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _text(meta: Mapping[str, Any]) -> bytes:
    return (json.dumps(meta, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
