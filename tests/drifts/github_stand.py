"""The same service on a GitHub, with the catalog in a repository there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest

from platformctl.backends.forge.github import manners
from platformctl.testing.github import FakeGitHub, codeowners
from platformctl.testing.github import moves as refs
from platformctl.testing.github.repository import Repository
from tests.drifts import people
from tests.drifts.inventory import component_text
from tests.drifts.people import Files
from tests.drifts.stand import PLATFORM, SERVICE, Stand
from tests.github import TOKEN, VARIABLE, platform

_PERMISSIONS: Final = {"pull": "read", "push": "write"}
_MERGES: Final = {"allow_squash_merge": "squash", "allow_merge_commit": "merge", "allow_rebase_merge": "rebase"}
_OURS: Final = ("golden-", "team-", "tier-")


class GitHubStand(Stand):
    """On the fake GitHub, whose repositories are git's own on the disk."""

    def __init__(self, root: Path) -> None:
        self.github = FakeGitHub(root / "github")
        self.github.__enter__()
        self.github.token(TOKEN)
        self.github.limits.limit = 10**9
        for team in ("payments", "orders", "security"):
            self.github.team(team)
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(manners, "_PAUSE", 0.001)  # a GitHub that fails, fails for good
        given = platform(self.github, bypass=["organisation-admin"])
        super().__init__(root, {**PLATFORM, **given, "teams": PLATFORM["teams"]}, **{VARIABLE: TOKEN})

    def close(self) -> None:
        self.github.__exit__(None, None, None)
        self._patch.undo()

    def request(self, method: str, path: str, body: Any) -> None:
        """Something that somebody does through GitHub's API."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        request = Request(self.github.url + path, json.dumps(body).encode(), headers, method=method)
        urlopen(request, timeout=10).close()

    def keep(self) -> None:
        self._moment = self.github.remember()
        super().keep()

    def restore(self) -> None:
        super().restore()
        self.github.return_to(self._moment)
        self.github.token(TOKEN)
        for known in self.home.glob("cache/github/*/owners"):
            shutil.rmtree(known)  # what is remembered for an hour

    def repository(self, name: str = SERVICE) -> Path:
        return self.github._forge.world.repositories[name].git.folder

    def commit(self, files: Files, chance: Random, repository: str = SERVICE) -> None:
        super().commit(files, chance, repository)
        refs.reload(self.github._forge.world, self.changed(repository))

    def changed(self, name: str = SERVICE) -> Repository:
        """A repository that somebody is about to change."""
        forge = self.github._forge
        forge.world = forge.world.fork(name)
        return forge.world.repositories[name]

    def forge_parts(self) -> dict[str, dict[str, Any]]:
        found = self.github._forge.world.repositories[SERVICE]
        environment = found.environments.get("staging")
        rules = next((one for one in found.rulesets.values() if one["name"] == "platformctl: main"), None)
        asked = PLATFORM["ci"]
        return {
            "repository/payments-api": _settings(found),
            "pipeline_settings/payments-api": {
                "variables": {name: one["value"] for name, one in found.variables.items() if name != "THEIRS"},
                "secrets": {name: "" for name in found.secrets if name in asked["secrets"] or name == "SIGNING_KEY"},
            },
            "deployment_environment/payments-api/staging": _environment(environment) if environment else {},
            "branch_protection/payments-api/main": {**_rules(rules), "owner_problems": self._problems()}
            if rules
            else {},
        }

    def _problems(self) -> list[str]:
        """What GitHub has to say about code owners."""
        world = self.github._forge.world
        found = world.repositories[SERVICE]
        path, text = codeowners.find(found, "main")
        return [error["kind"] for error in codeowners.errors(world, found, path, codeowners.parse(text))]

    def component_parts(self) -> dict[str, Any]:
        path = "components/payments-api.yaml"
        if path not in people.entries(self.repository("catalog")):
            return {}
        text = people.content(self.repository("catalog"), path).decode(errors="replace")
        unmarked = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("# platformctl: "))
        return {**component_text(unmarked), "listing": True}


def _settings(found: Repository) -> dict[str, Any]:
    merges = [ours for theirs, ours in _MERGES.items() if found.settings[theirs]]
    may = {team: _PERMISSIONS.get(how, how) for team, how in found.teams.items()}
    return {
        "description": found.settings["description"] or "",
        "topics": sorted(topic for topic in found.topics if topic.startswith(_OURS)),
        "visibility": found.visibility,
        "default_branch": found.default_branch,
        "merge": merges,
        "archived": found.archived,
        "security_updates": found.security["dependabot_security_updates"],
        "teams": {team: how for team, how in may.items() if how != "read" or team in ("payments", "orders")},
    }


def _environment(found: dict[str, Any]) -> dict[str, Any]:
    rules = {rule["type"]: rule for rule in found.get("protection_rules", ())}
    policy = found.get("deployment_branch_policy") or {}
    return {
        "wait_minutes": rules.get("wait_timer", {}).get("wait_timer", 0),
        "reviewers": str(rules.get("required_reviewers", {}).get("reviewers", [])),
        "protected_branches_only": bool(policy.get("protected_branches")),
    }


def _rules(found: dict[str, Any]) -> dict[str, Any]:
    by_type = {rule["type"]: rule.get("parameters") or {} for rule in found["rules"]}
    review = by_type.get("pull_request", {})
    checks = by_type.get("required_status_checks", {}).get("required_status_checks", [])
    known = {"deletion", "non_fast_forward", "required_linear_history", "pull_request", "required_status_checks"}
    other = sorted(by_type.keys() - known)
    return {
        "reviews": review.get("required_approving_review_count", 0),
        "code_owners": bool(review.get("require_code_owner_review")),
        "checks": sorted(check["context"] for check in checks),
        "linear_history": "required_linear_history" in by_type,
        "bypass": str(found["bypass_actors"]),
        "force_push": "non_fast_forward" not in by_type,
        "deletion": "deletion" not in by_type,
        "in_force": str([found["enforcement"], found["conditions"]]),
        **({"other": other} if other else {}),
    }
