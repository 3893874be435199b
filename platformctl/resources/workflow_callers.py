"""`uses: workflow_callers`: the reusable workflows of a repository can be called by those who are to call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.forge import Forge
from platformctl.errors import Moved
from platformctl.model import Address, Change, Json, Observed


class WorkflowCallers:
    """Who may call one repository's workflows. Everybody may call those of a public repository."""

    PORT: ClassVar = "forge"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["repository", "visibility"],
        "additionalProperties": False,
        "properties": {
            "repository": {"type": "string", "description": "The repository's name."},
            "visibility": {"enum": ["internal", "private", "public"], "description": "Who sees the repository."},
            "callers": {
                "enum": ["nobody", "organisation", "enterprise"],
                "description": "Whose repositories may call its workflows; `organisation`.",
            },
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {"type": "object", "properties": {}}

    def __init__(self, port: Forge) -> None:
        self._forge = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        if inputs["visibility"] == "public":
            return {}
        return {_address(inputs): {"callers": inputs.get("callers", "organisation")}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        if inputs["visibility"] == "public":
            return {}
        return {_address(inputs): self._look(inputs["repository"])}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {}

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        self._forge.allow_callers(inputs["repository"], change.after["callers"], change.revision or "nobody")
        return Applied(self._look(inputs["repository"]))

    def undo(self, change: Change) -> Undone | Left:
        repository = change.address.partition("/")[2]
        if self._forge.repository(repository) is None:
            return Undone()
        seen, before = self._look(repository), change.before
        if seen.value == before:
            return Undone()
        if seen.value != change.after:
            return Left("it was changed since")
        try:
            self._forge.allow_callers(repository, before["callers"] if before else "nobody", seen.revision)
        except Moved as moved:
            return Left(moved.what)
        return Undone()

    def _look(self, repository: str) -> Observed:
        callers = self._forge.callers(repository)
        return Observed() if callers == "nobody" else Observed({"callers": callers}, callers)


def _address(inputs: Inputs) -> Address:
    return f"workflow_callers/{inputs['repository']}"
