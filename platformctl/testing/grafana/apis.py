"""The API below `/apis`: dashboards and folders as resources.

https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/apis/, `dashboard/` and `folder/`
beside it, the conventions of Kubernetes where those pages follow them, and the server's own source. Annotations of
one's own are ignored, as those pages say of some instances.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from platformctl.testing.grafana.access import Token, allowed, everywhere, granted
from platformctl.testing.grafana.errors import failed
from platformctl.testing.grafana.world import Dashboard, Folder, World, checked_uid
from platformctl.testing.wire.exchange import Request

_PATH: Final = re.compile(
    r"/apis/(?P<group>[a-z.]+)(/(?P<version>v[0-9a-z]+)/namespaces/(?P<namespace>[^/]+)/(?P<rest>.+))?"
)
_FOLDER: Final = "grafana.app/folder"
_MESSAGE: Final = "grafana.app/message"
_GRANT: Final = "grafana.app/grant-permissions"
_DEFAULT: Final = {"editor": "edit", "viewer": "view"}


class Resources:
    """One organisation's resources as one request meets them."""

    def __init__(self, world: World, token: Token, request: Request) -> None:
        self._world = world
        self._token = token
        self._request = request
        self._version = ""

    def answer(self) -> tuple[int, Any]:
        """Status and body. Raises `Refused`."""
        found = _PATH.fullmatch(self._request.path)
        groups = {
            "dashboard.grafana.app": ("dashboards", self._world.release.dashboards),
            "folder.grafana.app": ("folders", self._world.release.folders),
        }
        if found is None or not groups.get(found["group"], ("", ()))[1]:
            raise failed(404, "the server could not find the requested resource")
        plural, versions = groups[found["group"]]
        if found["version"] is None:
            return 200, _described(found["group"], versions)
        kind, _, name = found["rest"].partition("/")
        if found["version"] not in versions or kind != plural:
            raise failed(404, "the server could not find the requested resource")
        # https://github.com/grafana/grafana/blob/main/pkg/services/apiserver/auth/authorizer/namespace.go
        number = self._token.organisation
        if found["namespace"] != ("default" if number == 1 else f"org-{number}"):
            raise failed(403, f"{plural}.{found['group']} is forbidden: invalid org")
        self._version = f"{found['group']}/{found['version']}"
        if plural == "folders":
            return self._folders(name)
        return self._dashboards(name)

    def _dashboards(self, name: str) -> tuple[int, Any]:
        method, world = self._request.method, self._world
        if method == "POST" and not name:
            return 201, self._create(self._body())
        found = world.dashboards.get(name)
        if found is None:
            raise failed(404, f'dashboards.dashboard.grafana.app "{name}" not found')
        if method == "GET":
            self._insist("dashboards:read", found.folder)
            return 200, self._shown(found)
        if method == "PUT":
            return 200, self._update(found, self._body())
        if method == "DELETE":
            return 200, self._delete(found)
        raise failed(405, "method not allowed")

    def _create(self, body: dict[str, Any]) -> Any:
        metadata, folder = body["metadata"], _folder_of(body)
        uid = str(metadata.get("name") or "")
        self._insist("dashboards:create", folder)
        self._validated(uid, body, folder)
        if metadata.get("resourceVersion"):
            raise failed(400, "resourceVersion should not be set on objects to be created")
        if uid in self._world.dashboards:
            raise failed(409, f'dashboards.dashboard.grafana.app "{uid}" already exists', "AlreadyExists")
        return self._shown(self._saved(uid, body, folder))

    def _update(self, found: Dashboard, body: dict[str, Any]) -> Any:
        folder = _folder_of(body)
        self._insist("dashboards:write", found.folder)
        if folder != found.folder:
            self._insist("dashboards:create", folder)
        self._validated(found.uid, body, folder)
        shown = body["metadata"].get("resourceVersion")
        # Without one it is an overwrite, as everywhere in Kubernetes:
        # https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#concurrency-control-and-consistency
        if shown and shown != found.resource_version:
            raise self._lost(found)
        return self._shown(self._saved(found.uid, body, folder))

    def _delete(self, found: Dashboard) -> Any:
        self._insist("dashboards:delete", found.folder)
        if found.provisioned:
            # https://github.com/grafana/grafana/blob/main/pkg/registry/apis/dashboard/register.go
            raise failed(400, "provisioned dashboard cannot be deleted")
        conditions = (json.loads(self._request.body or b"{}") or {}).get("preconditions") or {}
        # https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/
        if conditions.get("resourceVersion", found.resource_version) != found.resource_version:
            raise self._lost(found)
        if conditions.get("uid", _identity(found)) != _identity(found):
            raise self._lost(found)
        del self._world.dashboards[found.uid]
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}

    def _saved(self, uid: str, body: dict[str, Any], folder: str) -> Dashboard:
        annotations = body["metadata"].get("annotations") or {}
        spec = self._world.migrated(body["spec"]) if self._version.partition("/")[2][:2] == "v1" else body["spec"]
        return self._world.save(uid, spec, folder, str(annotations.get(_MESSAGE) or ""))

    def _validated(self, uid: str, body: dict[str, Any], folder: str) -> None:
        message = str((body["metadata"].get("annotations") or {}).get(_MESSAGE) or "")
        if problem := self._world.checked(uid, body["spec"].get("title"), message):
            raise failed(400, problem)
        if folder and folder not in self._world.folders:
            # https://github.com/grafana/grafana/blob/main/pkg/tests/apis/dashboard/integration/api_validation_test.go
            raise failed(404, f'folders.folder.grafana.app "{folder}" not found')
        strict = self._request.query.get("fieldValidation", "Strict") == "Strict"
        if strict and self._world.migrated(body["spec"])["schemaVersion"] < self._world.release.schema:
            # https://github.com/grafana/grafana/blob/main/pkg/registry/apis/dashboard/mutate.go
            raise failed(422, f'Dashboard "{uid}" is invalid: spec: dashboard schema version is too old', "Invalid")

    def _shown(self, found: Dashboard) -> Any:
        return {
            "kind": "Dashboard",
            "apiVersion": self._version,
            "metadata": {
                "name": found.uid,
                "namespace": self._request.path.split("/")[5],
                "uid": _identity(found),
                "resourceVersion": found.resource_version,
                "generation": found.version,
                "labels": {"grafana.app/deprecatedInternalID": str(found.id)},
                "annotations": {_FOLDER: found.folder} if found.folder else {},
            },
            "spec": found.spec,
            "status": {},
        }

    def _folders(self, name: str) -> tuple[int, Any]:
        method, world = self._request.method, self._world
        if method == "POST" and not name:
            return 201, self._make_folder(self._body())
        found = world.folders.get(name)
        if found is None:
            # 500 for those who may not see all folders: https://github.com/grafana/grafana/issues/109608
            if not everywhere(world, self._token, "folders:read"):
                raise failed(500, f"could not resolve folders:uid:{name}: folder not found")
            raise failed(404, "folder not found")
        if method == "GET":
            self._insist("folders:read", name)
            return 200, self._shown_folder(found)
        if method == "DELETE":
            self._insist("folders:delete", name)
            world.delete_folder(name)
            return 200, self._shown_folder(found)
        raise failed(405, "method not allowed")

    def _make_folder(self, body: dict[str, Any]) -> Any:
        uid, title = str(body["metadata"].get("name") or ""), str(body["spec"].get("title") or "").strip()
        if not granted(self._world, self._token).get("folders:create"):
            raise failed(403, "folders.folder.grafana.app is forbidden: not enough permissions to create a folder")
        if problem := checked_uid(uid) or ("" if title else "folder title cannot be empty"):
            # https://github.com/grafana/grafana/blob/main/pkg/registry/apis/folders/validate.go
            raise failed(400, problem)
        if uid in self._world.folders:
            raise failed(409, f'folders.folder.grafana.app "{uid}" already exists', "AlreadyExists")
        # Without the annotation only administrators see it:
        # https://github.com/grafana/grafana/blob/main/pkg/storage/unified/apistore/prepare.go
        asked = (body["metadata"].get("annotations") or {}).get(_GRANT)
        permissions = dict(_DEFAULT) if asked == "default" else {}
        self._world.folders[uid] = Folder(uid, title, permissions, next(self._world.ids))
        return self._shown_folder(self._world.folders[uid])

    def _shown_folder(self, found: Folder) -> Any:
        metadata = {"name": found.uid, "generation": found.version, "resourceVersion": str(found.id)}
        return {
            "kind": "Folder",
            "apiVersion": self._version,
            "metadata": metadata,
            "spec": {"title": found.title},
        }

    def _insist(self, action: str, folder: str) -> None:
        if not allowed(self._world, self._token, action, folder):
            raise failed(403, f"dashboards.dashboard.grafana.app is forbidden: {action} is needed")

    def _body(self) -> dict[str, Any]:
        try:
            found = json.loads(self._request.body)
        except ValueError:
            found = None
        if not isinstance(found, dict) or not all(isinstance(found.get(key), dict) for key in ("metadata", "spec")):
            raise failed(400, "the body of the request was in an unknown format")
        return found

    def _lost(self, found: Dashboard) -> Exception:
        what = f'Operation cannot be fulfilled on dashboards.dashboard.grafana.app "{found.uid}"'
        return failed(409, f"{what}: the object has been modified; please apply your changes to the latest version")


def _described(group: str, versions: tuple[str, ...]) -> Any:
    """https://kubernetes.io/docs/reference/using-api/api-concepts/#discovery-api"""
    offered = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"kind": "APIGroup", "apiVersion": "v1", "name": group, "versions": offered, "preferredVersion": offered[0]}


def _folder_of(body: dict[str, Any]) -> str:
    return str((body["metadata"].get("annotations") or {}).get(_FOLDER) or "")


def _identity(found: Dashboard) -> str:
    """`metadata.uid`, which a dashboard that is made again under the same name does not share."""
    return f"00000000-0000-4000-8000-{found.id:012d}"
