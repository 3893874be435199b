"""Teams and their permissions: https://docs.github.com/rest/teams/teams."""

from __future__ import annotations

from typing import Any, Final

from platformctl.testing.github import access
from platformctl.testing.github.api.repository_bodies import embedded
from platformctl.testing.github.api.users import ORGANISATION_ID, organisation_fields
from platformctl.testing.github.errors import not_found, unprocessable
from platformctl.testing.github.routes import Call, route
from platformctl.testing.github.world import Site, Team
from platformctl.testing.wire.exchange import Response

_OLD_WORDS: Final = {"read": "pull", "write": "push"}
_WITH_ROLES: Final = "application/vnd.github.v3.repository+json"
"""The media type with which a team's permission is told."""


def team_fields(site: Site, team: Team, permission: str = "pull") -> dict[str, Any]:
    """The schema `team`; `permission` is the one in the repository that is asked about."""
    url = f"{site.url}/organizations/{ORGANISATION_ID}/team/{team.id}"
    return {
        "id": team.id,
        "node_id": site.node_id("T", team.id),
        "name": team.name,
        "slug": team.slug,
        "description": "",
        "privacy": team.privacy,
        "notification_setting": "notifications_enabled",
        "permission": permission,
        "url": url,
        "html_url": f"{site.web_url}/orgs/{site.organisation}/teams/{team.slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": ORGANISATION_ID,
        "parent": None,
    }


def _flags(permission: str) -> dict[str, bool]:
    """A permission with all that it contains."""
    held = access.ROLES.index(permission)
    return {role: access.ROLES.index(role) <= held for role in access.ROLES[1:]}


@route("GET", "/orgs/{org}/teams", "members:read", "read:org")
def list_teams(call: Call) -> list[Any]:
    teams = [call.world.teams[slug] for slug in sorted(call.world.teams)]
    return [team_fields(call.site, team) for team in call.page(teams)]


@route("GET", "/orgs/{org}/teams/{team_slug}", "members:read", "read:org")
def get_team(call: Call) -> dict[str, Any]:
    team = call.world.team(call["team_slug"])
    repositories = [one for one in call.world.repositories.values() if team.slug in one.teams]
    return {
        **team_fields(call.site, team),
        "members_count": len(team.members),
        "repos_count": len(repositories),
        "created_at": team.created,
        "updated_at": team.created,
        "organization": organisation_fields(call.site),
    }


@route("GET", "/repos/{owner}/{repo}/teams", "administration:read")
def list_repository_teams(call: Call) -> list[Any]:
    teams = call.page(sorted(call.repository.teams.items()))
    return [
        {**team_fields(call.site, call.world.team(slug), permission), "permissions": _flags(permission)}
        for slug, permission in teams
    ]


@route("GET", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}")
def check(call: Call) -> Response:
    """204, or with a media type of its own the repository with the team's permissions."""
    team = call.world.team(call["team_slug"])
    permission = call.repository.teams.get(team.slug)
    if permission is None:
        raise not_found()
    if _WITH_ROLES not in call.request.headers.get("accept", ""):
        return Response(204)
    names = {"pull": "read", "push": "write"}
    fields = {**embedded(call, call.repository), "permissions": _flags(permission)}
    del fields["has_discussions"]
    return Response(200, {**fields, "role_name": names.get(permission, permission)})


@route("PUT", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", "administration:write", "repo")
def grant(call: Call) -> Response:
    """The page documents a 422, though not for a permission that does not exist.

    https://docs.github.com/rest/teams/teams#add-or-update-team-repository-permissions
    """
    team = call.world.team(call["team_slug"])
    wanted = call.body.text("permission", "push")
    permission = _OLD_WORDS.get(wanted, wanted)
    if permission not in access.ROLES[1:]:
        raise unprocessable(f"{wanted} is neither a permission nor a custom repository role")
    call.repository.teams[team.slug] = permission
    return Response(204)


@route("DELETE", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", "administration:write", "repo")
def revoke(call: Call) -> Response:
    team = call.world.team(call["team_slug"])
    call.repository.teams.pop(team.slug, None)
    return Response(204)
