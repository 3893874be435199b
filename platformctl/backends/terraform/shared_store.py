"""A workspace in a backend of Terraform's own, which teams share: a database, a bucket.

Planning is done on a copy that is served over the loopback interface, so it cannot write. Only applying works on the
backend itself: Terraform holds its lock and stores what it has done as it goes. Whose the workspace is and what it was
asked to be stands in the state too, as an output of the root module, so that every machine knows.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from platformctl.backends.terraform import Workspace, plan_file
from platformctl.backends.terraform.command import FLAG, Result
from platformctl.backends.terraform.home_store import HomeStore
from platformctl.backends.terraform.plan_file import PlanFile
from platformctl.backends.terraform.program import Program
from platformctl.backends.terraform.root_module import RootModules, call, state_file
from platformctl.backends.terraform.shared_backend import SharedBackend
from platformctl.backends.terraform.shared_failures import has_no_table, is_creating, moved, of_apply, of_backend
from platformctl.backends.terraform.state import State, newest, read
from platformctl.errors import BadConfig, ToolFailed
from platformctl.model import Owner

_RECORD: Final = "platformctl"
"""The output, and the variable, that hold the workspace's record as JSON."""
_STRANGER: Final = {"owner": {"service": "", "run": ""}, "source": "", "variables": {}}
"""The record of a state that platformctl did not make."""
_NEVER: Final = re.compile(r'"serial": 0,\s+"lineage": ""|^\s*$')
"""What Terraform prints where nothing was ever stored."""
_PATIENCE: Final = 30.0
"""Seconds for which the creation of a workspace waits for that of others."""


Answer = TypeVar("Answer")


