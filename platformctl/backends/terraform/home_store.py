"""A workspace's folder in the home folder: its state, whose it is, and what an orphaned Terraform left behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from platformctl.backends.terraform.command import FLAG
from platformctl.backends.terraform.plan_file import PlanFile
from platformctl.backends.terraform.program import Program
from platformctl.backends.terraform.root_module import RootModules
from platformctl.backends.terraform.state import ERRORED, State, load, newest, rescued
from platformctl.backends.terraform.state_server import serve
from platformctl.errors import BadConfig, ToolFailed
from platformctl.home import write_atomically
from platformctl.model import Owner

_RECORD: Final = "workspace.json"


class HomeStore:
    """Serves Terraform the state over the loopback interface, and stores what comes back."""

    def __init__(self, folder: Path, program: Program, modules: RootModules) -> None:
        self._folder = folder
        self._file = folder / "terraform.tfstate"
        self._program = program
        self._modules = modules

    def state(self) -> State:
        return newest(replace(load(self._file), record=self._record()), rescued(self._folder))

    def settle(self, state: State, record: Mapping[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(self._folder / _RECORD, (json.dumps(record, indent=2) + "\n").encode())
        if state.aside:
            if state.data and state.content != load(self._file).content:
                write_atomically(self._file, state.content)
            (self._folder / ERRORED).unlink()

    def change(self, plan: PlanFile, record: Mapping[str, Any], keep: Collection[int]) -> None:
        with serve(plan.state.content, self._file) as backend:
            extra = {**backend, "TF_DATA_DIR": str(self._modules.planning(plan.workspace) / ".terraform")}
            options: dict[str, Any] = {"json": FLAG, "input": False, "lock": False}
            self._program.call(self._folder, extra, "apply", str(plan.file), keep=keep, **options)
        if not self._file.exists():
            raise ToolFailed("terraform apply ended well and stored no state", where=str(self._folder))

    def remove(self) -> None:
        """The folder goes in one step."""
        if not self._folder.is_dir():
            return
        grave = self._folder.with_name(f".{self._folder.name}.deleted")
        shutil.rmtree(grave, ignore_errors=True)
        self._folder.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)

    def _record(self) -> Mapping[str, Any]:
        try:
            data: Mapping[str, Any] = json.loads((self._folder / _RECORD).read_text(encoding="utf-8"))
            Owner(**data["owner"])
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError):
            raise BadConfig("this file is damaged", where=str(self._folder / _RECORD)) from None
        return data
