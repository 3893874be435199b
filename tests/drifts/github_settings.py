"""What becomes of a repository on GitHub in its settings and rules, and what GitHub adds to them by itself."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final, cast

from platformctl.model import Drift
from platformctl.testing.github.repository import Repository
from tests.drifts.case import Kind, Planted
from tests.drifts.github_stand import GitHubStand
from tests.drifts.owners import foreign
from tests.drifts.stand import Stand

_PROTECTION: Final = "branch_protection/payments-api/main"
Change = Callable[[Repository, Random], object]


def changed(change: Change) -> Callable[[Stand, Random], None]:
    """Somebody changes the service's repository in GitHub's pages."""
    return lambda stand, chance: change(cast(GitHubStand, stand).changed(), chance) and None


def _setting(**given: Any) -> Change:
    return lambda found, chance: found.settings.update(given)


_SETTINGS: Final[dict[str, Change]] = {
    "another description": _setting(description="Takes money"),
    "another way to merge": _setting(allow_merge_commit=True),
    "another visibility": lambda found, chance: setattr(found, "visibility", "private"),
    "archived": lambda found, chance: setattr(found, "archived", True),
    "no security updates": lambda found, chance: found.security.update(dependabot_security_updates="disabled"),
    "a topic fewer": lambda found, chance: found.topics.pop(),
    "another permission": lambda found, chance: found.teams.update(payments=chance.choice(("pull", "push", "admin"))),
    "another team": lambda found, chance: found.teams.update(orders="push"),
    "a team fewer": lambda found, chance: found.teams.clear(),
}


def _rule(kind: str, **given: Any) -> Change:
    def change(found: Repository, chance: Random) -> None:
        rules = _ruleset(found)["rules"]
        next(rule for rule in rules if rule["type"] == kind)["parameters"].update(given)

    return change


def _ruleset(found: Repository) -> dict[str, Any]:
    return next(one for one in found.rulesets.values() if one["name"] == "platformctl: main")


def _without(kind: str) -> Change:
    def change(found: Repository, chance: Random) -> None:
        rules = _ruleset(found)["rules"]
        rules.remove(next(rule for rule in rules if rule["type"] == kind))

    return change


_RULES: Final[dict[str, Change]] = {
    "no review": _rule("pull_request", required_approving_review_count=0),
    "no review by owners": _rule("pull_request", require_code_owner_review=False),
    "a check fewer": lambda found, chance: next(
        rule for rule in _ruleset(found)["rules"] if rule["type"] == "required_status_checks"
    )["parameters"]["required_status_checks"].pop(),
    "no checks": _without("required_status_checks"),
    "merge commits": _without("required_linear_history"),
    "pushes by force": _without("non_fast_forward"),
    "the branch may be deleted": _without("deletion"),
    "another rule": lambda found, chance: _ruleset(found)["rules"].append({"type": "required_signatures"}),
    "out of force": lambda found, chance: _ruleset(found).update(enforcement="disabled"),
    "for another branch": lambda found, chance: _ruleset(found)["conditions"]["ref_name"].update(
        include=["refs/heads/master"]
    ),
    "somebody may bypass": lambda found, chance: _ruleset(found)["bypass_actors"].append(
        {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
    ),
}
_PIPELINE: Final[dict[str, Change]] = {
    "another value": lambda found, chance: found.variables["REGION"].update(value="us-east-1"),
    "a variable is gone": lambda found, chance: found.variables.pop("REGION"),
    "a secret is gone": lambda found, chance: found.secrets.pop("SCANNER_TOKEN"),
    "any branch may deploy": lambda found, chance: found.environments["staging"].update(deployment_branch_policy=None),
    "the environment is gone": lambda found, chance: found.environments.clear(),
}


def _foreign(stand: Stand, chance: Random) -> Planted:
    found = cast(GitHubStand, stand).changed()
    found.settings["homepage"] = "https://example.org#platformctl:orders-api/20261101-101010101-orders-api-ab12"
    return foreign("repository/payments-api")


def _no_ruleset(found: Repository, chance: Random) -> None:
    found.rulesets.clear()


def _added(found: Repository, chance: Random) -> None:
    """What GitHub or the team adds, and nobody minds."""
    found.settings.update(has_issues=False, has_discussions=True, web_commit_signoff_required=True, homepage=None)
    found.security.update(secret_scanning="enabled", secret_scanning_push_protection="enabled")
    found.teams["security"] = "pull"
    found.properties["cost-centre"] = "4711"
    found.topics += ["python", "pci-dss"]
    found.topics.reverse()
    found.variables["THEIRS"] = {**next(iter(found.variables.values())), "name": "THEIRS", "value": "x"}
    found.secrets["THEIR_TOKEN"] = copy.deepcopy(next(iter(found.secrets.values())))
    found.environments["production"] = copy.deepcopy(found.environments["staging"]) | {"name": "production"}


def _another_ruleset(found: Repository, chance: Random) -> None:
    """The organisation asks for more, in a ruleset of its own; and GitHub has a new field in ours."""
    other = copy.deepcopy(_ruleset(found)) | {"id": 4711, "name": "theirs"}
    found.rulesets[4711] = other
    for rule in _ruleset(found)["rules"]:
        if "parameters" in rule:
            rule["parameters"]["automatic_copilot_code_review_enabled"] = False
    next(rule for rule in _ruleset(found)["rules"] if rule["type"] == "required_status_checks")["parameters"][
        "required_status_checks"
    ].reverse()


def _kinds() -> Iterator[Kind]:
    away = Drift.OUT_OF_BAND
    for name, change in _SETTINGS.items():
        yield Kind(f"settings: {name}", changed(change), "settings", away, gone=away, times=1)
    for name, change in _RULES.items():
        yield Kind(f"protection: {name}", changed(change), "protection", away, gone=away, times=1)
    yield Kind("protection: lifted", changed(_no_ruleset), "protection", away, times=1)
    for name, change in _PIPELINE.items():
        yield Kind(f"pipeline: {name}", changed(change), "pipeline", away, times=1)
    yield Kind("repository: another service's mark", _foreign, "settings", Drift.FOREIGN, times=2)
    yield Kind("GitHub and the team add", changed(_added), "settings", times=4)
    yield Kind("GitHub and the organisation add rules", changed(_another_ruleset), "protection", times=2)


KINDS: Final = tuple(_kinds())
