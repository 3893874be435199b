"""`uses: deployment_environment`: workflows deploy to an environment by its rules: from where, after whose review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.forge import Forge
from platformctl.errors import Moved
from platformctl.model import Address, Change, Json, Observed


class DeploymentEnvironment:
    """One deployment environment of one repository."""

    PORT: ClassVar = "forge"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["repository", "environment"],
        "additionalProperties": False,
        "properties": {
            "repository": {"type": "string", "description": "The repository's name."},
            "environment": {
                "type": "string",
                "minLength": 1,
                "maxLength": 255,
                "description": "The environment: `staging`.",
            },
            "reviewers": {
                "type": "array",
                "maxItems": 6,
                "uniqueItems": True,
                "items": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
                "description": "Teams, by slug, one of whose members approves each deployment; nobody.",
            },
            "wait_minutes": {
                "type": "integer",
                "minimum": 0,
                "maximum": 43200,
                "description": "How long a deployment waits; 0.",
            },
            "protected_branches_only": {
                "type": "boolean",
                "description": "Whether protected branches alone may deploy; true.",
            },
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {"environment": {"type": "string", "description": "The environment's name."}},
    }

    def __init__(self, port: Forge) -> None:
        self._forge = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        rules = {
            "reviewers": sorted(inputs.get("reviewers", ())),
            "wait_minutes": inputs.get("wait_minutes", 0),
            "protected_branches_only": inputs.get("protected_branches_only", True),
        }
        return {_address(inputs): rules}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        return {_address(inputs): self._look(inputs["repository"], inputs["environment"])}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {"environment": inputs["environment"]}

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        repository, environment = inputs["repository"], inputs["environment"]
        self._forge.set_environment(repository, environment, change.after, change.revision)
        return Applied(self._look(repository, environment))

    def undo(self, change: Change) -> Undone | Left:
        _, repository, environment = change.address.split("/", 2)
        if self._forge.repository(repository) is None:
            return Undone()
        seen = self._look(repository, environment)
        if seen.value == change.before:
            return Undone()
        if seen.value != change.after:
            return Left("it was changed since")
        if change.before is not None and "other" in change.before:
            return Left(f"platformctl cannot set {', '.join(change.before['other'])} again")
        try:
            self._forge.set_environment(repository, environment, change.before, seen.revision)
        except Moved as moved:
            return Left(moved.what)
        return Undone()

    def _look(self, repository: str, environment: str) -> Observed:
        rules, revision = self._forge.environment(repository, environment)
        return Observed(rules, revision)


def _address(inputs: Inputs) -> Address:
    return f"deployment_environment/{inputs['repository']}/{inputs['environment']}"
