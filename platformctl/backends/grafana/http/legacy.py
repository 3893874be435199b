"""Dashboards and folders below `/api`: the only way in Grafana 10 and 11, deprecated since 13.

https://grafana.com/docs/grafana/v11.6/developers/http_api/dashboard/ and `folder/` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from platformctl.backends.grafana import COUNTED
from platformctl.backends.grafana.http.client import Client, Conflict, Refused
from platformctl.backends.grafana.http.stored import Stored
from platformctl.errors import NoAccess
from platformctl.model import Json

_RENAME: Final = "Rename what has that name in Grafana"


class Legacy:
    """What the token's organisation has."""

    NAME: ClassVar = "/api"
    REWRITES: ClassVar = False

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, uid: str) -> Stored | None:
        found = self._client.get(f"/api/dashboards/uid/{uid}")
        if found is None:
            return None
        dashboard, about = found["dashboard"], found["meta"]
        return Stored(
            dashboard={**{key: value for key, value in dashboard.items() if key not in COUNTED}, "uid": uid},
            folder=about.get("folderUid") or "",
            version=int(dashboard.get("version") or 0),
            metadata={"version": dashboard.get("version"), "id": dashboard.get("id")},
        )

    def write(self, uid: str, dashboard: Mapping[str, Json], folder: str, seen: Stored | None, why: str) -> None:
        # A version of 0 makes it a creation: what is there has 1 at least, and the swap loses.
        known = dict(seen.metadata) if seen else {"version": 0, "id": None}
        body = {
            "dashboard": {**dashboard, **known, "uid": uid},
            "folderUid": folder,  # left out, the dashboard would move to the root
            "message": why,
            "overwrite": False,
        }
        self._client.send("POST", "/api/dashboards/db", body)

    def delete(self, uid: str, seen: Stored) -> None:
        try:
            self._client.send("DELETE", f"/api/dashboards/uid/{uid}")
        except Refused as refused:
            if refused.status != 404:
                raise

    def has_folder(self, uid: str) -> bool:
        return self._client.get(f"/api/folders/{uid}", absent=(403, 404)) is not None

    def make_folder(self, uid: str, title: str) -> None:
        try:
            self._client.send("POST", "/api/folders", {"uid": uid, "title": title})
        except NoAccess:
            if not self.has_folder(uid):
                raise
        except Conflict as conflict:
            if not self.has_folder(uid):  # before 11.3, another of the same title
                raise Refused(conflict.status, conflict.what, where=conflict.where, hint=_RENAME) from None
