"""Pull requests, and what branches are protected by."""

from __future__ import annotations

from typing import Any, Final

from tests.openapi.tour.caller import Caller

_RULES: Final[list[dict[str, Any]]] = [
    {"type": "deletion"},
    {"type": "non_fast_forward"},
    {"type": "required_linear_history"},
    {
        "type": "pull_request",
        "parameters": {
            "required_approving_review_count": 1,
            "dismiss_stale_reviews_on_push": True,
            "require_code_owner_review": True,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        },
    },
    {
        "type": "required_status_checks",
        "parameters": {
            "required_status_checks": [{"context": "ci / test"}],
            "strict_required_status_checks_policy": False,
        },
    },
]
_RULESET: Final = {
    "name": "main",
    "target": "branch",
    "enforcement": "active",
    "bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}],
    "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
    "rules": _RULES,
}


def pulls(ask: Caller, reviewer: Caller, ci: Caller) -> None:
    at = "/repos/acme/svc/pulls"
    asked = {"title": "t", "head": "topic/a", "base": "main", "body": "b"}
    number = ask(201, f"POST {at}", asked)["number"]
    ask(422, f"POST {at}", asked)
    ask(200, f"GET {at}", query={"head": "acme:topic/a", "base": "main", "state": "open"})
    ask(200, f"GET {at}/{number}")
    ask(200, f"PATCH {at}/{number}", {"title": "u"})
    ask(200, f"GET {at}/{number}/files")
    ask(404, f"GET {at}/{number}/merge")
    ruleset = ask(201, "POST /repos/acme/svc/rulesets", {**_RULESET, "bypass_actors": []})["id"]
    ask(405, f"PUT {at}/{number}/merge", {"merge_method": "squash"})
    reviewer(200, f"POST {at}/{number}/reviews", {"event": "APPROVE"})
    ask(200, f"GET {at}/{number}/reviews")
    head = ask(200, f"GET {at}/{number}")["head"]["sha"]
    ask(201, f"POST /repos/acme/svc/statuses/{head}", {"state": "success", "context": "ci / test"})
    ask(200, f"GET /repos/acme/svc/commits/{head}/status")
    check = {"name": "build", "head_sha": head, "status": "completed", "conclusion": "success"}
    ask(403, "POST /repos/acme/svc/check-runs", check)
    ci(201, "POST /repos/acme/svc/check-runs", check)
    ask(200, f"GET /repos/acme/svc/commits/{head}/check-runs")
    ask(200, f"PUT {at}/{number}/merge", {"merge_method": "squash", "commit_title": "t"})
    ask(204, f"GET {at}/{number}/merge")
    ask(204, f"DELETE /repos/acme/svc/rulesets/{ruleset}")


def rules(ask: Caller) -> None:
    at = "/repos/acme/svc"
    made = ask(201, f"POST {at}/rulesets", _RULESET)["id"]
    ask(422, f"POST {at}/rulesets", _RULESET)
    ask(200, f"GET {at}/rulesets")
    ask(200, f"GET {at}/rulesets/{made}")
    ask(404, f"GET {at}/rulesets/999999")
    ask(200, f"PUT {at}/rulesets/{made}", {**_RULESET, "enforcement": "disabled"})
    ask(200, f"PUT {at}/rulesets/{made}", _RULESET)
    ask(200, f"GET {at}/rules/branches/main")
    ask(204, f"DELETE {at}/rulesets/{made}")
    ask(404, f"GET {at}/branches/main/protection")
    protection = {
        "required_status_checks": {"strict": False, "contexts": ["ci / test"]},
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1, "require_code_owner_reviews": True},
        "restrictions": None,
        "required_linear_history": True,
    }
    ask(200, f"PUT {at}/branches/main/protection", protection)
    ask(200, f"GET {at}/branches/main/protection")
    ask(200, f"GET {at}/branches/main")
    ask(204, f"DELETE {at}/branches/main/protection")
