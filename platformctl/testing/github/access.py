"""What a caller may see and do: the role of a person, and the scopes or permissions of a token.

Roles: https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization.
Scopes: https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps.
Permissions: https://docs.github.com/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens.
"""

from __future__ import annotations

from typing import Final

from platformctl.testing.github.errors import Refused, not_found
from platformctl.testing.github.repository import Repository
from platformctl.testing.github.tokens import Token
from platformctl.testing.github.world import World

ROLES: Final = ("", "pull", "triage", "push", "maintain", "admin")
"""From the weakest, as teams have them."""

_LEVELS: Final = {"read": 1, "write": 2, "admin": 3}
_ADMINISTRATIVE: Final = {"administration", "repository_custom_properties", "workflows"}
_IMPLIED: Final = {
    "read:org": {"write:org", "admin:org"},
    "write:org": {"admin:org"},
    "public_repo": {"repo"},
    "repo:status": {"repo"},
}
"""Scopes that contain another."""


def role(world: World, token: Token, repository: Repository) -> str:
    """The role of a caller in a repository: the best of the organisation's, the creator's and the teams'.

    Members of an organisation read by default:
    https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/setting-base-permissions-for-an-organization.
    """
    public = "" if repository.private else "pull"
    if token.kind == "installation":
        chosen = not token.repositories or repository.name.lower() in token.repositories
        return "admin" if chosen else public
    if not token.login:
        return public
    user = world.user(token.login)
    if not user.role or (token.repositories and repository.name.lower() not in token.repositories):
        return public
    if user.role == "admin" or repository.creator == user.login:
        return "admin"
    held = [level for slug, level in repository.teams.items() if user.login in world.teams[slug].members]
    return max(["pull", *held], key=ROLES.index)


def has_role(world: World, token: Token, repository: Repository, wanted: str) -> bool:
    """Whether a caller's role is at least this one."""
    return ROLES.index(role(world, token, repository)) >= ROLES.index(wanted)


def has_scope(token: Token, scope: str) -> bool:
    """Whether a classic token has a scope or one that contains it."""
    return bool({scope, *_IMPLIED.get(scope, ())} & set(token.scopes))


def has_permission(token: Token, needs: str) -> bool:
    """Whether a token other than a classic one has a permission such as `contents:write`."""
    name, _, level = needs.partition(":")
    held = token.permissions.get(name, "read" if name == "metadata" else "")
    return _LEVELS.get(held, 0) >= _LEVELS[level]


def inaccessible(token: Token, needs: str) -> Refused:
    """For a token without the permission that an endpoint needs; a header names it.

    https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible
    """
    by = "integration" if token.kind == "installation" else "personal access token"
    headers = {"X-Accepted-GitHub-Permissions": needs.replace(":", "=")}
    return Refused(403, f"Resource not accessible by {by}", headers=headers)


def allow(world: World, token: Token, repository: Repository, needs: str, scope: str = "") -> None:
    """Raise what GitHub answers when a caller may not do what needs this permission in a repository.

    What a caller cannot see is a 404, as
    https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#404-not-found-for-an-existing-resource
    says.
    """
    name, _, level = needs.partition(":")
    # Readers may review: https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request.
    pushes = level == "write" and name != "pull_requests"
    wanted = "admin" if name in _ADMINISTRATIVE else "push" if pushes else "pull"
    writes = level != "read" or name in _ADMINISTRATIVE
    if not has_role(world, token, repository, "pull"):
        raise not_found()
    if token.kind == "classic" and repository.private and not has_scope(token, "repo"):
        raise not_found()
    if token.sso and repository.private:
        raise single_sign_on(world)
    if token.kind in ("fine_grained", "installation"):
        if not has_permission(token, needs) and (repository.private or writes):
            raise inaccessible(token, needs)
    elif token.kind == "none" and writes:
        raise Refused(401, "Requires authentication")
    elif token.kind == "classic" and writes and not has_scope(token, scope or "public_repo"):
        raise not_found() if not scope else must_be_admin()
    if not has_role(world, token, repository, wanted):
        raise must_be_admin() if wanted == "admin" else not_found()
    if repository.archived and level == "write" and name != "administration":
        raise read_only()


def allow_organisation(world: World, token: Token, needs: str, scope: str, hidden: bool) -> None:
    """The same for what belongs to the organisation; `scope` is the classic token's, `hidden` prefers a 404."""
    if token.kind in ("none", "jwt"):
        raise Refused(401, "Requires authentication")
    if token.kind in ("fine_grained", "installation"):
        if not has_permission(token, needs):
            raise inaccessible(token, needs)
    elif not has_scope(token, scope):
        raise not_found() if hidden else must_be_admin()
    if token.sso:
        raise single_sign_on(world)
    if not token.login:
        return
    user = world.user(token.login)
    if not user.role:
        raise not_found()
    if needs.startswith("organization_") and not needs.endswith("read") and user.role != "admin":
        raise must_be_admin()


def single_sign_on(world: World) -> Refused:
    """For a token that nobody has authorised for the organisation.

    https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#personal-access-tokens-and-saml-sso.
    The words are in https://github.com/jhu-bids/TermHub/issues/935.
    """
    url = f"{world.site.web_url}/orgs/{world.site.organisation}/sso?authorization_request=AZ"
    said = "Resource protected by organization SAML enforcement."
    advice = "You must grant your Personal Access token access to this organization."
    return Refused(403, f"{said} {advice}", headers={"X-GitHub-SSO": f"required; url={url}"})


def must_be_admin() -> Refused:
    """For members without the admin role, and for classic tokens without an organisation's scope.

    Recorded in PyGithub's ReplayData/WorkflowRun.test_cancel.txt, and in https://github.com/octokit/octokit.rb/issues/793.
    """
    return Refused(403, "Must have admin rights to Repository.")


def read_only() -> Refused:
    """https://docs.github.com/repositories/archiving-a-github-repository/archiving-repositories."""
    return Refused(403, "Repository was archived so is read-only.")
