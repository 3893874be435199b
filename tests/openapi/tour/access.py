"""Apps, and callers who may not do what they ask for."""

from __future__ import annotations

import time
from typing import Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from platformctl.testing.github import FakeGitHub
from tests.openapi.tour.caller import Caller

_APP: Final = 1
_INSTALLATION: Final = 2
_PERMISSIONS: Final = {"checks": "write", "contents": "write", "metadata": "read"}


def app(github: FakeGitHub) -> Caller:
    """An App, as itself; gives its installation."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, packing = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.PEM
    public = private.public_key().public_bytes(packing, form).decode()
    github.app(id=_APP, public_key=public, installation=_INSTALLATION, permissions=_PERMISSIONS)
    now = int(time.time())
    itself = Caller(github.url, jwt.encode({"iat": now - 60, "exp": now + 300, "iss": str(_APP)}, private, "RS256"))
    itself(200, "GET /app")
    itself(200, f"GET /app/installations/{_INSTALLATION}")
    itself(200, "GET /orgs/acme/installation")
    itself(404, "GET /app/installations/999")
    itself(200, "GET /repos/acme/svc/installation")
    given = itself(201, f"POST /app/installations/{_INSTALLATION}/access_tokens", {"permissions": {"checks": "write"}})
    installation = Caller(github.url, given["token"])
    installation(200, "GET /installation/repositories")
    installation(200, "GET /repos/acme/svc")
    installation(403, "PATCH /repos/acme/svc", {"description": "mine"})
    return installation


def strangers(github: FakeGitHub) -> None:
    """Refusals of credentials."""
    github.token("expired", user="ada", expired=True)
    github.token("unauthorised", user="ada", sso=True)
    github.token("narrow", user="ada", scopes=())
    Caller(github.url)(401, "GET /user")
    Caller(github.url, "unknown")(401, "GET /repos/acme/svc")
    Caller(github.url, "expired")(401, "GET /repos/acme/svc")
    Caller(github.url, "unauthorised")(403, "GET /orgs/acme/teams")
    Caller(github.url, "narrow")(404, "GET /repos/acme/svc")
    github.fine_grained("reader", user="ada", permissions={"metadata": "read"})
    reader = Caller(github.url, "reader")
    reader(200, "GET /repos/acme/svc")
    reader(403, "POST /orgs/acme/repos", {"name": "other"})
    reader(403, "POST /repos/acme/svc/rulesets", {"name": "x", "enforcement": "active"})
