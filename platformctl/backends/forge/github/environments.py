"""Deployment environments of repositories on GitHub: https://docs.github.com/en/rest/deployments/environments"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from platformctl.backends.forge.github.manners import Refused
from platformctl.backends.forge.github.organisation import Organisation
from platformctl.backends.forge.github.settings import digest
from platformctl.errors import Moved, NotFound
from platformctl.model import Json


class Environments(Organisation):
    """Deployment environments with their rules."""

    def environment(self, name: str, environment: str) -> tuple[Json, str]:
        if name in self._absent:
            return None, ""
        found = self._client.find(self._place(name, environment))
        return (None, "") if found is None else _seen(found)

    def set_environment(self, name: str, environment: str, rules: Json, revision: str) -> str:
        place = self._place(name, environment)
        now, at = self.environment(name, environment)
        if now == rules:
            return at
        if at != revision:
            raise Moved(f"environment {environment} of {name} was changed meanwhile", where=self.url(name))
        if rules is None:
            try:
                self._client.ask("DELETE", place)
            except Refused as refused:
                if refused.status != 404:
                    raise
            return ""
        made = self._client.ask(
            "PUT",
            place,
            {
                "wait_timer": rules["wait_minutes"],
                "reviewers": [{"type": "Team", "id": self._number(team)} for team in rules["reviewers"]],
                "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}
                if rules["protected_branches_only"]
                else None,
            },
        )
        return _seen(made)[1]

    def _place(self, name: str, environment: str) -> str:
        return f"{self._path(name)}/environments/{quote(environment, safe='')}"

    def _number(self, team: str) -> int:
        found = self._client.find(f"/orgs/{self._organisation}/teams/{team}")
        if found is None:
            raise NotFound(f"{self._organisation} has no team {team!r} on GitHub", hint="Create it, or see `reviewers`")
        number: int = found["id"]
        return number


def _seen(found: Mapping[str, Any]) -> tuple[Json, str]:
    """An environment's rules in the port's words. What those have no word for stands under `other`, so that it is seen.

    Rules of other Apps are left out: setting an environment leaves them alone.
    """
    by_type = {rule["type"]: rule for rule in found.get("protection_rules") or ()}
    review = by_type.get("required_reviewers", {})
    reviewers = [(item["type"], item["reviewer"]) for item in review.get("reviewers", ())]
    policy = found.get("deployment_branch_policy") or {}
    other = [f"user:{who['login']}" for kind, who in reviewers if kind == "User"]
    other += ["prevent_self_review"] if review.get("prevent_self_review") else []
    other += ["custom_branch_policies"] if policy.get("custom_branch_policies") else []
    rules: dict[str, Json] = {
        "reviewers": sorted(who["slug"] for kind, who in reviewers if kind == "Team"),
        "wait_minutes": by_type.get("wait_timer", {}).get("wait_timer", 0),
        "protected_branches_only": bool(policy.get("protected_branches")),
    }
    if other:
        rules["other"] = sorted(other)
    return rules, digest(rules)
