"""Environments: https://docs.github.com/rest/deployments/environments."""

from __future__ import annotations

from typing import Any

from platformctl.testing.github.api.teams import team_fields
from platformctl.testing.github.api.users import account
from platformctl.testing.github.errors import Refused, not_found
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_PATH = "/repos/{owner}/{repo}/environments/{environment_name}"
_LONGEST_WAIT = 43_200
"""Minutes, thirty days."""


@route("GET", "/repos/{owner}/{repo}/environments", "actions:read")
def list_environments(call: Call) -> dict[str, Any]:
    names = sorted(call.repository.environments)
    return {"total_count": len(names), "environments": [_fields(call, name) for name in call.page(names)]}


@route("GET", _PATH, "actions:read")
def get(call: Call) -> dict[str, Any]:
    if call["environment_name"] not in call.repository.environments:
        raise not_found()
    return _fields(call, call["environment_name"])


@route("PUT", _PATH, "administration:write", "repo")
def put(call: Call) -> dict[str, Any]:
    """Replaces all rules. At most six reviewers, who need to be able to read."""
    name, body, now = call["environment_name"], call.body, call.site.now()
    wait, reviewers = body.number("wait_timer", 0), body.items("reviewers", [])
    policy = body.fields.get("deployment_branch_policy")
    if not 0 <= wait <= _LONGEST_WAIT:
        raise _refused(f"Wait timer must be between 0 and {_LONGEST_WAIT} minutes")
    if len(reviewers) > 6:
        raise _refused("There can be at most six reviewers")
    if policy is not None and bool(policy.get("protected_branches")) == bool(policy.get("custom_branch_policies")):
        raise _refused("protected_branches and custom_branch_policies cannot have the same value")
    there = call.repository.environments.get(name, {})
    call.repository.environments[name] = {
        "id": there.get("id") or next(call.site.ids),
        "created_at": there.get("created_at", now),
        "updated_at": now,
        "wait_timer": wait,
        "prevent_self_review": body.flag("prevent_self_review", False),
        "reviewers": [_reviewer(call, reviewer) for reviewer in reviewers],
        "deployment_branch_policy": policy,
    }
    return _fields(call, name)


def _refused(message: str) -> Refused:
    return Refused(422, message, page="deployments/environments#create-or-update-an-environment")


def _reviewer(call: Call, reviewer: dict[str, Any]) -> dict[str, str]:
    """A reviewer by name: numbers differ between worlds."""
    kind, number = reviewer.get("type"), reviewer.get("id")
    if kind == "Team":
        found = [team.slug for team in call.world.teams.values() if team.id == number]
    else:
        found = [user.login for user in call.world.users.values() if user.id == number]
    if not found:
        raise _refused(f"{kind} {number} is not a reviewer with access to this repository")
    return {"type": str(kind), "name": found[0]}


@route("DELETE", _PATH, "administration:write", "repo")
def delete(call: Call) -> Response:
    if call.repository.environments.pop(call["environment_name"], None) is None:
        raise not_found()
    return Response(204)


def _fields(call: Call, name: str) -> dict[str, Any]:
    """The schema `environment`."""
    there = call.repository.environments[name]
    number, rules = there["id"], []
    if there["wait_timer"]:
        rules.append({"type": "wait_timer", "wait_timer": there["wait_timer"]})
    if there["reviewers"]:
        reviewers = [_shown(call, reviewer) for reviewer in there["reviewers"]]
        own = there["prevent_self_review"]
        rules.append({"type": "required_reviewers", "prevent_self_review": own, "reviewers": reviewers})
    if there["deployment_branch_policy"]:
        rules.append({"type": "branch_policy"})
    return {
        "id": number,
        "node_id": call.site.node_id("EN", number),
        "name": name,
        "url": f"{call.repository_url}/environments/{name}",
        "html_url": f"{call.site.web_url}/{call.repository.full_name}/deployments/{name}",
        "created_at": there["created_at"],
        "updated_at": there["updated_at"],
        "protection_rules": [
            {"id": number * 10 + index, "node_id": call.site.node_id("GA", number * 10 + index), **rule}
            for index, rule in enumerate(rules)
        ],
        "deployment_branch_policy": there["deployment_branch_policy"],
    }


def _shown(call: Call, reviewer: dict[str, str]) -> dict[str, Any]:
    if reviewer["type"] == "Team":
        return {"type": "Team", "reviewer": team_fields(call.site, call.world.team(reviewer["name"]))}
    user = call.world.user(reviewer["name"])
    return {"type": "User", "reviewer": account(call.site, user.login, user.id)}
