"""The whole state without times and ids, to compare two worlds."""

from __future__ import annotations

from typing import Any, Final

from platformctl.testing.github import commits, trees
from platformctl.testing.github.repository import Pull, Repository
from platformctl.testing.github.world import World

_TRANSIENT: Final = {"id", "node_id", "_links", "created_at", "updated_at"}


def of(world: World) -> dict[str, Any]:
    """The state as JSON."""
    names = {team.id: f"team {slug}" for slug, team in world.teams.items()}
    return {
        "organisation": world.site.organisation,
        "teams": {
            slug: {"name": team.name, "members": sorted(team.members)} for slug, team in sorted(world.teams.items())
        },
        "properties": {
            name: {key: value for key, value in definition.items() if key != "url"}
            for name, definition in sorted(world.properties.items())
        },
        "repositories": {
            repository.name: _repository(repository, names) for _, repository in sorted(world.repositories.items())
        },
    }


def _repository(repository: Repository, names: dict[int, str]) -> dict[str, Any]:
    return {
        "visibility": repository.visibility,
        "default_branch": repository.default_branch,
        "archived": repository.archived,
        "settings": dict(sorted(repository.settings.items())),
        "security": dict(sorted(repository.security.items())),
        "alerts": repository.alerts,
        "topics": sorted(repository.topics),
        "properties": dict(sorted(repository.properties.items())),
        "teams": dict(sorted(repository.teams.items())),
        "refs": {ref: _files(repository, sha) for ref, sha in sorted(repository.refs.items())},
        "rulesets": sorted(
            (_rules(rules, names) for rules in repository.rulesets.values()), key=lambda one: one["name"]
        ),
        "protection": dict(sorted(repository.protection.items())),
        "pulls": [_pull(repository.pulls[number]) for number in sorted(repository.pulls)],
        "checks": sorted(
            [check["context"], check["conclusion"]] for found in repository.checks.values() for check in found
        ),
        "environments": {
            name: {key: value for key, value in environment.items() if key not in _TRANSIENT}
            for name, environment in sorted(repository.environments.items())
        },
        "variables": {name: variable["value"] for name, variable in sorted(repository.variables.items())},
        "secrets": sorted(repository.secrets),
        "access_level": repository.access_level,
    }


def _files(repository: Repository, sha: str) -> list[list[str]]:
    """What a ref's tree holds: mode, blob and path of each file."""
    tree = commits.read(repository.git, repository.peeled(sha)).tree
    return [[entry.mode, entry.sha, path] for path, entry in sorted(trees.files(repository.git, tree).items())]


def _rules(rules: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    kept = {key: value for key, value in rules.items() if key not in _TRANSIENT}
    actors = [
        {
            **actor,
            "actor_id": names.get(actor["actor_id"], actor["actor_id"])
            if actor["actor_type"] == "Team"
            else actor["actor_id"],
        }
        for actor in rules["bypass_actors"]
    ]
    return {**kept, "bypass_actors": actors}


def _pull(pull: Pull) -> dict[str, Any]:
    return {
        "title": pull.title,
        "body": pull.body,
        "head": pull.head,
        "base": pull.base,
        "state": pull.state,
        "merged": bool(pull.merged),
        "reviews": [[review["user"], review["state"]] for review in pull.reviews],
    }
