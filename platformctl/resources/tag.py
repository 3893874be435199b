"""`uses: tag`: a released version has its tag. Tags do not move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.forge import Forge
from platformctl.errors import Moved
from platformctl.model import Address, Change, Json, Observed


class Tag:
    """One tag of one repository."""

    PORT: ClassVar = "forge"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["repository", "tag"],
        "additionalProperties": False,
        "properties": {
            "repository": {"type": "string", "description": "The repository's name."},
            "tag": {"type": "string", "description": "The tag's name."},
            "branch": {"type": "string", "description": "The branch whose head it is put on; `main`."},
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {"tag": {"type": "string", "description": "The tag's name."}},
    }

    def __init__(self, port: Forge) -> None:
        self._forge = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        return {_address(inputs): {"tag": inputs["tag"]}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        commit = self._forge.head(inputs["repository"], f"refs/tags/{inputs['tag']}")
        return {_address(inputs): Observed({"tag": inputs["tag"]} if commit else None, commit)}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {"tag": inputs["tag"]}

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        commit = self._forge.head(inputs["repository"], inputs.get("branch", "main"))
        self._forge.tag(inputs["repository"], inputs["tag"], commit)
        return Applied()

    def undo(self, change: Change) -> Undone | Left:
        _, repository, tag = change.address.split("/", 2)
        commit = self._forge.head(repository, f"refs/tags/{tag}")
        if not commit:
            return Undone()
        if change.left and commit != change.left:
            return Left("it was moved since")
        try:
            self._forge.delete_tag(repository, tag, commit)
        except Moved as moved:
            return Left(moved.what)
        return Undone()


def _address(inputs: Inputs) -> Address:
    return f"tag/{inputs['repository']}/{inputs['tag']}"
