"""GitHub's API as the parts of the forge use it: one requester a thread, one meter for all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from github import Auth

from platformctl.backends.forge.github.credential import Installation, credential
from platformctl.backends.forge.github.manners import Courteous, Meter, Refused
from platformctl.errors import NoAccess
from platformctl.port import Usage, Wait

PATIENCE: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between looks while what was just written is not to be seen yet."""


class Client:
    """Requests to one GitHub. Raises what `Courteous` raises."""

    def __init__(self, forge: Mapping[str, Any]) -> None:
        self._forge = forge
        self._here = threading.local()
        self._lock = threading.Lock()
        self._auth: Auth.Auth | None = None
        self.meter = Meter()
        self.wait: Wait = lambda _, seconds: time.sleep(seconds)
        self.permissions: Mapping[str, str] = {}
        """What an App's installation may do, once it has a token."""

    @property
    def api(self) -> str:
        """The API's address without a slash at the end."""
        return str(self._forge["api"]).rstrip("/")

    @property
    def enterprise_server(self) -> bool:
        """Whether it is not github.com: https://docs.github.com/en/enterprise-server@latest/rest/overview"""
        return self.api.endswith("/api/v3")

    @property
    def auth(self) -> Auth.Auth:
        """The credential. Raises `NoAccess`."""
        with self._lock:
            if self._auth is None:
                self._auth = credential(self._forge)
                if isinstance(self._auth, Installation):
                    self._auth.fetch = self._installation_token
            return self._auth

    @property
    def scopes(self) -> list[str] | None:
        """The scopes of a classic token, after the first answer; None for other credentials."""
        return self.meter.scopes

    @property
    def requester(self) -> Courteous:
        """PyGithub's requester of this thread, for its classes."""
        if not hasattr(self._here, "requester"):
            self._here.requester = self._made(self.auth)
        made: Courteous = self._here.requester
        return made

    def ask(self, verb: str, path: str, body: Any = None, parameters: dict[str, Any] | None = None) -> Any:
        """One request; gives the answer's JSON. Raises `Refused` for a status of 400 and more."""
        return self._sent(verb, path, body, parameters)[1]

    def find(self, path: str, parameters: dict[str, Any] | None = None) -> Any:
        """What there is, or None where GitHub finds nothing."""
        try:
            return self.ask("GET", path, parameters=parameters)
        except Refused as refused:
            if refused.status in (404, 409):
                return None
            raise

    def remove(self, path: str) -> None:
        """Delete something, or find it gone: the answer to an earlier try may have been lost."""
        try:
            self.ask("DELETE", path)
        except Refused as refused:
            gone = refused.status == 404 or (refused.status == 422 and "does not exist" in refused.message)
            if not gone:
                raise

    def pages(self, path: str, parameters: dict[str, Any] | None = None, within: str = "") -> Iterator[Any]:
        """Every item of a list, page by page; `within` is the field of an answer that has the list in it."""
        asked = {"per_page": 100, **(parameters or {})}
        page = 1
        while True:
            headers, data = self._sent("GET", path, None, {**asked, "page": page} if page > 1 else asked)
            yield from data[within] if within else data
            if 'rel="next"' not in headers.get("link", ""):
                return
            page += 1

    def settled(self, look: Callable[[], Any], right: Callable[[Any], bool]) -> Any:
        """What `look` gives once it is right, or at last: GitHub may show for a moment what was before a write."""
        seen = look()
        for pause in PATIENCE:
            if right(seen):
                break
            time.sleep(pause)
            seen = look()
        return seen

    def usage(self) -> Usage:
        """What was asked until now."""
        meter = self.meter
        return Usage("GitHub", meter.requests, meter.writes, meter.remaining, meter.waited)

    def _sent(
        self, verb: str, path: str, body: Any, parameters: dict[str, Any] | None
    ) -> tuple[Mapping[str, Any], Any]:
        try:
            headers, data = self.requester.requestJsonAndCheck(verb, path, parameters=parameters, input=body)
        except Refused as refused:
            raise Refused(
                refused.status, {"message": refused.message, "errors": refused.errors}, f"{verb} {path}"
            ) from None
        return headers, data

    def _made(self, auth: Auth.Auth) -> Courteous:
        made = Courteous(
            auth=auth,
            base_url=self.api,
            timeout=self._forge["timeout_seconds"],
            user_agent="platformctl",
            per_page=100,
            verify=True,
            retry=0,
            pool_size=None,
            api_version=None,
        )
        made.meter = self.meter
        made.wait = self.wait
        made.ceiling = self._forge["max_wait_seconds"]
        made.explain = self._missing
        return made

    def _missing(self, headers: Mapping[str, Any]) -> str:
        """Which permission a refused request needs, as far as GitHub says."""
        if wanted := headers.get("x-accepted-github-permissions"):
            return f"It needs the permission {wanted.replace('; ', ' or ').replace('=', ': ')}"
        has = self.scopes or []
        wanted = [scope.strip() for scope in headers.get("x-accepted-oauth-scopes", "").split(",") if scope.strip()]
        if self.scopes is not None and wanted and not set(wanted) & set(has):
            return f"It needs one of the scopes {', '.join(wanted)}; the token has {', '.join(has) or 'none'}"
        return ""

    def _installation_token(self) -> Mapping[str, Any]:
        auth = self._auth
        assert isinstance(auth, Installation)
        path = f"/app/installations/{auth.installation}/access_tokens"
        try:
            _, given = self._made(auth.app).requestJsonAndCheck("POST", path, input={})
        except Refused as refused:
            which = f"the App {auth.app.app_id} no token for installation {auth.installation}"
            raise NoAccess(
                f"GitHub gives {which}: {refused.message}",
                where=self.api,
                hint="See forge.app in platform.yaml",
            ) from None
        self.permissions = given.get("permissions", {})
        token: Mapping[str, Any] = given
        return token
