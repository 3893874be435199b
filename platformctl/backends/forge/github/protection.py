"""A branch's protection as a ruleset of the repository:
https://docs.github.com/en/rest/repos/rules"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from platformctl.backends.forge.github.client import Client
from platformctl.backends.forge.github.manners import Refused
from platformctl.backends.forge.github.settings import digest
from platformctl.errors import Failure, Moved, NoAccess
from platformctl.model import Json

_ALWAYS: Final = ("deletion", "non_fast_forward")


class Rulesets:
    """One ruleset for each protected branch, known by its name; `cache` keeps their numbers, which never change."""

    def __init__(self, client: Client, cache: Path) -> None:
        self._client = client
        self._cache = cache
        self._answers: dict[tuple[str, str], Mapping[str, Any]] = {}
        """What GitHub answered to a write: as good as asking once more, once."""

    def get(self, repository: str, branch: str) -> tuple[Json, str]:
        """The rules of a branch, with their revision; None when there are none. `repository` is an API path."""
        found = self._answers.pop((repository, branch), None) or self._find(repository, branch)
        return (None, "") if found is None else (_rules(found), digest(_content(found)))

    def put(self, repository: str, branch: str, rules: Json, revision: str) -> str:
        """Set or lift them; gives the new revision. Raises `Moved`."""
        found = self._find(repository, branch, fresh=True)
        wanted = None if rules is None else _ruleset(branch, rules)
        now = digest(_content(found)) if found else ""
        if wanted is None:
            self._expect(now, revision, branch)
            if found is not None:
                self._client.remove(f"{repository}/rulesets/{found['id']}")
            self._forget(repository, branch)
            return ""
        if found is not None and _content(found) == _content(wanted):
            return now
        self._expect(now, revision, branch)
        try:
            if found is None:
                made = self._client.ask("POST", f"{repository}/rulesets", wanted)
            else:
                made = self._client.ask("PUT", f"{repository}/rulesets/{found['id']}", wanted)
        except (Refused, NoAccess) as refused:
            if not _not_offered(refused):
                raise
            raise NoAccess(
                "GitHub offers no rulesets here",
                where=repository,
                hint="Private repositories need a paid plan for them; without one, set forge.protection: classic",
            ) from None
        self._remember(repository, branch, made["id"])
        self._answers[repository, branch] = made
        return digest(_content(made))

    def _find(self, repository: str, branch: str, *, fresh: bool = False) -> Mapping[str, Any] | None:
        try:
            return self._found(repository, branch, fresh=fresh)
        except (Refused, NoAccess) as refused:
            if not _not_offered(refused):
                raise
            return None

    def _found(self, repository: str, branch: str, *, fresh: bool) -> Mapping[str, Any] | None:
        if not fresh and (number := self._number(repository, branch)):
            found = self._client.find(f"{repository}/rulesets/{number}")
            if found is not None and found.get("name") == _name(branch):
                ruleset: Mapping[str, Any] = found
                return ruleset
        for item in self._client.pages(f"{repository}/rulesets", {"includes_parents": "false"}):
            if item["name"] == _name(branch):
                self._remember(repository, branch, item["id"])
                one: Mapping[str, Any] = self._client.ask("GET", f"{repository}/rulesets/{item['id']}")
                return one
        self._forget(repository, branch)
        return None

    def _expect(self, found: str, revision: str, branch: str) -> None:
        if found != revision:
            raise Moved(f"the protection of {branch} was changed meanwhile")

    def _number(self, repository: str, branch: str) -> int:
        try:
            return int(self._place(repository, branch).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def _remember(self, repository: str, branch: str, number: int) -> None:
        if self._number(repository, branch) != number:
            place = self._place(repository, branch)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(str(number), encoding="ascii")

    def _forget(self, repository: str, branch: str) -> None:
        self._place(repository, branch).unlink(missing_ok=True)

    def _place(self, repository: str, branch: str) -> Path:
        return self._cache / "rulesets" / repository.strip("/").replace("/", " ") / branch.replace("/", " ")


def _not_offered(refused: Failure) -> bool:
    """Whether there are no rulesets to be had: with this plan, in this version, or without the repository."""
    return "Upgrade to" in refused.what or (isinstance(refused, Refused) and refused.status == 404)


def _name(branch: str) -> str:
    return f"platformctl: {branch}"


def _ruleset(branch: str, rules: Mapping[str, Json]) -> dict[str, Any]:
    """GitHub's form of the rules."""
    pull_request = {
        "required_approving_review_count": rules["reviews"],
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": rules["code_owners"],
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
    }
    parts: list[dict[str, Any]] = [{"type": type_} for type_ in _ALWAYS]
    if rules.get("linear_history"):
        parts.append({"type": "required_linear_history"})
    parts.append({"type": "pull_request", "parameters": pull_request})
    if rules["checks"]:
        checks = {
            "strict_required_status_checks_policy": False,
            "required_status_checks": [{"context": check} for check in rules["checks"]],
        }
        parts.append({"type": "required_status_checks", "parameters": checks})
    return {
        "name": _name(branch),
        **_for(branch),
        "enforcement": "active",
        "bypass_actors": [_actor(who) for who in rules.get("bypass", ())],
        "rules": parts,
    }


