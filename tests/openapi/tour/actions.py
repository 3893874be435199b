"""Environments, variables, secrets and who may call workflows."""

from __future__ import annotations

import base64

from nacl.public import PublicKey, SealedBox

from tests.openapi.tour.caller import Caller


def actions(ask: Caller) -> None:
    """What workflows run with."""
    at = "/repos/acme/svc"
    _environments(ask, f"{at}/environments")
    _variables(ask, f"{at}/actions/variables")
    _secrets(ask, f"{at}/actions/secrets")
    ask(200, f"GET {at}/actions/permissions/access")
    ask(204, f"PUT {at}/actions/permissions/access", {"access_level": "organization"})


def _environments(ask: Caller, at: str) -> None:
    policy = {"protected_branches": True, "custom_branch_policies": False}
    ask(200, f"PUT {at}/production", {"wait_timer": 0, "deployment_branch_policy": policy})
    ask(200, f"PUT {at}/staging")
    ask(200, f"GET {at}")
    ask(200, f"GET {at}/production")
    ask(404, f"GET {at}/nothing")
    ask(204, f"DELETE {at}/staging")


def _variables(ask: Caller, at: str) -> None:
    ask(201, f"POST {at}", {"name": "REGION", "value": "eu"})
    ask(409, f"POST {at}", {"name": "REGION", "value": "eu"})
    ask(204, f"PATCH {at}/REGION", {"value": "us"})
    ask(200, f"GET {at}", query={"per_page": 30})
    ask(200, f"GET {at}/REGION")
    ask(404, f"GET {at}/NOTHING")
    ask(204, f"DELETE {at}/REGION")


def _secrets(ask: Caller, at: str) -> None:
    key = ask(200, f"GET {at}/public-key")
    sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(b"a secret")
    asked = {"encrypted_value": base64.b64encode(sealed).decode(), "key_id": key["key_id"]}
    ask(201, f"PUT {at}/TOKEN", asked)
    ask(204, f"PUT {at}/TOKEN", asked)
    ask(200, f"GET {at}")
    ask(200, f"GET {at}/TOKEN")
    ask(404, f"GET {at}/NOTHING")
    ask(204, f"DELETE {at}/TOKEN")
