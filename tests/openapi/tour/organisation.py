"""The organisation and its repositories."""

from __future__ import annotations

from tests.openapi.tour.caller import Caller


def organisation(ask: Caller) -> None:
    ask(200, "GET /meta")
    ask(200, "GET /user")
    ask(200, "GET /rate_limit")
    ask(200, "GET /orgs/acme")
    ask(404, "GET /orgs/nobody")
    ask(200, "GET /user/memberships/orgs/acme")
    ask(200, "GET /orgs/acme/memberships/mia")
    ask(200, "GET /orgs/acme/teams", query={"per_page": 100})
    ask(200, "GET /orgs/acme/teams/payments")
    ask(404, "GET /orgs/acme/teams/nobody")
    tier = {"property_name": "tier", "value_type": "single_select", "allowed_values": ["1", "2"], "required": False}
    ask(200, "PATCH /orgs/acme/properties/schema", {"properties": [tier]})
    ask(200, "PUT /orgs/acme/properties/schema/service", {"value_type": "string"})
    ask(200, "GET /orgs/acme/properties/schema")
    ask(200, "GET /orgs/acme/properties/schema/tier")
    ask(204, "DELETE /orgs/acme/properties/schema/service")


def repository(ask: Caller, visibility: str) -> None:
    asked = {
        "name": "svc",
        "description": "Pays",
        "homepage": "https://example.com/#svc",
        "visibility": visibility,
        "has_wiki": False,
        "allow_merge_commit": False,
        "delete_branch_on_merge": True,
        "custom_properties": {"tier": "1"},
    }
    ask(201, "POST /orgs/acme/repos", asked)
    ask(422, "POST /orgs/acme/repos", asked)
    ask(201, "POST /orgs/acme/repos", {"name": "begun", "private": True, "auto_init": True})
    ask(200, "GET /orgs/acme/repos", query={"per_page": 1, "page": 2, "sort": "full_name"})
    ask(200, "GET /repos/acme/svc")
    ask(404, "GET /repos/acme/nothing")
    ask(200, "PATCH /repos/acme/svc", {"description": "Pays well", "has_issues": False})
    ask(200, "PUT /repos/acme/svc/topics", {"names": ["golden-path-service"]})
    ask(422, "PUT /repos/acme/svc/topics", {"names": ["No Topic"]})
    ask(200, "GET /repos/acme/svc/topics")
    ask(204, "PATCH /repos/acme/svc/properties/values", {"properties": [{"property_name": "tier", "value": "2"}]})
    ask(200, "GET /repos/acme/svc/properties/values")
    value = {"repository_names": ["svc"], "properties": [{"property_name": "tier", "value": "1"}]}
    ask(204, "PATCH /orgs/acme/properties/values", value)
    ask(200, "GET /orgs/acme/properties/values")
    access = "/orgs/acme/teams/payments/repos/acme/svc"
    ask(404, f"GET {access}")
    ask(204, f"PUT {access}", {"permission": "push"})
    ask(204, f"GET {access}")
    ask(200, f"GET {access}", headers={"Accept": "application/vnd.github.v3.repository+json"})
    ask(200, "GET /repos/acme/svc/teams")
    ask(204, "PUT /orgs/acme/teams/payments/repos/acme/begun", {"permission": "pull"})
    ask(204, "DELETE /orgs/acme/teams/payments/repos/acme/begun")


def security(ask: Caller) -> None:
    """Alerts, which every edition has, and fixes, which Enterprise Server cannot be told to make."""
    at = "/repos/acme/svc"
    ask(404, f"GET {at}/vulnerability-alerts")
    for what in ("vulnerability-alerts", "automated-security-fixes"):
        ask(204, f"PUT {at}/{what}")
    ask(204, f"GET {at}/vulnerability-alerts")
    ask(200, f"GET {at}/automated-security-fixes")
    for what in ("automated-security-fixes", "vulnerability-alerts"):
        ask(204, f"DELETE {at}/{what}")