def _rules(found: Mapping[str, Any]) -> dict[str, Json]:
    """The rules in the port's words. What those have no word for stands under `other`, so that it is seen."""
    by_type = {rule["type"]: rule.get("parameters") or {} for rule in found.get("rules", ())}
    pull_request = by_type.get("pull_request", {})
    checks = by_type.get("required_status_checks", {}).get("required_status_checks", ())
    rules: dict[str, Json] = {
        "reviews": pull_request.get("required_approving_review_count", 0),
        "code_owners": bool(pull_request.get("require_code_owner_review")),
        "checks": [check["context"] for check in checks],
        "linear_history": "required_linear_history" in by_type,
        "bypass": _bypass(found),
        "force_push": "non_fast_forward" not in by_type,
        "deletion": "deletion" not in by_type,
        "in_force": found.get("enforcement") == "active" and _aim(found) == _aim(_for(_branch(found))),
    }
    known = {*_ALWAYS, "required_linear_history", "pull_request", "required_status_checks"}
    if other := sorted(by_type.keys() - known):
        rules["other"] = other
    return rules


_ROLES: Final = {"maintain": 2, "write": 4, "admin": 5}
"""GitHub's numbers of the repository roles that may bypass:
https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset"""


def _actor(who: str) -> dict[str, Any]:
    """`role:admin`, `app:ID`, `team:ID` or `organisation-admin` as GitHub's bypass actor."""
    kind, _, name = who.partition(":")
    if kind == "organisation-admin":
        return {"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}
    if kind == "role":
        return {"actor_id": _ROLES[name], "actor_type": "RepositoryRole", "bypass_mode": "always"}
    return {"actor_id": int(name), "actor_type": _TYPES[kind], "bypass_mode": "always"}


_TYPES: Final = {"app": "Integration", "team": "Team"}


def _bypass(found: Mapping[str, Any]) -> list[str]:
    names = []
    for actor in found.get("bypass_actors") or ():
        kind, number = actor.get("actor_type"), actor.get("actor_id")
        if kind == "OrganizationAdmin":
            names.append("organisation-admin")
        elif kind == "RepositoryRole":
            names.append(f"role:{next((name for name, known in _ROLES.items() if known == number), number)}")
        else:
            names.append(f"{next((ours for ours, theirs in _TYPES.items() if theirs == kind), kind)}:{number}")
    return sorted(names)


def _content(found: Mapping[str, Any]) -> Json:
    """What a revision is made from: GitHub adds fields of its own, so only those that platformctl sets count."""
    rules: Sequence[Mapping[str, Any]] = found.get("rules") or ()
    reviews = next((rule.get("parameters") or {} for rule in rules if rule["type"] == "pull_request"), {})
    modes = [actor.get("bypass_mode") for actor in found.get("bypass_actors") or ()]
    dismissing = reviews.get("dismiss_stale_reviews_on_push")
    return [_rules(found), sorted(rule["type"] for rule in rules), _aim(found), modes, dismissing]


def _for(branch: str) -> dict[str, Any]:
    """The part of a ruleset that says what it is about."""
    ref_name: dict[str, Any] = {"include": [f"refs/heads/{branch}"], "exclude": []}
    return {"target": "branch", "conditions": {"ref_name": ref_name}}


def _aim(found: Mapping[str, Any]) -> Json:
    ref_name = (found.get("conditions") or {}).get("ref_name") or {}
    return [found.get("target"), sorted(ref_name.get("include", ())), sorted(ref_name.get("exclude", ()))]


def _branch(found: Mapping[str, Any]) -> str:
    return str(found.get("name", "")).removeprefix(_name(""))
