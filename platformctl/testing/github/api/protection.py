"""Classic branch protection: https://docs.github.com/rest/branches/branch-protection."""

from __future__ import annotations

from typing import Any, Final

from platformctl.testing.github.api.teams import team_fields
from platformctl.testing.github.api.users import user_account
from platformctl.testing.github.errors import Refused, invalid_request
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_PATH: Final = "/repos/{owner}/{repo}/branches/{branch}/protection"
_FLAGS: Final = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)
_NEEDED: Final = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")


@route("GET", _PATH, "administration:read")
def get(call: Call) -> dict[str, Any]:
    """What is not set is left out, and not null: PyGithub's ReplayData/Branch.testRemoveProtection.txt."""
    branch = call["branch"]
    call.repository.head(branch)
    rules = call.repository.protection.get(branch)
    if rules is None:
        raise Refused(404, "Branch not protected", page="branches/branch-protection#get-branch-protection")
    return _fields(call, branch, rules)


@route("PUT", _PATH, "administration:write")
def put(call: Call) -> dict[str, Any]:
    """Replaces all of it. Four fields have to be there, though they may be null."""
    branch, body = call["branch"], call.body
    if f"refs/heads/{branch}" not in call.repository.refs:
        raise Refused(404, "Branch not found", page="branches/branch-protection#update-branch-protection")
    if lacking := [name for name in _NEEDED if name not in body]:
        raise invalid_request(f'"{lacking[0]}" wasn\'t supplied.')
    checks = body.fields["required_status_checks"]
    if checks is not None and "contexts" not in checks and "checks" not in checks:
        raise invalid_request('"contexts" wasn\'t supplied.')
    call.repository.protection[branch] = {name: body.fields.get(name) for name in (*_NEEDED, *_FLAGS)}
    return _fields(call, branch, call.repository.protection[branch])


@route("DELETE", _PATH, "administration:write")
def delete(call: Call) -> Response:
    if call.repository.protection.pop(call["branch"], None) is None:
        raise Refused(404, "Branch not protected", page="branches/branch-protection#delete-branch-protection")
    return Response(204)


def _fields(call: Call, branch: str, rules: dict[str, Any]) -> dict[str, Any]:
    """The schema `branch-protection`."""
    url = f"{call.repository_url}/branches/{branch}/protection"
    fields: dict[str, Any] = {
        "url": url,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(rules["enforce_admins"])},
        **{name: {"enabled": bool(rules[name])} for name in _FLAGS},
    }
    if (checks := rules["required_status_checks"]) is not None:
        fields["required_status_checks"] = _checks(f"{url}/required_status_checks", checks)
    if (reviews := rules["required_pull_request_reviews"]) is not None:
        fields["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": bool(reviews.get("dismiss_stale_reviews")),
            "require_code_owner_reviews": bool(reviews.get("require_code_owner_reviews")),
            "required_approving_review_count": reviews.get("required_approving_review_count", 1),
            "require_last_push_approval": bool(reviews.get("require_last_push_approval")),
        }
        if any((allowed := reviews.get("bypass_pull_request_allowances") or {}).values()):
            fields["required_pull_request_reviews"]["bypass_pull_request_allowances"] = _actors(call, allowed)
    if (restrictions := rules["restrictions"]) is not None:
        links = {f"{kind}_url": f"{url}/restrictions/{kind}" for kind in ("users", "teams", "apps")}
        fields["restrictions"] = {"url": f"{url}/restrictions", **links, **_actors(call, restrictions)}
    return fields


def _checks(url: str, checks: dict[str, Any]) -> dict[str, Any]:
    given = checks.get("checks") or [{"context": context} for context in checks.get("contexts") or ()]
    return {
        "url": url,
        "strict": bool(checks.get("strict")),
        "contexts": [check["context"] for check in given],
        "contexts_url": f"{url}/contexts",
        "checks": [{"context": check["context"], "app_id": check.get("app_id")} for check in given],
    }


def _actors(call: Call, named: dict[str, Any]) -> dict[str, Any]:
    """Users and teams in full. Apps are not looked up."""
    return {
        "users": [user_account(call.world, login) for login in named.get("users") or ()],
        "teams": [team_fields(call.site, call.world.team(slug)) for slug in named.get("teams") or ()],
        "apps": [],
    }
