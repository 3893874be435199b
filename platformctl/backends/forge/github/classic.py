"""A branch's protection as GitHub had it before rulesets, for plans and servers without them:
https://docs.github.com/en/rest/branches/branch-protection"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from platformctl.backends.forge.github.client import Client
from platformctl.backends.forge.github.settings import digest
from platformctl.errors import BadConfig, Moved
from platformctl.model import Json

_ADMINISTRATORS: Final = ("organisation-admin", "role:admin")
"""Who can be let through: classic protection knows administrators, and else nobody that has a number."""


class ClassicProtection:
    """One protection for each branch. Whoever administers a repository goes past it when it does not hold for them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, repository: str, branch: str) -> tuple[Json, str]:
        """The rules of a branch, with their revision; None when there are none. `repository` is an API path."""
        found = self._client.find(_path(repository, branch))
        if found is None:
            return None, ""
        rules = _rules(found)
        return rules, digest(rules)

    def put(self, repository: str, branch: str, rules: Json, revision: str) -> str:
        """Set or lift them; gives the new revision. Raises `Moved`, and `BadConfig` for who cannot be let through."""
        found, now = self.get(repository, branch)
        if rules is not None and found == {**rules, "in_force": True}:
            return now
        if now != revision:
            raise Moved(f"the protection of {branch} was changed meanwhile")
        if rules is None:
            self._client.remove(_path(repository, branch))
            return ""
        return digest(_rules(self._client.ask("PUT", _path(repository, branch), _body(rules))))


def _path(repository: str, branch: str) -> str:
    return f"{repository}/branches/{quote(branch, safe='')}/protection"


def _body(rules: Mapping[str, Json]) -> dict[str, Any]:
    if others := sorted(set(rules.get("bypass", ())) - set(_ADMINISTRATORS)):
        raise BadConfig(
            f"forge.bypass: classic protection lets {others[0]} not through",
            hint=f"Name one of {', '.join(_ADMINISTRATORS)}, or use rulesets",
        )
    checks = {"strict": False, "contexts": [], "checks": [{"context": check} for check in rules["checks"]]}
    return {
        "required_status_checks": checks if rules["checks"] else None,
        "enforce_admins": not rules.get("bypass"),
        "required_pull_request_reviews": {
            "required_approving_review_count": rules["reviews"],
            "require_code_owner_reviews": rules["code_owners"],
            "dismiss_stale_reviews": True,
        },
        "restrictions": None,
        "required_linear_history": bool(rules.get("linear_history")),
        "allow_force_pushes": False,
        "allow_deletions": False,
    }


def _rules(found: Mapping[str, Any]) -> dict[str, Json]:
    """The rules in the port's words; administrators that it does not hold for are those that may bypass it."""
    reviews = found.get("required_pull_request_reviews") or {}
    checks = found.get("required_status_checks") or {}
    return {
        "reviews": reviews.get("required_approving_review_count", 0),
        "code_owners": bool(reviews.get("require_code_owner_reviews")),
        "checks": [check["context"] for check in checks.get("checks") or ()],
        "linear_history": _on(found, "required_linear_history"),
        "bypass": [] if _on(found, "enforce_admins") else [_ADMINISTRATORS[0]],
        "force_push": _on(found, "allow_force_pushes"),
        "deletion": _on(found, "allow_deletions"),
        "in_force": True,
    }


def _on(found: Mapping[str, Any], name: str) -> bool:
    return bool((found.get(name) or {}).get("enabled"))
