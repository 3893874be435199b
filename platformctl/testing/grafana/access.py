"""What a token may do: the permissions of its role, and those that folders give to roles.

Actions and scopes: https://grafana.com/docs/grafana/latest/administration/roles-and-permissions/access-control/custom-role-actions-scopes/.
Basic roles: https://grafana.com/docs/grafana/latest/administration/roles-and-permissions/access-control/rbac-fixed-basic-role-definitions/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from platformctl.testing.grafana.world import World

ROLES: Final = ("admin", "editor", "viewer")
GENERAL: Final = "general"
"""The root, as scopes name it."""

_DASHBOARDS: Final = ("dashboards:read", "dashboards:create", "dashboards:write", "dashboards:delete")
_FOLDERS: Final = ("folders:read", "folders:write", "folders:delete")
_TO_VIEW: Final = ("dashboards:read", "folders:read")


@dataclass(frozen=True)
class Token:
    """A service account's token, in one organisation."""

    role: str
    organisation: int = 1


def granted(world: World, token: Token) -> dict[str, list[str]]:
    """The scopes of each action, as `/api/access-control/user/permissions` says them."""
    if token.role == "admin":
        scopes = {action: ["dashboards:*", "folders:*"] for action in _DASHBOARDS}
        return {**scopes, **{action: ["folders:*"] for action in (*_FOLDERS, "folders:create")}}
    found: dict[str, list[str]] = {}
    if token.role == "editor":
        found = {"folders:create": [f"folders:uid:{GENERAL}"], "dashboards:create": [f"folders:uid:{GENERAL}"]}
    for folder in world.folders.values():
        level = folder.permissions.get(token.role)
        for action in {"edit": (*_DASHBOARDS, *_FOLDERS), "view": _TO_VIEW}.get(level or "", ()):
            found.setdefault(action, []).append(f"folders:uid:{folder.uid}")
    return found


def everywhere(world: World, token: Token, action: str) -> bool:
    """Whether an action is allowed whatever it is done to, even to what is not there."""
    return bool({"dashboards:*", "folders:*"} & set(granted(world, token).get(action, ())))


def allowed(world: World, token: Token, action: str, folder: str) -> bool:
    """Whether an action is allowed in a folder; empty is the root."""
    scope = f"folders:uid:{folder or GENERAL}"
    return everywhere(world, token, action) or scope in granted(world, token).get(action, ())