class SharedStore:
    """Lets Terraform keep the state where platform.yaml says."""

    def __init__(self, name: str, folder: Path, backend: SharedBackend, program: Program, modules: RootModules) -> None:
        """`name` is the workspace's in the backend; `folder` is where Terraform applies, there while it is needed."""
        self._name = name
        self._folder = folder
        self._backend = backend.of(name)
        self._selected = {"TF_WORKSPACE": name} if self._backend.has_workspaces else {}
        self._program = program
        self._modules = modules
        self._home = HomeStore(folder, program, modules)

    def state(self) -> State:
        return newest(self._stored(), self._aside())

    def settle(self, state: State, record: Mapping[str, Any]) -> None:
        if state.aside:
            self._hand_over(record)
        elif not state.record:
            born = {"version": 4, "serial": 1, "lineage": str(uuid.uuid4()), "outputs": {}, "resources": []}
            self._push(born, record)

    def change(self, plan: PlanFile, record: Mapping[str, Any], keep: Collection[int]) -> None:
        """Plan once more, where the state is, and apply that if it comes out as what was shown.

        The order is what makes it compare-and-swap: Terraform refuses a plan that was made before the state that is
        looked at here in between.
        """
        backend = {**self._backend.environment, **self._selected}
        secrets = self._backend.secrets
        root = self._root(plan.workspace)
        again = PlanFile(plan.workspace, plan.state, plan.destroying)
        mark = {_RECORD: json.dumps(record)}
        made = self._patiently(lambda: plan_file.make(self._program, root, backend, again, mark, secrets))
        if made.lines != plan.lines or self._pulled().revision != plan.state.revision:
            raise moved(self._name)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        extra = {**backend, "TF_DATA_DIR": str(root / ".terraform")}
        options: dict[str, Any] = {"keep": keep, "secrets": secrets, "json": FLAG, "input": False}
        self._patiently(lambda: self._program.call(self._folder, extra, "apply", str(made.file), **options))
        with suppress(OSError):
            self._folder.rmdir()

    def remove(self) -> None:
        if self._backend.has_workspaces and self._exists():
            self._call("workspace delete", self._name, writing=True)
        self._home.remove()

    def _stored(self) -> State:
        return self._pulled() if self._exists() else State()

    def _exists(self) -> bool:
        """Whether there is the workspace, which Terraform would create to look into it."""
        if not self._backend.has_workspaces:
            return True
        try:
            listed = self._call("workspace list").text.splitlines()
        except ToolFailed as failure:
            if has_no_table(failure):
                return False
            raise
        return self._name in (line.removeprefix("*").strip() for line in listed)

    def _pulled(self) -> State:
        """The state as it is stored, with the record taken out of it."""
        text = self._call("state pull", inside=True).text
        return State() if _NEVER.search(text) else self._unmarked(read(text.encode(), self._where))

    def _aside(self) -> State | None:
        """The state on this machine: one that Terraform could not store, or of before the backend was shared."""
        found = self._home.state()
        if not found.data:
            return found if found.aside else None
        state = self._unmarked(found)
        return replace(state, record=found.record or state.record)

    def _unmarked(self, state: State) -> State:
        outputs = dict(state.data["outputs"])
        if not (mark := outputs.pop(_RECORD, None)):
            return state if state.unborn else replace(state, record=_STRANGER)
        try:
            record = json.loads(mark["value"])
            Owner(**record["owner"])
        except (ValueError, KeyError, TypeError):
            raise BadConfig(f"its output {_RECORD} is damaged", where=self._where) from None
        data = {**state.data, "outputs": outputs}
        return State(json.dumps(data).encode(), data, record)

    @property
    def _where(self) -> str:
        return f"workspace {self._name} in {self._backend.kind}"

    def _hand_over(self, record: Mapping[str, Any]) -> None:
        """Store the state on this machine. What cannot be stored any more is not thrown away."""
        kept, stored = self._aside() or State(), self._stored()
        if kept.newer_than(stored):
            self._push(kept.data, record)
        elif kept.revision not in ("", stored.revision):
            raise ToolFailed(
                f"the state in this folder was never stored in {self._backend.kind}, where it went on without it",
                where=str(self._folder),
                hint="See whether what it lists is still there, then remove the folder",
            )
        self._home.remove()

    def _push(self, data: Mapping[str, Any], record: Mapping[str, Any]) -> None:
        """Store a state with its record; Terraform refuses it where somebody else's or a newer one stands."""
        output = {_RECORD: {"value": json.dumps(record), "type": "string"}}
        with tempfile.TemporaryDirectory(prefix="platformctl-", ignore_cleanup_errors=True) as scratch:
            file = Path(scratch, "pushed.tfstate")
            file.write_text(json.dumps({**data, "outputs": {**data["outputs"], **output}}), encoding="utf-8")
            self._call("state push", str(file), inside=True, writing=True)

    def _call(self, name: str, *arguments: str, inside: bool = False, writing: bool = False) -> Result:
        """A command about states alone, in a folder without a module; `inside` the workspace, or about all of them."""
        reached = self._backend.environment if writing else self._backend.looking
        secrets = self._backend.secrets

        def call() -> Result:
            configuration = state_file(self._backend.configuration)
            folder = self._modules.initialised(configuration, nullcontext(reached), secrets=secrets)
            extra = {**reached, **self._selected} if inside else reached
            return self._program.call(folder, extra, name, *arguments, secrets=secrets, no_color=FLAG)

        try:
            return self._patiently(call)
        except ToolFailed as failure:
            if has_no_table(failure):
                raise
            raise of_backend(failure, self._name, self._backend.kind) from None

    def _root(self, workspace: Workspace) -> Path:
        """A folder that plans and applies where the state is."""
        marked = {
            **self._backend.configuration,
            "variable": {_RECORD: {"type": "string"}},
            "output": {_RECORD: {"value": f"${{var.{_RECORD}}}"}},
        }
        return self._modules.initialised(
            {"main.tf": call(workspace), **state_file(marked)},
            nullcontext(self._backend.environment),
            like=self._modules.planning(workspace),
            secrets=self._backend.secrets,
        )

    def _patiently(self, call: Callable[[], Answer]) -> Answer:
        """Call, and again while the creation of another workspace is in the way."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return call()
            except ToolFailed as failure:
                if not is_creating(failure) or time.monotonic() > until:
                    raise of_apply(failure, self._name, self._backend.kind) from None
            time.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - jitter, not a secret
