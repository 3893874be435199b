"""Grafana's provisioning from files: a folder that a Grafana on the same disk reads dashboards from.

provisioning/dashboards/platformctl.yaml  tells Grafana where to look; there while there is any dashboard
dashboards/team-TEAM/svc-NAME.json        one dashboard; its folder is its folder in Grafana
.owners/                                  whose they are

In a move to another folder the old file goes first: Grafana refuses two dashboards with one uid. After a kill in
between there is none, and running again makes it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from platformctl.backends.grafana import DashboardState
from platformctl.backends.owned_files import OwnedFiles
from platformctl.errors import BadConfig, Moved, NotFound, Taken
from platformctl.home import write_atomically
from platformctl.model import Json, Owner

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
"""Of dashboards and folders."""
_PROVIDER: Final = "provisioning/dashboards/platformctl.yaml"
_NOBODY: Final = Owner("", "")


class GrafanaFiles:
    """The dashboards of one organisation, in `folder`; `site` is where people open Grafana, if anywhere."""

    def __init__(self, folder: Path, lock: Path, site: str = "", *, shared: bool = False) -> None:
        """`site` is where people open Grafana; `shared`: what is made is read on other machines too."""
        self._folder = folder
        self._files = OwnedFiles(folder, lock)
        self._site = site.rstrip("/")
        self._shared = shared
        self._once = False
        self._places: dict[str, list[str]] | None = None
        """Where dashboards are, by uid, when that is looked at once only."""

    def look_once(self) -> None:
        self._once = True

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> GrafanaFiles:
        """The folder that the platform names, else one in its home folder."""
        settings, organisation = platform.get("grafana", {}), platform["organisation"]
        folder = home / (settings.get("folder") or f"grafana/{organisation}")
        lock = home / "locks" / f"grafana-{organisation}"
        shared = platform.get("forge", {}).get("kind", "local") != "local"
        return cls(folder, lock, settings.get("url", ""), shared=shared)

    def check(self) -> None:
        if self._folder.exists() and not self._folder.is_dir():
            raise BadConfig("this is not a folder", where=str(self._folder), hint="Grafana reads dashboards from one")

    def url(self, uid: str, folder: str) -> str:
        return f"{self._site}/d/{uid}" if self._site else str(self._folder / _path(uid, folder))

    def link(self, uid: str, folder: str) -> str:
        return "" if self._shared and not self._site else self.url(uid, folder)

    def dashboard(self, uid: str) -> DashboardState | None:
        paths = self._paths(_checked(uid))
        if len(paths) > 1:
            raise BadConfig(
                f"{uid} stands here twice: {' and '.join(paths)}",
                where=str(self._folder),
                hint="Grafana takes neither; remove one of them",
            )
        found = self._files.read(paths[0]) if paths else None
        if found is None:
            return None
        folder = Path(paths[0]).parent.name
        owner = found.owner or self._files.whose_was(f"dashboards/*/{uid}.json") or _NOBODY
        return DashboardState(
            dashboard=_said(found.content),
            folder=folder,
            owner=owner,
            revision=hashlib.sha256(f"{folder} {found.revision}".encode()).hexdigest()[:16],
            served=self._served(),
            told=(self._folder / _PROVIDER).exists(),
            as_left=found.as_left,
        )

    def _paths(self, uid: str) -> list[str]:
        if not self._once:
            return self._files.paths(f"dashboards/*/{uid}.json")
        if self._places is None:
            self._places = {}
            for path in self._files.paths("dashboards/*/*.json"):
                self._places.setdefault(Path(path).stem, []).append(path)
        return self._places.get(uid, [])

    def put(
        self,
        uid: str,
        dashboard: Mapping[str, Json],
        folder: str,
        owner: Owner,
        revision: str,
        sha256: str = "",
    ) -> DashboardState:
        content = f"{json.dumps(dashboard, indent=2, sort_keys=True)}\n".encode()
        with self._files.alone():
            seen = self._expected(uid, revision)
            if seen and seen.owner.service != owner.service:
                raise Taken(f"{uid} is not {owner.service}'s", where=str(self._folder))
            self._serve()
            self._remove(uid, seen, but=folder)
            there = self._files.read(_path(uid, folder))
            self._files.write(_path(uid, folder), content, owner, there.revision if there else "")
            state = self.dashboard(uid)
        assert state is not None
        return state

    def delete(self, uid: str, revision: str) -> None:
        with self._files.alone():
            self._remove(uid, self._expected(uid, revision))
            if not self._files.paths("dashboards/*/*.json"):
                self._stop_serving()

    def _expected(self, uid: str, revision: str) -> DashboardState | None:
        """What stands there, at the revision that was seen; raises `Moved` when it does not."""
        seen = self.dashboard(uid)
        if (seen.revision if seen else "") != revision:
            raise Moved(f"{uid} was changed meanwhile", where=str(self._folder))
        return seen

    def _remove(self, uid: str, seen: DashboardState | None, but: str = "") -> None:
        """Take it out of every folder but one, with the marks and drafts that killed writers left there."""
        folders = {marks.name for marks in self._folder.glob(".owners/dashboards/*")}
        for folder in sorted((folders | {seen.folder} if seen else folders) - {but}):
            there = self._files.read(_path(uid, folder))
            self._files.delete(_path(uid, folder), there.revision if there else "")

    def _served(self) -> bool:
        try:
            return (self._folder / _PROVIDER).read_bytes() == self._provider()
        except OSError:
            return False

    def _serve(self) -> None:
        if not self._served():
            file = self._folder / _PROVIDER
            file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(file, self._provider())

    def _stop_serving(self) -> None:
        file = self._folder / _PROVIDER
        for remains in (file, file.with_name(f".{file.name}.draft")):  # as `write_atomically` names drafts
            remains.unlink(missing_ok=True)
        with suppress(OSError):  # something else is in there
            for folder in (file.parent, file.parent.parent):
                folder.rmdir()

    def _provider(self) -> bytes:
        import yaml

        # Grafana replaces $NAME in this file by what the environment has.
        path = str(self._folder / "dashboards").replace("$", "$$")
        provider = {
            "name": "platformctl",
            "type": "file",
            "allowUiUpdates": False,
            "options": {"path": path, "foldersFromFilesStructure": True},
        }
        text = yaml.safe_dump({"apiVersion": 1, "providers": [provider]}, sort_keys=False, allow_unicode=True)
        return f"# Written by platformctl.\n{text}".encode()


def _path(uid: str, folder: str) -> str:
    return f"dashboards/{_checked(folder)}/{_checked(uid)}.json"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotFound(f"{name!r} cannot be the name of a dashboard or of its folder")
    return name


def _said(content: bytes) -> Mapping[str, Json]:
    """The dashboard in a file; an empty one when somebody has broken it."""
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
