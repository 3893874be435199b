"""Who is calling: tokens of four kinds, and the answers to those that do not count."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from platformctl.testing.github.errors import Refused

LIFETIME: Final = 3600.0
"""Seconds that an installation's token lives.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
"""

_JWT_LIMIT: Final = 600
"""Seconds that a JWT may live.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
"""


@dataclass(frozen=True)
class App:
    """A GitHub App with its one installation, on the organisation."""

    id: int
    public_key: str
    installation: int
    permissions: Mapping[str, str]
    lifetime: float = LIFETIME
    slug: str = "platform"

    @property
    def client_id(self) -> str:
        """What may stand in a JWT instead of the number."""
        return f"Iv1.{self.id:016x}"


@dataclass(frozen=True)
class Token:
    """A credential. A classic one has scopes, all others have permissions."""

    kind: str
    """`classic`, `fine_grained`, `installation`, `jwt` or `none`."""
    login: str = ""
    scopes: tuple[str, ...] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    repositories: tuple[str, ...] = ()
    """Names in lower case; without any, all."""
    expired: bool = False
    sso: bool = False
    """Whether it still waits to be authorised for single sign-on."""
    expires: datetime | None = None
    app: App | None = None

    @property
    def account(self) -> str:
        """Whom a rate limit is counted for."""
        return f"installation {self.app.installation}" if self.app else self.login


NOBODY: Final = Token("none")


class Keyring:
    """All tokens and apps."""

    def __init__(self) -> None:
        self.tokens: dict[str, Token] = {}
        self.apps: dict[int, App] = {}

    def authenticate(self, header: str, now: datetime) -> Token:
        """The credential of an Authorization header.

        https://docs.github.com/rest/authentication/authenticating-to-the-rest-api: a wrong one is a 401 everywhere,
        also where none is needed. The message is in PyGithub's ReplayData/SpecificExceptions.testBadCredentials.txt.
        """
        scheme, _, value = header.partition(" ")
        if not header:
            return NOBODY
        if scheme.lower() == "basic":
            try:
                value = base64.b64decode(value).decode().partition(":")[2]
            except ValueError:
                raise bad_credentials() from None
        if value.count(".") == 2:
            return self._app_of(value)
        token = self.tokens.get(value)
        if token is None or token.expired or (token.expires and token.expires <= now):
            raise bad_credentials()
        return token

    def _app_of(self, value: str) -> Token:
        """Recorded in https://github.com/backstage/backstage/issues/12887, https://github.com/sigmavirus24/github3.py/issues/1050
        and https://github.com/octokit/auth-app.js/issues/698.
        """
        import jwt

        try:
            issuer = str(jwt.decode(value, options={"verify_signature": False})["iss"])
            app = next(app for app in self.apps.values() if issuer in (str(app.id), app.client_id))
            # An `exp` that has passed is refused, and so is an `iat` still to come.
            claims = jwt.decode(value, app.public_key, algorithms=["RS256"], options={"verify_iss": False})
        except jwt.ExpiredSignatureError:
            said = "must be a numeric value representing the future time at which the assertion expires"
            raise Refused(401, f"'Expiration time' claim ('exp') {said}") from None
        except (jwt.PyJWTError, KeyError, StopIteration):
            raise Refused(401, "A JSON web token could not be decoded") from None
        if claims["exp"] - claims["iat"] > _JWT_LIMIT + 60:
            raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
        return Token("jwt", app=app)

    def install(self, app: App, now: datetime, asked: Mapping[str, Any]) -> tuple[str, Token]:
        """A new token of an app's installation, perhaps with less than the app has.

        https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
        """
        ranks = {"read": 1, "write": 2, "admin": 3}
        permissions = dict(asked.get("permissions") or app.permissions)
        for name, level in permissions.items():
            if ranks.get(level, 9) > ranks.get(app.permissions.get(name, ""), 0):
                raise Refused(422, "The permissions requested are not granted to this installation.")
        repositories = tuple(str(name).lower() for name in asked.get("repositories") or ())
        text = f"ghs_{secrets.token_urlsafe(27)}"
        until = now + timedelta(seconds=app.lifetime)
        self.tokens[text] = Token(
            "installation", permissions=permissions, repositories=repositories, expires=until, app=app
        )
        return text, self.tokens[text]


def bad_credentials() -> Refused:
    """For a token that is unknown, revoked or expired."""
    return Refused(401, "Bad credentials")
