"""Terraform's state file, version 4."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from platformctl.errors import BadConfig
from platformctl.model import Json

ERRORED: Final = "errored.tfstate"
"""Where Terraform puts a state that it could not hand over, because nobody was there to take it."""


@dataclass(frozen=True)
class State:
    """What Terraform manages in a workspace, and what the workspace was asked to be."""

    content: bytes = b""
    data: Mapping[str, Any] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    """What was last asked for and by whom: `owner`, `source` and `variables`; empty when nothing was."""
    aside: bool = False
    """Whether Terraform put one aside."""

    @property
    def revision(self) -> str:
        """Changes with what is managed. Not the serial: that moves on when a change is taken back."""
        if self.unborn:
            return ""
        kept = {name: self.data.get(name) for name in ("lineage", "resources", "outputs")}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def empty(self) -> bool:
        """Whether nothing is managed."""
        return not self.data.get("resources")

    @property
    def unborn(self) -> bool:
        """Whether nothing is managed and nothing ever came of it, or no longer."""
        return self.empty and not self.data.get("outputs")

    @property
    def outputs(self) -> dict[str, Json]:
        """The root module's outputs."""
        return {name: output["value"] for name, output in self.data.get("outputs", {}).items()}

    def newer_than(self, other: State) -> bool:
        """Whether this is what became of the other; of one that was not born, anything is."""
        if not self.data or not other.data:
            return bool(self.data)
        return other.unborn or (
            self.data["lineage"] == other.data["lineage"] and self.data["serial"] > other.data["serial"]
        )


def read(content: bytes, where: str) -> State:
    """The state in this text. Raises `BadConfig` when it is none."""
    try:
        data = json.loads(content)
        if not isinstance(data["serial"], int) or not data["lineage"] or not isinstance(data["resources"], list):
            raise ValueError
        for output in data["outputs"].values():
            output["value"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadConfig("this Terraform state is damaged; it is left as it is", where=where) from None
    return State(content, data)


def load(file: Path) -> State:
    """The state in a file; without one, none. Raises `BadConfig`."""
    try:
        return read(file.read_bytes(), str(file))
    except FileNotFoundError:
        return State()


def rescued(folder: Path) -> State | None:
    """The state that Terraform put aside in a folder; an empty one when it is half of one."""
    file = folder / ERRORED
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        data = json.loads(content)
        return read(_born(data) if data["lineage"] == "" else content, str(file))
    except (BadConfig, ValueError, KeyError, TypeError, RecursionError):
        return State()


def newest(stored: State, found: State | None) -> State:
    """What is stored, or what was put aside, whichever is newer."""
    if found is None:
        return stored
    return replace(found if found.newer_than(stored) else stored, record=stored.record or found.record, aside=True)


def _born(data: Mapping[str, Any]) -> bytes:
    """Terraform gives a state its lineage when it is first stored; one that never was gets it here."""
    lineage = str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(data)))
    return (json.dumps({**data, "lineage": lineage, "serial": max(1, data["serial"])}, indent=2) + "\n").encode()
