"""`uses: pipeline_settings`: a repository's workflows have the variables and secrets that they need.

Variables and secrets that are not named are left alone. A forge shows of a secret that it is there, not what it holds,
so one that is there counts as right: it is set anew after somebody has removed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.forge import Forge, Pipeline
from platformctl.errors import Moved
from platformctl.model import Address, Change, Difference, Drift, Json, Observed, differences

_NAME: Final = {
    "pattern": "^[A-Z_][A-Z0-9_]*$",
    "not": {"pattern": "^GITHUB_"},
    "description": "capital letters, digits and underscores, no digit first, and not GITHUB_…",
}


class PipelineSettings:
    """Variables and secrets of one repository's workflows."""

    PORT: ClassVar = "forge"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["repository"],
        "additionalProperties": False,
        "properties": {
            "repository": {"type": "string", "description": "The repository's name."},
            "variables": {
                "type": "object",
                "propertyNames": _NAME,
                "additionalProperties": {"type": "string", "minLength": 1},
                "description": "Values by name.",
            },
            "secrets": {
                "type": "object",
                "propertyNames": _NAME,
                "additionalProperties": {"type": "string", "pattern": "^(env|file):", "writeOnly": True},
                "description": "References by name, `env:NAME` or `file:PATH`; never the secret.",
            },
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {"type": "object", "properties": {}}

    def __init__(self, port: Forge) -> None:
        self._forge = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        asked = {part: dict(inputs.get(part, {})) for part in ("variables", "secrets")}
        return {_address(inputs): asked} if any(asked.values()) else {}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        return {
            address: _observed(self._forge.pipeline(inputs["repository"], wanted["variables"], wanted["secrets"]))
            for address, wanted in self.desired(inputs).items()
        }

    def differences(self, inputs: Inputs, address: Address, observed: Observed) -> Sequence[Difference]:
        wanted = self.desired(inputs)[address]
        found = observed.value or {"variables": {}, "secrets": []}
        lines = differences(wanted["variables"], found["variables"], "variables")
        missing = [name for name in sorted(wanted["secrets"]) if name not in found["secrets"]]
        return [*lines, *(Difference("+", f"secrets.{name}", wanted["secrets"][name]) for name in missing)]

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        return Drift.MISSING if line.sign == "+" else Drift.OUT_OF_BAND

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {}

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        given = change.after
        now = self._forge.settle_pipeline(inputs["repository"], given["variables"], given["secrets"], change.revision)
        return Applied(_observed(now))

    def undo(self, change: Change) -> Undone | Left:
        repository = change.address.partition("/")[2]
        if self._forge.repository(repository) is None:
            return Undone()
        before = change.before or {"variables": {}, "secrets": []}
        given, left = change.after, Pipeline.secrets_of(change.left)
        made = [name for name in given["secrets"] if name not in before["secrets"]]
        seen = self._forge.pipeline(repository, given["variables"], made)
        for name, value in given["variables"].items():
            if seen.variables.get(name) not in (value, before["variables"].get(name)):
                return Left(f"the variable {name} was changed since")
        for name in seen.secrets:
            if left and left.get(name) != seen.secrets[name]:
                return Left(f"the secret {name} was set anew since")
        variables = {name: before["variables"].get(name) for name in given["variables"]}
        try:
            self._forge.settle_pipeline(repository, variables, dict.fromkeys(made), seen.revision)
        except Moved as moved:
            return Left(moved.what)
        return Undone()


def _observed(found: Pipeline) -> Observed:
    if not found.revision:
        return Observed()
    value = {"variables": dict(found.variables), "secrets": sorted(found.secrets)}
    return Observed(value, found.revision)


def _address(inputs: Inputs) -> Address:
    return f"pipeline_settings/{inputs['repository']}"
