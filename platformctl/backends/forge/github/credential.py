"""With what platformctl identifies itself to GitHub: a token by reference, that of the gh CLI, or a GitHub App."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import jwt
from github import Auth

from platformctl.backends import process
from platformctl.backends.forge.github.address import web_host
from platformctl.errors import NoAccess

_EARLY: Final = 300.0
"""Seconds before its end at which an App's token is renewed; it lives an hour."""
_GH: Final = 10.0
"""Seconds that `gh auth token` may take."""


def credential(forge: Mapping[str, Any]) -> Auth.Auth:
    """What `forge.credential` refers to, found now and kept in memory only.

    Raises `NoAccess` that says what is missing and where it comes from.
    """
    named: str = forge["credential"]
    if named == "app":
        return _app(forge.get("app") or {})
    if named == "gh":
        return Auth.Token(_of_gh(forge["api"]))
    if named == "any":
        for name in ("GITHUB_TOKEN", "GH_TOKEN"):
            if found := os.environ.get(name, "").strip():
                return Auth.Token(found)
        return Auth.Token(_of_gh(forge["api"], "Set GITHUB_TOKEN, or log in with: gh auth login"))
    return Auth.Token(resolved(named))


def resolved(reference: str) -> str:
    """What `env:NAME` or `file:PATH` refers to. Raises `NoAccess`."""
    kind, _, name = reference.partition(":")
    if kind == "file":
        try:
            content = Path(name).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as problem:
            why = getattr(problem, "strerror", None) or "cannot be read as text"
            raise NoAccess(why, where=name, hint="platform.yaml refers to it") from None
        if not content:
            raise NoAccess("it is empty", where=name, hint="platform.yaml refers to it")
        return content
    found = os.environ.get(name, "").strip()
    if not found:
        raise NoAccess(f"{name} is not set", hint=f"platform.yaml takes a secret from it: export {name}=…")
    return found


def _of_gh(api: str, hint: str = "Log in with: gh auth login") -> str:
    host = web_host(api).partition(":")[0]
    try:
        program = process.find("gh")
        done = subprocess.run(
            [program, "auth", "token", "--hostname", host], capture_output=True, text=True, timeout=_GH, check=False
        )
    except (NoAccess, subprocess.TimeoutExpired):
        raise NoAccess("there is no credential for GitHub", where=api, hint=hint) from None
    if done.returncode or not done.stdout.strip():
        raise NoAccess(f"the gh CLI has no token for {host}", where=api, hint=hint)
    return done.stdout.strip()


def _app(settings: Mapping[str, Any]) -> Auth.Auth:
    key = resolved(settings["private_key"])
    try:
        app = Auth.AppAuth(settings["id"], key)
        app.create_jwt()
    except (ValueError, TypeError, jwt.PyJWTError):
        raise NoAccess(
            "the App's private key cannot be used",
            where=settings["private_key"],
            hint="forge.app.private_key in platform.yaml refers to a PEM file",
        ) from None
    return Installation(app, settings["installation"])


class Installation(Auth.Auth):
    """An App in one organisation: tokens of an hour, renewed before they end however long a run takes."""

    def __init__(self, app: Auth.AppAuth, installation: int) -> None:
        super().__init__()
        self.app = app
        self.installation = installation
        self.fetch: Callable[[], Mapping[str, Any]] | None = None
        """Asks GitHub for a token: set by who knows how to ask."""
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        with self._lock:
            if time.time() > self._ends - _EARLY:
                assert self.fetch is not None
                given = self.fetch()
                self._token = given["token"]
                self._ends = datetime.fromisoformat(given["expires_at"]).timestamp()
            return self._token
