"""Actions secrets of a repository: https://docs.github.com/rest/actions/secrets."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from platformctl.testing.github.api.variables import checked_name
from platformctl.testing.github.errors import Refused, not_found, unprocessable
from platformctl.testing.github.repository import Repository
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_PATH = "/repos/{owner}/{repo}/actions/secrets"


@route("GET", _PATH + "/public-key", "secrets:read")
def get_key(call: Call) -> dict[str, Any]:
    """The key with which values are sealed: https://docs.github.com/rest/guides/encrypting-secrets-for-the-rest-api."""
    return _key(call.repository)


def _key(repository: Repository) -> dict[str, str]:
    from nacl.public import PrivateKey

    public = bytes(PrivateKey(repository.sealing_key).public_key)
    return {"key_id": str(int(hashlib.sha256(public).hexdigest()[:15], 16)), "key": base64.b64encode(public).decode()}


@route("GET", _PATH, "secrets:read")
def list_secrets(call: Call) -> dict[str, Any]:
    names = sorted(call.repository.secrets)
    return {"total_count": len(names), "secrets": [_fields(call, name) for name in call.page(names)]}


@route("GET", _PATH + "/{secret_name}", "secrets:read")
def get(call: Call) -> dict[str, Any]:
    return _fields(call, _found(call))


@route("PUT", _PATH + "/{secret_name}", "secrets:write")
def put(call: Call) -> Response:
    """201 for a new one, 204 for a changed one. What was not sealed with the key is refused.

    The status is that of values which are no base64: https://github.com/github/rest-api-description/issues/1688.
    """
    from nacl.exceptions import CryptoError
    from nacl.public import PrivateKey, SealedBox

    name, sealed = checked_name(call["secret_name"]), call.body.text("encrypted_value")
    if call.body.text("key_id") != _key(call.repository)["key_id"]:
        raise unprocessable("Bad request - key_id is not the one of this repository's public key")
    try:
        box = SealedBox(PrivateKey(call.repository.sealing_key))
        plaintext = box.decrypt(base64.b64decode(sealed, validate=True)).decode()
    except (CryptoError, ValueError):
        raise Refused(422, "Bad request - Failed to decrypt secret.", page="actions/secrets") from None
    now, there = call.site.now(), call.repository.secrets.get(name)
    call.repository.secrets[name] = {
        "plaintext": plaintext,
        "created": there["created"] if there else now,
        "updated": now,
    }
    return Response(204) if there else Response(201, {})


@route("DELETE", _PATH + "/{secret_name}", "secrets:write")
def delete(call: Call) -> Response:
    del call.repository.secrets[_found(call)]
    return Response(204)


def _found(call: Call) -> str:
    name = call["secret_name"].upper()
    if name not in call.repository.secrets:
        raise not_found()
    return name


def _fields(call: Call, name: str) -> dict[str, Any]:
    secret = call.repository.secrets[name]
    return {"name": name, "created_at": secret["created"], "updated_at": secret["updated"]}
