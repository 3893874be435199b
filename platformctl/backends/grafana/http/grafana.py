"""The dashboards of one organisation in a Grafana that is reached over HTTP.

A team's folder is made when its first dashboard comes, and stays: Grafana deletes a folder with everything in it, has
no way to ask for that only while it is empty, and the folder's permissions are the team's.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from platformctl.backends.grafana import DashboardState, digest
from platformctl.backends.grafana.http import access
from platformctl.backends.grafana.http.apis import KNOWN, Apis
from platformctl.backends.grafana.http.client import PAUSES, Client, Conflict, Unsure, rest
from platformctl.backends.grafana.http.legacy import Legacy
from platformctl.backends.grafana.http.mark import Mark, marked, unmarked
from platformctl.backends.grafana.http.stored import Api, Stored
from platformctl.errors import BadConfig, Failure, Moved, NotFound, Taken
from platformctl.model import Json, Owner
from platformctl.port import Need, Usage, Wait

_UID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
"""Of dashboards and folders; 40 is Grafana's limit:
https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/folder/"""
_FOLDER: Final = "team-"
_NOBODY: Final = Owner("", "")


class GrafanaHttp:
    """One Grafana; `titles` are the names of teams by their slugs."""

    def __init__(self, settings: Mapping[str, Any], titles: Mapping[str, str]) -> None:
        self._settings = settings
        self._titles = titles
        self._client = Client(settings)
        self._lock = threading.Lock()
        self._found: Api | None = None

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> GrafanaHttp:
        """The Grafana that the platform names."""
        teams = platform.get("teams", ())
        return cls(platform["grafana"], {team["slug"]: team.get("name") or team["slug"] for team in teams})

    def wait_with(self, wait: Wait) -> None:
        self._client.wait = wait

    def usage(self) -> Usage:
        return self._client.usage()

    def check(self) -> None:
        assert self._client.token

    def needs(self) -> list[Need]:
        try:
            return access.needs(self._client, self._api)
        except Failure as failure:
            return [Need(f"Grafana at {self._client.url}", failure.what, failure.hint)]

    def url(self, uid: str, folder: str) -> str:
        _checked(folder)
        return f"{self._client.url}/d/{_checked(uid)}"

    def link(self, uid: str, folder: str) -> str:
        return self.url(uid, folder)

    def dashboard(self, uid: str) -> DashboardState | None:
        stored = self._api.read(_checked(uid))
        return self._state(stored) if stored else None

    def put(
        self,
        uid: str,
        dashboard: Mapping[str, Json],
        folder: str,
        owner: Owner,
        revision: str,
        sha256: str = "",
    ) -> DashboardState:
        _checked(folder)
        sha256 = sha256 or digest(dashboard)
        refused: Conflict | None = None
        for pause in (*PAUSES, 0.0):
            seen = self._api.read(_checked(uid))
            if seen and self._is_made(seen, sha256, folder, owner):
                return self._state(seen)  # by an earlier try whose answer was lost
            self._expect(uid, seen, revision)
            if refused:
                raise refused
            if seen and self._state(seen).owner.service != owner.service:
                raise Taken(f"{uid} is not {owner.service}'s", where=self._client.url)
            mark = Mark(owner, seen.version + 1 if seen else 1, sha256)
            try:
                if seen is None or seen.folder != folder:
                    self._api.make_folder(folder, self._title(folder))
                self._api.write(uid, marked(dashboard, mark), folder, seen, f"platformctl run {owner.run}")
                break
            except (Conflict, Unsure) as failure:
                refused = _final(failure)
                if not pause:
                    raise
            rest(pause)
        written = self.dashboard(uid)
        if written is None:
            raise Moved(f"{uid} was deleted meanwhile", where=self._client.url)
        return written

    def delete(self, uid: str, revision: str) -> None:
        refused: Conflict | None = None
        asked = False
        for pause in (*PAUSES, 0.0):
            seen = self._api.read(_checked(uid))
            if seen is None and (asked or not revision):
                return
            self._expect(uid, seen, revision)
            if refused:
                raise refused
            assert seen is not None
            try:
                asked = True
                self._api.delete(uid, seen)
                return
            except (Conflict, Unsure) as failure:
                refused = _final(failure)
                if not pause:
                    raise
            rest(pause)

    @property
    def _api(self) -> Api:
        """The best API that both sides know, found out once."""
        with self._lock:
            if self._found is None:
                self._found = self._chosen()
            return self._found

    def _chosen(self) -> Api:
        wanted = self._settings["api"]
        if wanted == "legacy":
            return Legacy(self._client)
        found = Apis.offered(self._client, self._settings["namespace"])
        if found is None and wanted == "apis":
            raise BadConfig(
                f"this Grafana offers dashboards and folders in none of the versions {', '.join(KNOWN)}",
                where=self._client.url,
                hint="Set grafana.api: auto",
            )
        return found or Legacy(self._client)

    def _expect(self, uid: str, seen: Stored | None, revision: str) -> None:
        if (seen.revision if seen else "") != revision:
            raise Moved(f"{uid} was changed meanwhile", where=self._client.url)

    def _is_made(self, seen: Stored, sha256: str, folder: str, owner: Owner) -> bool:
        state = self._state(seen)
        return (state.owner, state.folder, state.sha256) == (owner, folder, sha256)

    def _state(self, stored: Stored) -> DashboardState:
        dashboard, mark = unmarked(stored.dashboard)
        as_made = self._api.REWRITES and mark is not None and mark.version == stored.version
        return DashboardState(
            as_left=mark is not None and mark.version == stored.version,
            dashboard=dashboard,
            folder=stored.folder,
            owner=mark.owner if mark else _NOBODY,
            revision=stored.revision,
            asked=mark.sha256 if mark and as_made else "",
        )

    def _title(self, folder: str) -> str:
        """A team's folder is called as the team is."""
        slug = folder.removeprefix(_FOLDER)
        return self._titles.get(slug, slug)


def _final(failure: Conflict | Unsure) -> Conflict | None:
    """A refusal that stands unless the dashboard has changed: Grafana answers 412 to a name that is taken, too.

    A 409 may also say that somebody else is writing just now:
    https://github.com/grafana/grafana/blob/main/pkg/storage/unified/apistore/store.go
    """
    return failure if isinstance(failure, Conflict) and failure.status == 412 else None


def _checked(uid: str) -> str:
    if not _UID.fullmatch(uid):
        raise NotFound(f"{uid!r} cannot be the uid of a dashboard or its folder", hint="Grafana takes 40 characters")
    return uid
