"""What the platform needs of a Grafana, each thing looked at by itself.

A token needs its permissions for all dashboards and folders, and not for single ones: of what is not there yet Grafana
tells others no more than that they may not see it
(https://github.com/grafana/grafana/blob/main/pkg/services/accesscontrol/acimpl/accesscontrol.go).
"""

from __future__ import annotations

from typing import Final

from platformctl.backends.grafana.http.client import Client
from platformctl.backends.grafana.http.stored import Api
from platformctl.errors import Failure
from platformctl.port import Need

PERMISSIONS: Final = {
    "dashboards:read": "see dashboards",
    "dashboards:create": "make them",
    "dashboards:write": "change them",
    "dashboards:delete": "take them back",
    "folders:read": "see teams' folders",
    "folders:create": "make them",
}
"""What a token needs, and what for:
https://grafana.com/docs/grafana/latest/administration/roles-and-permissions/access-control/custom-role-actions-scopes/"""

_ALL: Final = frozenset({"*", "dashboards:*", "dashboards:uid:*", "folders:*", "folders:uid:*"})
_TOP: Final = frozenset({"", "folders:uid:general"})
"""Scopes of `folders:create` for folders that are in no other: Grafana 10 has none, later ones name the root."""


def needs(client: Client, api: Api) -> list[Need]:
    """Everything, up to the first thing without which nothing more can be found out."""
    version = (client.get("/api/health") or {}).get("version") or "of an unknown version"
    found = [Need(f"Grafana {version} at {client.url}, through {api.NAME}")]
    granted = client.get("/api/access-control/user/permissions")
    if granted is None:
        found.append(Need("a token; Grafana does not say what it may do until it is tried"))
    for action, why in PERMISSIONS.items() if granted is not None else ():
        scopes = set(granted.get(action) or ())
        enough = scopes & _ALL or (action == "folders:create" and scopes & _TOP)
        problem = "" if enough else f"only for {', '.join(sorted(scopes))}" if scopes else "it is missing"
        found.append(Need(f"permission {action} ({why})", problem, "Give the service account the role Admin"))
    what = "dashboards of the token's organisation"
    try:
        api.read("platformctl")
        found.append(Need(what))
    except Failure as failure:
        found.append(Need(what, failure.what, "See grafana.namespace and grafana.token"))
    return found
