"""The API below `/api`.

https://grafana.com/docs/grafana/v11.6/developers/http_api/dashboard/ and `folder/` beside it, and where the
documentation is silent, the server's own source.
"""

from __future__ import annotations

import json
from typing import Any, Final

from platformctl.testing.grafana.access import Token, allowed, everywhere, granted
from platformctl.testing.grafana.errors import Refused, denied, said
from platformctl.testing.grafana.world import Dashboard, Folder, World, checked_uid
from platformctl.testing.wire.exchange import Request

_DASHBOARD: Final = "/api/dashboards/uid/"
_FOLDER: Final = "/api/folders/"
_DEFAULT: Final = {"editor": "edit", "viewer": "view"}
"""https://grafana.com/docs/grafana/latest/administration/roles-and-permissions/#dashboard-permissions"""


def answer(world: World, token: Token, request: Request) -> Any:
    """The body of a 200. Raises `Refused`."""
    method, path = request.method, request.path
    if (method, path) == ("GET", "/api/access-control/user/permissions"):
        # https://github.com/grafana/grafana/blob/main/pkg/services/accesscontrol/api/api.go
        return granted(world, token)
    if (method, path) == ("POST", "/api/dashboards/db"):
        return _save(world, token, _body(request))
    if (method, path) == ("POST", "/api/folders"):
        return _make_folder(world, token, _body(request))
    if path.startswith(_DASHBOARD) and method in ("GET", "DELETE"):
        return _dashboard(world, token, method, path.removeprefix(_DASHBOARD))
    if path.startswith(_FOLDER) and method in ("GET", "DELETE"):
        return _folder(world, token, method, path.removeprefix(_FOLDER))
    raise said(404, "Not found")


def _body(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(request.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise said(400, "bad request data")
    return found


def _save(world: World, token: Token, body: dict[str, Any]) -> Any:
    given = body.get("dashboard")
    if not isinstance(given, dict):
        raise said(400, "bad request data")
    uid, folder = str(given.get("uid") or ""), str(body.get("folderUid") or "")
    before = world.dashboards.get(uid)
    if problem := world.checked(uid, given.get("title"), str(body.get("message") or "")):
        raise said(400, problem, "empty-name" if "empty" in problem else "")
    if before and before.provisioned:
        raise said(400, "Cannot save provisioned dashboard")
    if folder and folder not in world.folders:
        # A 400, and not a 404: https://github.com/grafana/grafana/blob/main/pkg/api/apierrors/dashboard.go
        raise said(400, "folder not found")
    if before and not allowed(world, token, "dashboards:write", before.folder):
        raise denied("dashboards:write")
    if (before is None or before.folder != folder) and not allowed(world, token, "dashboards:create", folder):
        raise denied("dashboards:create")
    if not body.get("overwrite"):
        if before and given.get("version") != before.version:
            raise said(412, "The dashboard has been changed by someone else", "version-mismatch")
        if world.release.unique_titles and _named(world, uid, folder, given["title"]):
            raise said(412, "A dashboard with the same name in the folder already exists", "name-exists")
    saved = world.save(uid, given, folder, str(body.get("message") or ""))
    if before and saved.version == before.version:
        saved.version += 1  # each save counts here, whether it changes anything or not
    return {
        "id": saved.id,
        "uid": uid,
        "url": f"/d/{uid}",
        "status": "success",
        "version": saved.version,
        "slug": "",
        "folderUid": folder,
    }


def _named(world: World, uid: str, folder: str, title: str) -> Dashboard | None:
    others = (other for other in world.dashboards.values() if other.uid != uid and other.folder == folder)
    return next((other for other in others if other.spec["title"] == title), None)


def _dashboard(world: World, token: Token, method: str, uid: str) -> Any:
    action = "dashboards:read" if method == "GET" else "dashboards:delete"
    found = world.dashboards.get(uid)
    if found is None:
        # Who may not do it everywhere is not told that there is nothing:
        # https://github.com/grafana/grafana/blob/main/pkg/services/accesscontrol/acimpl/accesscontrol.go
        raise said(404, "Dashboard not found") if everywhere(world, token, action) else denied(action)
    if not allowed(world, token, action, found.folder):
        raise denied(action)
    if method == "GET":
        return {
            "dashboard": {**found.spec, "id": found.id, "uid": uid, "version": found.version},
            "meta": {"folderUid": found.folder, "version": found.version, "provisioned": found.provisioned},
        }
    if found.provisioned:
        raise said(400, "provisioned dashboard cannot be deleted")
    del world.dashboards[uid]
    title = found.spec["title"]
    return {"title": title, "message": f"Dashboard {title} deleted", "uid": uid}


def _make_folder(world: World, token: Token, body: dict[str, Any]) -> Any:
    uid, title = str(body.get("uid") or ""), str(body.get("title") or "").strip()
    if not granted(world, token).get("folders:create"):
        raise denied("folders:create")
    if not title:
        raise said(400, "folder title cannot be empty")
    if problem := checked_uid(uid):
        raise said(400, problem)
    if uid in world.folders or uid in world.dashboards:
        # The documentation says 412, the source 409:
        # https://github.com/grafana/grafana/blob/main/pkg/api/apierrors/folder.go
        raise said(409, "a folder/dashboard with the same uid already exists")
    if world.release.unique_titles and title in {other.title for other in world.folders.values()}:
        raise said(409, "a folder or dashboard in the general folder with the same name already exists")
    world.folders[uid] = Folder(uid, title, dict(_DEFAULT), next(world.ids))
    return _shown(world.folders[uid])


def _folder(world: World, token: Token, method: str, uid: str) -> Any:
    action = "folders:read" if method == "GET" else "folders:delete"
    found = world.folders.get(uid)
    if found is None:
        raise (
            Refused(404, {"message": "folder not found", "status": "not-found"})
            if everywhere(world, token, action)
            else denied(action)
        )
    if not allowed(world, token, action, uid):
        raise denied(action)
    if method == "DELETE":
        world.delete_folder(uid)
        return {"message": "Folder deleted", "id": found.id}
    return _shown(found)


def _shown(folder: Folder) -> dict[str, Any]:
    return {"id": folder.id, "uid": folder.uid, "title": folder.title, "version": folder.version}
