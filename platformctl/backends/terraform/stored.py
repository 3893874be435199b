"""A workspace's folder: Terraform's state, whose it is, and what an orphaned Terraform left behind."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from platformctl.backends.terraform import Workspace
from platformctl.errors import BadConfig
from platformctl.home import write_atomically
from platformctl.model import Json, Owner

_STATE: Final = "terraform.tfstate"
_ERRORED: Final = "errored.tfstate"
"""Where Terraform puts a state that it could not hand over, because platformctl was killed."""
_RECORD: Final = "workspace.json"


@dataclass(frozen=True)
class State:
    """Terraform's state file, version 4."""

    content: bytes
    data: Mapping[str, Any]
    aside: bool = False
    """Whether Terraform put one aside, because nobody was there to take it."""

    @property
    def revision(self) -> str:
        """Changes with what is managed. Not the serial: that moves on when a change is taken back."""
        if not self.data:
            return ""
        kept = {name: self.data.get(name) for name in ("lineage", "resources", "outputs")}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def empty(self) -> bool:
        """Whether nothing is managed."""
        return not self.data.get("resources")

    @property
    def outputs(self) -> dict[str, Json]:
        """The root module's outputs."""
        return {name: output["value"] for name, output in self.data.get("outputs", {}).items()}


class Stored:
    """Reads and writes one workspace's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state_file = folder / _STATE

    def record(self) -> Mapping[str, Any]:
        """What was last asked for here and by whom, empty when nothing was."""
        try:
            data: Mapping[str, Any] = json.loads((self.folder / _RECORD).read_text(encoding="utf-8"))
            Owner(**data["owner"])
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError):
            raise BadConfig("this file is damaged", where=str(self.folder / _RECORD)) from None
        return data

    def write_record(self, workspace: Workspace, owner: Owner) -> None:
        """Mark the workspace before Terraform touches anything."""
        kept = self.record().get("owner") or {"service": owner.service, "run": owner.run}
        record = {"owner": kept, "source": workspace.source, "variables": dict(workspace.variables)}
        write_atomically(self.folder / _RECORD, (json.dumps(record, indent=2) + "\n").encode())

    def state(self) -> State:
        """The newest state there is, wherever it ended up."""
        stored = _load(self.state_file)
        if not (self.folder / _ERRORED).exists():
            return stored
        rescued = _load(self.folder / _ERRORED)
        same = stored.data and rescued.data and rescued.data["lineage"] == stored.data["lineage"]
        newer = same and rescued.data["serial"] > stored.data["serial"]
        return replace(rescued if newer or not stored.data else stored, aside=True)

    def settle(self) -> State:
        """Put the newest state in its place, for good."""
        state = self.state()
        if state.aside:
            if state.data and state.content != _load(self.state_file).content:
                write_atomically(self.state_file, state.content)
            (self.folder / _ERRORED).unlink()
        return replace(state, aside=False)

    def remove(self) -> None:
        """Forget the workspace. The folder goes in one step."""
        grave = self.folder.with_name(f".{self.folder.name}.deleted")
        shutil.rmtree(grave, ignore_errors=True)
        self.folder.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)


def _load(file: Path) -> State:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return State(b"", {})
    try:
        data = json.loads(content)
        if file.name == _ERRORED and data["lineage"] == "":
            content = _born(data, content)
            data = json.loads(content)
        if not isinstance(data["serial"], int) or not data["lineage"] or not isinstance(data["resources"], list):
            raise ValueError
        for output in data["outputs"].values():
            output["value"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        if file.name == _ERRORED:
            return State(b"", {})
        raise BadConfig("this Terraform state is damaged; it is left as it is", where=str(file)) from None
    return State(content, data)


def _born(data: dict[str, Any], content: bytes) -> bytes:
    """Terraform gives a state its lineage when it is first stored; one that never was gets it here."""
    lineage = str(uuid.uuid5(uuid.NAMESPACE_OID, content.decode()))
    return (json.dumps({**data, "lineage": lineage, "serial": max(1, data["serial"])}, indent=2) + "\n").encode()
