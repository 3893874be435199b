"""Rulesets of a repository: https://docs.github.com/rest/repos/rules."""

from __future__ import annotations

from typing import Any, Final

from platformctl.testing.github import access, protection, rules
from platformctl.testing.github.errors import Refused, not_found, validation_failed
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_ENFORCED: Final = {
    "creation",
    "update",
    "deletion",
    "required_linear_history",
    "pull_request",
    "required_status_checks",
    "non_fast_forward",
}
_KEPT: Final = {
    "required_deployments",
    "required_signatures",
    "merge_queue",
    "commit_message_pattern",
    "commit_author_email_pattern",
    "committer_email_pattern",
    "branch_name_pattern",
    "tag_name_pattern",
    "workflows",
    "code_scanning",
    "copilot_code_review",
}
"""Rules that are kept and shown, and not enforced."""

_REQUIRED: Final = {
    "pull_request": (
        "dismiss_stale_reviews_on_push",
        "require_code_owner_review",
        "require_last_push_approval",
        "required_approving_review_count",
        "required_review_thread_resolution",
    ),
    "required_status_checks": ("required_status_checks", "strict_required_status_checks_policy"),
    "update": (),
}
"""Parameters that a rule must have, by the description's schemas."""


def _available(call: Call) -> None:
    """Private repositories have rulesets on paid plans only: https://github.com/MishaMgla/opencraft1/pull/22."""
    if not call.site.rulesets:
        said = "Upgrade to GitHub Pro or make this repository public to enable this feature."
        raise Refused(403, said, page="repos/rules")


@route("GET", "/repos/{owner}/{repo}/rulesets")
def list_rulesets(call: Call) -> list[Any]:
    _available(call)
    shown = (
        "id",
        "name",
        "target",
        "source_type",
        "source",
        "enforcement",
        "node_id",
        "_links",
        "created_at",
        "updated_at",
    )
    rulesets = call.page([call.repository.rulesets[number] for number in sorted(call.repository.rulesets)])
    return [{name: ruleset[name] for name in shown} for ruleset in rulesets]


@route("POST", "/repos/{owner}/{repo}/rulesets", "administration:write")
def create(call: Call) -> Response:
    _available(call)
    number, now = next(call.site.ids), call.site.now()
    itself = f"{call.repository_url}/rulesets/{number}"
    web = f"{call.site.web_url}/{call.repository.full_name}/rules/{number}"
    ruleset = {
        "id": number,
        "source_type": "Repository",
        "source": call.repository.full_name,
        "node_id": call.site.node_id("RRS", number),
        "_links": {"self": {"href": itself}, "html": {"href": web}},
        "created_at": now,
        "updated_at": now,
        **_asked(call, {}),
    }
    call.repository.rulesets[number] = ruleset
    return Response(201, _fields(call, ruleset))


@route("GET", "/repos/{owner}/{repo}/rulesets/{ruleset_id}")
def get(call: Call) -> dict[str, Any]:
    return _fields(call, _found(call))


@route("PUT", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", "administration:write")
def update(call: Call) -> dict[str, Any]:
    """What is not named stays."""
    ruleset = _found(call)
    ruleset |= {**_asked(call, ruleset), "updated_at": call.site.now()}
    return _fields(call, ruleset)


@route("DELETE", "/repos/{owner}/{repo}/rulesets/{ruleset_id}", "administration:write")
def delete(call: Call) -> Response:
    del call.repository.rulesets[_found(call)["id"]]
    return Response(204)


@route("GET", "/repos/{owner}/{repo}/rules/branches/{branch}")
def of_branch(call: Call) -> list[Any]:
    """The rules in force on a branch, which need not exist."""
    found = [
        {
            **rule,
            "ruleset_source_type": ruleset["source_type"],
            "ruleset_source": ruleset["source"],
            "ruleset_id": ruleset["id"],
        }
        for ruleset in rules.in_force(call.repository, f"refs/heads/{call['branch']}")
        for rule in ruleset["rules"]
    ]
    return call.page(found)


def _found(call: Call) -> dict[str, Any]:
    _available(call)
    number = call["ruleset_id"]
    if not number.isdecimal() or int(number) not in call.repository.rulesets:
        raise not_found()
    return call.repository.rulesets[int(number)]


def _fields(call: Call, ruleset: dict[str, Any]) -> dict[str, Any]:
    """Bypass actors are shown to those who may change the ruleset."""
    may = protection.bypasses(call.world, call.token, call.repository, ruleset)
    fields = {**ruleset, "current_user_can_bypass": "always" if may else "never"}
    if not access.has_role(call.world, call.token, call.repository, "admin"):
        del fields["bypass_actors"]
    return fields


def _asked(call: Call, there: dict[str, Any]) -> dict[str, Any]:
    """Names are unique: https://github.com/github-community-projects/safe-settings/pull/1047."""
    body = call.body
    name = body.text("name", there.get("name"))
    others = [ruleset["name"] for ruleset in call.repository.rulesets.values() if ruleset is not there]
    if name in others:
        raise validation_failed("RepositoryRuleset", "name", "custom", "Name must be unique")
    asked = {
        "name": name,
        "target": body.choice("target", ("branch", "tag", "push"), there.get("target", "branch")),
        "enforcement": body.choice("enforcement", ("disabled", "active", "evaluate"), there.get("enforcement")),
        "bypass_actors": body.items("bypass_actors", there.get("bypass_actors", [])),
        "conditions": body.record("conditions", there.get("conditions", {})),
        "rules": body.items("rules", there.get("rules", [])),
    }
    for rule in asked["rules"]:
        _check_rule(rule)
    asked["bypass_actors"] = [_actor(call, actor) for actor in asked["bypass_actors"]]
    return asked


def _check_rule(rule: dict[str, Any]) -> None:
    kind = rule.get("type")
    if kind not in _ENFORCED | _KEPT:
        raise validation_failed("RepositoryRuleset", "rules", "invalid", f"Invalid rule '{kind}'")
    parameters = rule.get("parameters") or {}
    if lacking := [name for name in _REQUIRED.get(kind, ()) if name not in parameters]:
        said = f"Invalid parameter '{lacking[0]}' for rule '{kind}'"
        raise validation_failed("RepositoryRuleset", "rules", "missing_field", said)


def _actor(call: Call, actor: dict[str, Any]) -> dict[str, Any]:
    """Actors have to exist, and organisation owners need no number: GitHub gives it as null or 1."""
    kind, number = actor.get("actor_type"), actor.get("actor_id")
    known = {
        "OrganizationAdmin": True,
        "DeployKey": True,
        "RepositoryRole": number in (2, 4, 5),
        "Team": any(team.id == number for team in call.world.teams.values()),
        "Integration": number in call.keyring.apps,
        "User": any(user.id == number for user in call.world.users.values()),
    }
    if not known.get(str(kind)):
        said = f"Actor {kind} {number} must be part of the ruleset source or owner organization"
        raise validation_failed("RepositoryRuleset", "bypass_actors", "invalid", said)
    return {"actor_id": number, "actor_type": kind, "bypass_mode": actor.get("bypass_mode", "always")}
