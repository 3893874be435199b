"""GitHub Apps: https://docs.github.com/rest/apps/apps."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github import access
from platformctl.testing.github.api.repository_bodies import embedded
from platformctl.testing.github.api.users import ORGANISATION_ID, organisation_account
from platformctl.testing.github.errors import Refused, not_found, unprocessable
from platformctl.testing.github.routes import Call, route
from platformctl.testing.github.tokens import App
from platformctl.testing.wire.exchange import Response


def _app(call: Call) -> App:
    """The app that shows its JWT; a 401 for everybody else, as in the description."""
    if call.token.kind != "jwt" or call.token.app is None:
        raise Refused(401, "A JSON web token could not be decoded", page="apps/apps")
    return call.token.app


def app_fields(call: Call, app: App) -> dict[str, Any]:
    """The schema `integration`."""
    return {
        "id": app.id,
        "slug": app.slug,
        "node_id": call.site.node_id("A", app.id),
        "client_id": app.client_id,
        "owner": organisation_account(call.site),
        "name": app.slug,
        "description": None,
        "external_url": call.site.web_url,
        "html_url": f"{call.site.web_url}/apps/{app.slug}",
        "created_at": call.site.created,
        "updated_at": call.site.created,
        "permissions": dict(app.permissions),
        "events": [],
    }


def _installation(call: Call, app: App) -> dict[str, Any]:
    """The schema `installation`."""
    site, number = call.site, app.installation
    return {
        "id": number,
        "account": organisation_account(site),
        "repository_selection": "all",
        "access_tokens_url": f"{site.url}/app/installations/{number}/access_tokens",
        "repositories_url": f"{site.url}/installation/repositories",
        "html_url": f"{site.web_url}/organizations/{site.organisation}/settings/installations/{number}",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": ORGANISATION_ID,
        "target_type": "Organization",
        "permissions": dict(app.permissions),
        "events": [],
        "created_at": site.created,
        "updated_at": site.created,
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }


@route("GET", "/app", "")
def get_app(call: Call) -> dict[str, Any]:
    return {**app_fields(call, _app(call)), "installations_count": 1}


@route("GET", "/app/installations/{installation_id}", "")
def get_installation(call: Call) -> dict[str, Any]:
    return _installation(call, _its(call))


def _its(call: Call) -> App:
    app = _app(call)
    if call["installation_id"] != str(app.installation):
        raise not_found()
    return app


@route("GET", "/orgs/{org}/installation", "")
def get_organisation_installation(call: Call) -> dict[str, Any]:
    call.world.organisation(call["org"])
    return _installation(call, _app(call))


@route("GET", "/repos/{owner}/{repo}/installation", "")
def get_repository_installation(call: Call) -> dict[str, Any]:
    app = _app(call)
    call.world.repository(call["owner"], call["repo"])
    return _installation(call, app)


@route("POST", "/app/installations/{installation_id}/access_tokens", "")
def create_token(call: Call) -> Response:
    """For an hour, and perhaps for less than the app may."""
    app = _its(call)
    for name in call.body.items("repositories", []):
        if str(name).lower() not in call.world.repositories:
            raise unprocessable("There is at least one repository that does not exist or is not accessible.")
    text, token = call.keyring.install(app, call.site.clock(), call.body.fields)
    fields: dict[str, Any] = {
        "token": text,
        "expires_at": token.expires.strftime("%Y-%m-%dT%H:%M:%SZ") if token.expires else "",
        "permissions": dict(token.permissions),
        "repository_selection": "selected" if token.repositories else "all",
    }
    if token.repositories:
        fields["repositories"] = [embedded(call, call.world.repositories[name]) for name in token.repositories]
    return Response(201, fields)


@route("GET", "/installation/repositories", "")
def list_repositories(call: Call) -> dict[str, Any]:
    """What an installation's token reaches."""
    if call.token.kind != "installation":
        raise Refused(403, "You must authenticate with an installation access token.", page="apps/installations")
    names = sorted(call.world.repositories)
    seen = [call.world.repositories[name] for name in names]
    seen = [repository for repository in seen if access.has_role(call.world, call.token, repository, "admin")]
    selection = "selected" if call.token.repositories else "all"
    shown = [embedded(call, repository) for repository in call.page(seen)]
    return {"total_count": len(seen), "repository_selection": selection, "repositories": shown}
