"""A repository's settings in the port's words and in GitHub's."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from platformctl.model import Json, Owner

_MERGES: Final = {"merge": "allow_merge_commit", "rebase": "allow_rebase_merge", "squash": "allow_squash_merge"}
_PREFERRED: Final = ("squash", "merge", "rebase")
"""How a pull request is merged, where there is a choice: by one commit."""
_OR: Final = " or "
"""Between the ways of merging, where there are several."""
_PERMISSIONS: Final = {"read": "pull", "write": "push", "maintain": "maintain", "admin": "admin"}
_MARK: Final = re.compile(r"#platformctl:([a-z0-9-]+)/([A-Za-z0-9-]+)$")


def mark(page: str, owner: Owner) -> str:
    """A repository's home page with whose it is: the one field that a create request takes and everybody may read."""
    return f"{unmarked(page)}#platformctl:{owner.service}/{owner.run}"


def unmarked(page: str) -> str:
    """A home page without such a mark."""
    return _MARK.sub("", page)


def owner_of(data: Mapping[str, Any]) -> Owner:
    """Whose a repository is: by its mark; where somebody put a home page in its place, by the golden path's topic."""
    if found := _MARK.search(data.get("homepage") or ""):
        return Owner(found[1], found[2])
    ours = any(topic.startswith("golden-path-") for topic in data.get("topics") or ())
    return Owner(str(data["name"]) if ours else "", "")


def settings_of(data: Mapping[str, Any], teams: Iterable[Mapping[str, Any]]) -> dict[str, Json]:
    """GitHub's answer about a repository and its teams, as settings."""
    allowed = [merge for merge in _MERGES if merge in merges(data)]
    names = {theirs: ours for ours, theirs in _PERMISSIONS.items()}
    settings: dict[str, Json] = {
        "description": data.get("description") or "",
        "topics": sorted(data.get("topics") or ()),
        "visibility": data.get("visibility") or ("private" if data.get("private") else "public"),
        "default_branch": data.get("default_branch") or "",
        "archived": bool(data.get("archived")),
        "merge": allowed[0] if len(allowed) == 1 else _OR.join(allowed),
        "teams": {team["slug"]: names.get(team["permission"], team["permission"]) for team in teams},
        "properties": dict(data.get("custom_properties") or {}),
    }
    analysis = data.get("security_and_analysis") or {}
    if "dependabot_security_updates" in analysis:
        settings["security_updates"] = analysis["dependabot_security_updates"]["status"] == "enabled"
    return settings


def merges(data: Mapping[str, Any]) -> list[str]:
    """The ways in which a repository's pull requests are merged, the best first."""
    return [merge for merge in _PREFERRED if data.get(_MERGES[merge])]


def body(settings: Mapping[str, Json]) -> dict[str, Json]:
    """What GitHub takes of the settings in one request about the repository itself."""
    merges = settings.get("merge", "squash").split(_OR)
    return {
        "description": settings.get("description", ""),
        "visibility": settings.get("visibility", "private"),
        "delete_branch_on_merge": True,
        **{flag: name in merges for name, flag in _MERGES.items()},
    }


def permission(ours: str) -> str:
    """A permission in GitHub's word."""
    return _PERMISSIONS[ours]


def digest(value: Json) -> str:
    """A revision made from a value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
