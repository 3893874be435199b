"""Dashboards and folders as resources below `/apis`, in Grafana 12 and later.

https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/apis/ and the pages beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from platformctl.backends.grafana.http.client import Client, Conflict, Refused
from platformctl.backends.grafana.http.stored import Stored
from platformctl.errors import NoAccess
from platformctl.model import Json

DASHBOARDS: Final = "dashboard.grafana.app"
FOLDERS: Final = "folder.grafana.app"
KNOWN: Final = ("v1", "v1beta1")
"""Versions of both groups that are understood, the best first. Those from v2 on have another schema."""

_FOLDER: Final = "grafana.app/folder"
_MESSAGE: Final = "grafana.app/message"
_GRANT: Final = "grafana.app/grant-permissions"
"""With `default`, what is made without a parent gets the permissions that Grafana's own pages give it; without, only
administrators see it: https://github.com/grafana/grafana/blob/main/pkg/storage/unified/apistore/prepare.go"""
_LENIENT: Final = "?fieldValidation=Ignore"
"""As Grafana's editor saves: a panel's option that this server does not know is no reason to have no dashboard."""

_UNSEEN: Final = (403, 404, 500)
"""How Grafana says that a folder is not there; 500 to those who may not see all:
https://github.com/grafana/grafana/issues/109608"""


class Apis:
    """The resources of one organisation."""

    NAME: ClassVar = DASHBOARDS
    REWRITES: ClassVar = True

    def __init__(self, client: Client, namespace: str, dashboards: str, folders: str) -> None:
        """The last two are the groups' versions."""
        self._client = client
        self._namespace = namespace
        self._dashboards = f"{DASHBOARDS}/{dashboards}"
        self._folders = f"{FOLDERS}/{folders}"

    @classmethod
    def offered(cls, client: Client, namespace: str) -> Apis | None:
        """The best versions of both groups that this server offers, or None when it lacks one of them."""
        versions = [_best(client.get(f"/apis/{group}")) for group in (DASHBOARDS, FOLDERS)]
        return cls(client, namespace, *versions) if all(versions) else None

    def read(self, uid: str) -> Stored | None:
        found = self._client.get(self._dashboard(uid))
        if found is None:
            return None
        spec, metadata = found["spec"], found["metadata"]
        return Stored(
            dashboard={**{key: value for key, value in spec.items() if key not in ("id", "version")}, "uid": uid},
            folder=(metadata.get("annotations") or {}).get(_FOLDER, ""),
            version=int(metadata.get("generation", 0)),
            metadata=metadata,
        )

    def write(self, uid: str, dashboard: Mapping[str, Json], folder: str, seen: Stored | None, why: str) -> None:
        before: dict[str, Json] = dict(seen.metadata) if seen else {"name": uid, "namespace": self._namespace}
        before.pop("managedFields", None)
        annotations = {**(before.get("annotations") or {}), _FOLDER: folder, _MESSAGE: why}
        body = {
            "apiVersion": self._dashboards,
            "kind": "Dashboard",
            "metadata": {**before, "annotations": annotations},
            "spec": {key: value for key, value in dashboard.items() if key != "uid"},
        }
        if seen:
            self._client.send("PUT", f"{self._dashboard(uid)}{_LENIENT}", body)
        else:
            self._client.send("POST", f"{self._dashboard()}{_LENIENT}", body)

    def delete(self, uid: str, seen: Stored) -> None:
        shown = {key: seen.metadata[key] for key in ("uid", "resourceVersion") if key in seen.metadata}
        try:
            self._client.send("DELETE", self._dashboard(uid), {"preconditions": shown})
        except Refused as refused:
            if refused.status != 404:
                raise

    def has_folder(self, uid: str) -> bool:
        return self._client.get(f"{self._folder()}/{uid}", absent=_UNSEEN) is not None

    def make_folder(self, uid: str, title: str) -> None:
        body = {
            "apiVersion": self._folders,
            "kind": "Folder",
            "metadata": {"name": uid, "namespace": self._namespace, "annotations": {_GRANT: "default"}},
            "spec": {"title": title},
        }
        try:
            self._client.send("POST", self._folder(), body)
        except (Conflict, NoAccess):
            if not self.has_folder(uid):
                raise

    def _dashboard(self, uid: str = "") -> str:
        return f"/apis/{self._dashboards}/namespaces/{self._namespace}/dashboards{'/' if uid else ''}{uid}"

    def _folder(self) -> str:
        return f"/apis/{self._folders}/namespaces/{self._namespace}/folders"


def _best(group: Json) -> str:
    """The best known version in a group's description; empty when there is none."""
    offered = [version["version"] for version in group.get("versions", ())] if group else []
    return next((version for version in KNOWN if version in offered), "")
