"""What there is in one organisation, and the rules that both APIs share."""

from __future__ import annotations

import copy
import itertools
import re
import time
from dataclasses import dataclass
from typing import Any, Final

UID_LIMIT: Final = 40
"""https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/dashboard/"""
_UID: Final = re.compile(r"[A-Za-z0-9_-]+")
_TITLE_LIMIT: Final = 5000
_MESSAGE_LIMIT: Final = 500
_OLDEST_SCHEMA: Final = 13
"""https://github.com/grafana/grafana/blob/main/apps/dashboard/pkg/migration/schemaversion/migrations.go"""


@dataclass
class Folder:
    """A folder. `permissions` are `view` or `edit` by role; administrators need none."""

    uid: str
    title: str
    permissions: dict[str, str]
    id: int
    version: int = 1


@dataclass
class Dashboard:
    """A dashboard; `spec` has neither uid nor version in it."""

    uid: str
    spec: dict[str, Any]
    folder: str
    id: int
    version: int
    resource_version: str
    message: str = ""
    provisioned: bool = False


@dataclass
class Release:
    """What a version of Grafana is like."""

    version: str
    dashboards: tuple[str, ...]
    """The versions of `dashboard.grafana.app`."""
    folders: tuple[str, ...]
    schema: int
    """The newest schema of dashboards."""

    @property
    def unique_titles(self) -> bool:
        """Until 11.3 titles were unique in a folder: https://github.com/grafana/grafana/pull/90687."""
        return tuple(int(part) for part in self.version.split(".")[:2]) < (11, 3)

    @classmethod
    def of(cls, version: str) -> Release:
        """As the documentation of that version has it. Raises ValueError for one before 10."""
        major = int(version.partition(".")[0]) if re.fullmatch(r"\d+\.\d+\.\d+", version) else 0
        if major < 10:
            raise ValueError(f"{version!r} is no version of Grafana from 10.0.0 on")
        if major >= 13:
            return cls(version, ("v2", "v2beta1", "v1", "v1beta1", "v0alpha1"), ("v1", "v1beta1"), 42)
        if major == 12:
            return cls(version, ("v1beta1", "v0alpha1", "v2alpha1"), ("v1beta1",), 41)
        return cls(version, (), (), 39)


class World:
    """Folders and dashboards by uid."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.folders: dict[str, Folder] = {}
        self.dashboards: dict[str, Dashboard] = {}
        self.ids = itertools.count(1)
        self._moments = itertools.count(time.time_ns() // 1000)

    def checked(self, uid: str, title: Any, message: str = "") -> str:
        """What is wrong with a dashboard's basics, or empty.

        https://github.com/grafana/grafana/blob/main/pkg/services/dashboards/errors.go
        """
        if not isinstance(title, str) or not title.strip():
            return "Dashboard title cannot be empty"
        if len(title) > _TITLE_LIMIT:
            return "Dashboard title cannot contain more than 5 000 characters"
        if len(message) > _MESSAGE_LIMIT:
            return "message too long, max 500 characters"
        return checked_uid(uid)

    def moment(self) -> str:
        """A new resourceVersion."""
        return str(next(self._moments))

    def save(self, uid: str, spec: dict[str, Any], folder: str, message: str) -> Dashboard:
        """Create or replace a dashboard. The version is 1 at first, and one more for a change of content or folder.

        https://github.com/grafana/grafana/blob/main/pkg/storage/unified/apistore/prepare.go
        """
        before = self.dashboards.get(uid)
        spec = copy.deepcopy({key: value for key, value in spec.items() if key not in ("id", "uid", "version")})
        changed = before is None or (before.spec, before.folder) != (spec, folder)
        made = Dashboard(
            uid,
            spec,
            folder,
            before.id if before else next(self.ids),
            (before.version if before else 0) + changed,
            self.moment(),
            message,
            bool(before and before.provisioned),
        )
        self.dashboards[uid] = made
        return made

    def migrated(self, spec: dict[str, Any]) -> dict[str, Any]:
        """The same in the newest schema. What else real migrations change in panels is left as it is.

        https://github.com/grafana/grafana/blob/main/apps/dashboard/pkg/migration/migrate.go
        """
        schema = spec.get("schemaVersion")
        if not isinstance(schema, int) or schema < _OLDEST_SCHEMA:
            return {**spec, "schemaVersion": 0}
        return {**spec, "schemaVersion": max(schema, self.release.schema)}

    def delete_folder(self, uid: str) -> None:
        """With everything in it:
        https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/folder/#delete-folder."""
        del self.folders[uid]
        for name in [name for name, dashboard in self.dashboards.items() if dashboard.folder == uid]:
            del self.dashboards[name]


def checked_uid(uid: str) -> str:
    """What is wrong with a uid, or empty."""
    if len(uid) > UID_LIMIT:
        return "uid too long, max 40 characters"
    return "" if _UID.fullmatch(uid) else "uid contains illegal characters"
