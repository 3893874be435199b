"""Users and the organisation: https://docs.github.com/rest/users/users and https://docs.github.com/rest/orgs/orgs."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github.errors import Refused, not_found
from platformctl.testing.github.routes import Call, route
from platformctl.testing.github.world import Site, User, World

ORGANISATION_ID = 1000
"""Of the one organisation."""


def account(site: Site, login: str, number: int, kind: str = "User") -> dict[str, Any]:
    """The schema `simple-user`, which organisations have too."""
    url = f"{site.url}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": site.node_id("U" if kind == "User" else "O", number),
        "avatar_url": f"{site.web_url}/avatars/u/{number}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{site.web_url}/{login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def organisation_account(site: Site) -> dict[str, Any]:
    """The organisation as an account that owns repositories."""
    return account(site, site.organisation, ORGANISATION_ID, "Organization")


def user_account(world: World, login: str) -> dict[str, Any]:
    """A user by login."""
    user = world.user(login)
    return account(world.site, user.login, user.id)


def caller(call: Call) -> User:
    """Who is calling. Raises 401 without a token and 403 for an app, which is no user."""
    if call.token.kind == "none":
        raise Refused(401, "Requires authentication")
    if not call.token.login:
        raise Refused(403, "Resource not accessible by integration")
    return call.world.user(call.token.login)


def actor(call: Call) -> str:
    """The login under which the caller acts; an app acts as its bot."""
    return call.token.login or f"{call.token.app.slug}[bot]" if call.token.app else call.token.login


@route("GET", "/user", "")
def get_user(call: Call) -> dict[str, Any]:
    user, now = caller(call), call.site.created
    absent = dict.fromkeys(("company", "location", "email", "hireable", "bio", "twitter_username"))
    counts = ("public_repos", "public_gists", "followers", "following", "private_gists", "total_private_repos")
    return {
        **account(call.site, user.login, user.id),
        **absent,
        "name": user.login,
        "blog": "",
        **dict.fromkeys((*counts, "owned_private_repos", "disk_usage", "collaborators"), 0),
        "two_factor_authentication": True,
        "created_at": now,
        "updated_at": now,
    }


def organisation_fields(site: Site) -> dict[str, Any]:
    """What the schemas `organization-full` and `team-organization` require."""
    url = f"{site.url}/orgs/{site.organisation}"
    return {
        "login": site.organisation,
        "id": ORGANISATION_ID,
        "node_id": site.node_id("O", ORGANISATION_ID),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{site.web_url}/avatars/u/{ORGANISATION_ID}?v=4",
        "description": None,
        "name": site.organisation,
        "html_url": f"{site.web_url}/{site.organisation}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "type": "Organization",
        "created_at": site.created,
        "updated_at": site.created,
        "archived_at": None,
    }


@route("GET", "/orgs/{org}", "")
def get_organisation(call: Call) -> dict[str, Any]:
    """Members see more than strangers do, and Apps the plan with a permission for that only.

    https://docs.github.com/rest/orgs/orgs#get-an-organization;
    https://github.com/integrations/terraform-provider-github/issues/2585.
    """
    call.world.organisation(call["org"])
    site = call.site
    repositories = call.world.repositories.values()
    fields = organisation_fields(site)
    fields["public_repos"] = sum(not repository.private for repository in repositories)
    member = call.token.kind == "installation" or (call.token.login and call.world.user(call.token.login).role)
    if not member:
        return fields
    private = sum(repository.private for repository in repositories)
    plan = {"name": site.plan, "space": 976_562_499, "private_repos": 999_999, "filled_seats": 1, "seats": 10}
    told = call.token.kind == "classic" or "organization_plan" in call.token.permissions
    return {
        **fields,
        **({"plan": plan} if told else {}),
        "total_private_repos": private,
        "owned_private_repos": private,
        "default_repository_permission": "read",
        "members_can_create_repositories": True,
        "members_can_create_internal_repositories": site.plan == "enterprise",
        "two_factor_requirement_enabled": True,
    }


def membership(call: Call, login: str) -> dict[str, Any]:
    """The schema `org-membership`."""
    user = call.world.users.get(login.lower())
    if user is None or not user.role:
        raise not_found()
    organisation = organisation_fields(call.site)
    shown = ("login", "id", "node_id", "url", "repos_url", "events_url", "hooks_url", "issues_url", "members_url")
    more = ("public_members_url", "avatar_url", "description")
    return {
        "url": f"{call.site.url}/orgs/{call.site.organisation}/memberships/{user.login}",
        "state": "active",
        "role": user.role,
        "organization_url": f"{call.site.url}/orgs/{call.site.organisation}",
        "organization": {name: organisation[name] for name in (*shown, *more)},
        "user": account(call.site, user.login, user.id),
    }


@route("GET", "/orgs/{org}/memberships/{username}", "members:read", "read:org")
def get_membership(call: Call) -> dict[str, Any]:
    return membership(call, call["username"])


@route("GET", "/user/memberships/orgs/{org}", "members:read", "read:org")
def get_own_membership(call: Call) -> dict[str, Any]:
    return membership(call, caller(call).login)
