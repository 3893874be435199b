"""The embedded forge: bare git repositories in a folder, protected by themselves.

A protected branch refuses pushes by a hook of the repository's own. platformctl writes objects and moves refs
directly, so the hook does not stand in its way. Settings, mark and protection are one JSON file beside the objects.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from platformctl.backends import process
from platformctl.backends.forge import Commit, Entry, RepositoryState, Touch, blob_id
from platformctl.backends.forge import hook as hooks
from platformctl.backends.forge.git import TIMEOUT, Git
from platformctl.backends.forge.local_pipeline import LocalPipeline
from platformctl.backends.forge.local_proposals import LocalProposals
from platformctl.backends.forge.objects import Objects
from platformctl.backends.forge.records import META, digest, text, updated
from platformctl.errors import BadConfig, Moved, Taken
from platformctl.home import sync_folder, write_atomically
from platformctl.locks import held
from platformctl.model import File, Json, Owner

_FEW: Final = 8
"""Repositories that git is started for. Loading pygit2 takes 60 to 70 ms, starting git 3."""
_REMEMBERED: Final = 64
"""Trees that are kept; a service needs one or two, and is done with them before the next one."""


class LocalForge(LocalPipeline, LocalProposals):
    """A forge for one organisation, below `folder`."""

    RUNS_WORKFLOWS: ClassVar[bool] = False

    def __init__(self, folder: Path, organisation: str, locks: Path | None = None) -> None:
        super().__init__(folder, organisation)
        self._locks = locks or folder / "locks"
        self._trees: dict[tuple[str, str, str], Mapping[str, Entry]] = {}
        """What commits hold never changes, and is asked again when a change is made and proven."""
        self._read: set[str] = set()
        """The repositories that were read; with many of them, no git is started for each."""

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> LocalForge:
        """The forge of a platform, in its home folder."""
        return cls(home / "forge", platform["organisation"], home / "locks")

    def check(self) -> None:
        process.find("git")

    def check_access(self, team: str, visibility: str = "") -> None:
        """Whoever may write to the home folder may do everything; every team and every visibility is known."""

    def url(self, name: str) -> str:
        return str(self._path(name))

    def files_url(self, name: str, branch: str) -> str:
        return f"{self._path(name).as_uri()}#{branch}:"

    def clone_url(self, name: str) -> str:
        return self._path(name).as_uri()

    def git_environment(self) -> Mapping[str, str]:
        return {}

    def repositories(self) -> list[str]:
        return sorted(found.name.removesuffix(".git") for found in self._folder.glob("[!.]*.git"))

    def owners(self) -> Mapping[str, Owner]:
        found: dict[str, Owner] = {}
        for name in self.repositories():
            try:
                meta = self._meta(name)
            except (BadConfig, OSError):
                found[name] = Owner(name, "")  # whose it is cannot be read; who looks at it will hear why
                continue
            if meta and meta["owner"]["service"]:
                found[name] = Owner(**meta["owner"])
        return found

    def repository(self, name: str) -> RepositoryState | None:
        meta = self._meta(name)
        if meta is None:
            return None
        return RepositoryState(
            settings=meta["settings"],
            owner=Owner(**meta["owner"]),
            revision=digest(meta["settings"]),
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
            write_atomically(draft / META, text(meta))
            draft.rename(path)
        sync_folder(self._folder)
        state = self.repository(name)
        assert state is not None
        return state

    def update_repository(self, name: str, settings: Mapping[str, Json], revision: str) -> RepositoryState:
        with self._locked(name) as meta:
            self._expect(digest(meta["settings"]), revision, name)
            meta["settings"] = updated(meta["settings"], settings)
        state = self.repository(name)
        assert state is not None
        return state

    def adopt_repository(self, name: str, owner: Owner) -> None:
        with self._locked(name) as meta:
            if meta["owner"]["service"] not in ("", owner.service):
                raise Taken(f"repository {name} belongs to {meta['owner']['service']}", where=str(self._path(name)))
            meta["owner"] = {"service": owner.service, "run": owner.run}

    def disown_repository(self, name: str, owner: Owner) -> None:
        with self._locked(name) as meta:
            if meta["owner"] == {"service": owner.service, "run": owner.run}:
                meta["owner"] = {"service": "", "run": ""}

    def delete_repository(self, name: str, revision: str) -> None:
        path = self._path(name)
        with self._alone(name):
            if path.exists():
                with self._locked(name) as meta:
                    self._expect(digest(meta["settings"]), revision, name)
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
                hooks.replace(hook, hooks.content(protection))
                if not hooks.is_run(self._path(name)):
                    self._git(name).run("config", "--replace-all", "core.hooksPath", "hooks")
            else:
                hook.unlink(missing_ok=True)
        return self.protection(name, branch)[1]

    def protection(self, name: str, branch: str) -> tuple[Json, str]:
        meta = self._meta(name)
        if meta is None or branch not in meta["protection"]:
            return None, ""
        revision = self._protection_revision(name, meta, branch)
        in_force = hooks.in_force(self._path(name), meta["protection"])
        return {**meta["protection"][branch], "in_force": in_force}, revision

    def callers(self, name: str) -> str:
        meta = self._meta(name)
        return str(meta.get("callers", "nobody")) if meta else "nobody"

    def allow_callers(self, name: str, callers: str, before: str) -> None:
        with self._locked(name) as meta:
            self._expect(str(meta.get("callers", "nobody")), before, name)
            if callers == "nobody":
                meta.pop("callers", None)
            else:
                meta["callers"] = callers

    def head(self, name: str, ref: str) -> str:
        if not (self._path(name) / "HEAD").is_file():
            return ""  # what is no repository has no branch
        return self._git(name).resolve(ref if ref.startswith("refs/") else f"refs/heads/{ref}")

    def release(self, name: str, tag: str) -> str:
        return self.head(name, f"refs/tags/{tag}")

    def tree(self, name: str, commit: str, under: str = "") -> Mapping[str, Entry]:
        asked = (name, commit, under)
        found = self._trees.get(asked)
        if found is None:
            with self._reader(name) as reader:
                found = reader.tree(commit, under)
            if len(self._trees) >= _REMEMBERED:
                self._trees.clear()
            self._trees[asked] = found
        return found

    def read(self, name: str, commit: str, path: str) -> bytes | None:
        with self._reader(name) as reader:
            return reader.read(commit, path)

    def blob(self, name: str, blob: str) -> bytes:
        return self._git(name).run("cat-file", "blob", blob)

    def file(self, name: str, branch: str, path: str) -> tuple[bytes, str] | None:
        head = self.head(name, branch)
        content = self.read(name, head, path) if head else None
        return None if content is None else (content, blob_id(content))

    def put_file(self, name: str, branch: str, path: str, content: bytes | None, blob: str, message: str) -> str:
        until = time.monotonic() + TIMEOUT
        while True:
            head = self.head(name, branch)
            found = self.read(name, head, path) if head else None
            if ("" if found is None else blob_id(found)) != blob:
                raise Moved(f"{path} of {name} was changed meanwhile", where=str(self._path(name)))
            file = None if content is None else File(content)
            try:
                self.commit(name, branch, head, Commit({path: file}, message))
            except Moved:
                if time.monotonic() > until:
                    raise
                continue
            return "" if content is None else blob_id(content)

    def owner_problems(self, name: str, commit: str) -> Sequence[str]:
        return ()

    def history(self, name: str, commit: str) -> list[Owner]:
        marks = self._git(name).trailers(commit, "Platformctl-Service", "Platformctl-Run")
        return [Owner(service, run) for service, run in marks]

    def made_by(self, name: str, commit: str) -> Owner:
        return self.history(name, commit)[0]

    def left_by(self, name: str, commit: str) -> Owner:
        return self.made_by(name, commit) if self._git(name).committed_here(commit) else Owner("", "")

    def parents(self, name: str, commit: str) -> Sequence[str]:
        return self._git(name).parents(commit)

    def touched(self, name: str, commit: str, path: str, most: int = 1) -> list[Touch]:
        return self._git(name).touched(commit, path, most)

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

    @contextmanager
    def _reader(self, name: str) -> Iterator[Git | Objects]:
        """Who reads a repository: git, or this process when there are so many that loading a library pays."""
        self._read.add(name)
        if len(self._read) <= _FEW:
            yield self._git(name)
            return
        objects = Objects(self._git_folder(name))
        try:
            yield objects
        finally:
            objects.close()

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

    def _protection_revision(self, name: str, meta: dict[str, Any], branch: str) -> str:
        if branch not in meta["protection"]:
            return ""
        return digest([meta["protection"][branch], hooks.in_force(self._path(name), meta["protection"])])
