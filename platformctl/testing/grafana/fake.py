"""The fake Grafana, as tests use it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from platformctl.testing.grafana.access import ROLES, Token
from platformctl.testing.grafana.site import Site
from platformctl.testing.grafana.world import Folder, Release
from platformctl.testing.wire.fake import Fake
from platformctl.testing.wire.server import Server


class FakeGrafana(Fake):
    """One organisation's Grafana on the loopback interface, as a context manager.

    Of its faults, `rate_limit` and `secondary` are a 429 with Retry-After, and `stale` is none: it reads what it wrote.

    `version` decides which APIs there are and how strict they are: below 12 there is `/api` alone. `dashboards` and
    `folders` are the versions of both groups below `/apis`, where they are to be others. Port 0 is any free one.

    Raises ValueError for a version before 10.
    """

    def __init__(
        self,
        version: str = "13.1.0",
        *,
        dashboards: tuple[str, ...] | None = None,
        folders: tuple[str, ...] | None = None,
        port: int = 0,
    ) -> None:
        release = Release.of(version)
        release.dashboards = release.dashboards if dashboards is None else dashboards
        release.folders = release.folders if folders is None else folders
        self._site = Site(release)
        super().__init__(Server(port, "Grafana"), self._site)

    @property
    def url(self) -> str:
        """Its address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def version(self) -> str:
        """The version that it is like."""
        return self._site.world.release.version

    def token(self, text: str, role: str = "admin", organisation: int = 1) -> str:
        """Let a service account's token be known."""
        if role not in ROLES:
            raise ValueError(f"role is {', '.join(ROLES)}, and not {role!r}")
        self._site.tokens[text] = Token(role, organisation)
        return text

    def folder(self, uid: str, title: str, permissions: Mapping[str, str] | None = None) -> None:
        """Make a folder; permissions are `view` or `edit` by role, Grafana's defaults when none are given."""
        given = {"editor": "edit", "viewer": "view"} if permissions is None else dict(permissions)
        with self._site.lock:
            self._site.world.folders[uid] = Folder(uid, title, given, next(self._site.world.ids))

    def save(self, uid: str, spec: Mapping[str, Any], folder: str = "", *, provisioned: bool = False) -> None:
        """Save a dashboard as somebody does in the editor, or as a provisioning file brings it."""
        with self._site.lock:
            saved = self._site.world.save(uid, dict(spec), folder, "")
            saved.provisioned = provisioned or saved.provisioned

    def spec(self, uid: str) -> dict[str, Any]:
        """A dashboard as it is stored. Raises KeyError when there is none."""
        with self._site.lock:
            return copy.deepcopy(self._site.world.dashboards[uid].spec)

    def delete(self, uid: str) -> None:
        """Delete a dashboard as somebody does in the editor."""
        with self._site.lock:
            del self._site.world.dashboards[uid]

    def state(self) -> dict[str, Any]:
        """Everything there is, as JSON and without times and numbers, so that two worlds can be compared."""
        with self._site.lock:
            world = self._site.world
            return {
                "folders": {uid: [folder.title, folder.permissions] for uid, folder in sorted(world.folders.items())},
                "dashboards": {
                    uid: [found.folder, copy.deepcopy(found.spec)] for uid, found in sorted(world.dashboards.items())
                },
            }
