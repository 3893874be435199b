"""Terraform or OpenTofu as a program, with the state in the home folder or in a backend that teams share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from platformctl.backends.terraform import ASIDE, Workspace, WorkspaceState, plan_file
from platformctl.backends.terraform.command import FLAG
from platformctl.backends.terraform.home_store import HomeStore
from platformctl.backends.terraform.plan_file import PlanFile
from platformctl.backends.terraform.program import Program
from platformctl.backends.terraform.root_module import RootModules
from platformctl.backends.terraform.shared_backend import SharedBackend
from platformctl.backends.terraform.shared_store import SharedStore
from platformctl.backends.terraform.state import State
from platformctl.backends.terraform.state_server import serve
from platformctl.backends.terraform.store import StateStore
from platformctl.errors import Moved, ToolFailed
from platformctl.locks import held
from platformctl.model import Difference, Json, Owner

_ORPHAN: Final = 120.0
"""Seconds to wait for a Terraform whose platformctl was killed."""


class TerraformCli:
    """Workspaces behind the program; initialised root modules are kept in the home folder's cache and used again."""

    def __init__(
        self,
        home: Path,
        organisation: str = "local",
        tools: Sequence[str] = ("terraform", "tofu"),
        timeout: float = 900,
        environment: Mapping[str, str] | None = None,
        backend: SharedBackend | None = None,
    ) -> None:
        """`environment` is what fetching modules needs; without a `backend` the state is in the home folder."""
        self._organisation = organisation
        self._folder = home / "terraform" / organisation
        self._program = Program(home / "locks", tools, timeout)
        self._modules = RootModules(home / "cache" / "terraform", self._program, environment or {})
        self._backend = backend
        self._plans: dict[str, PlanFile] = {}

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> TerraformCli:
        """Terraform as a platform wants it."""
        settings = platform["terraform"]
        tools = ("terraform", "tofu") if settings["tool"] == "any" else (settings["tool"],)
        chosen = settings.get("backend", {})
        kind = chosen.get("kind", "local")
        backend = SharedBackend(kind, chosen.get("settings", {}), chosen.get("credentials", {}))
        return cls(
            home,
            platform["organisation"],
            tools,
            settings["timeout_seconds"],
            settings.get("environment"),
            None if kind == "local" else backend,
        )

    def fetch_with(self, environment: Callable[[], Mapping[str, str]]) -> None:
        """Fetch modules with this in git's environment, asked for each time."""
        self._modules.fetching = environment

    def check(self) -> None:
        self._program.find()
        if self._backend is not None:
            self._backend.check()

    def state(self, service: str, environment: str) -> WorkspaceState:
        with self._alone(f"{service}-{environment}", writing=False) as (store, _):
            state = store.state()
        return _seen(state)

    def plan(self, workspace: Workspace) -> WorkspaceState:
        with self._alone(workspace.name, writing=False) as (store, _):
            state = store.state()
        plan = self._plans[workspace.name] = self._planned(PlanFile(workspace, state))
        if not plan.changed:
            aside = (Difference("~", ASIDE, "kept aside on this machine"),) if state.aside else ()
            return _seen(state, aside)
        with serve(b"") as backend:
            shown = self._program.call(self._modules.planning(workspace), backend, "show", str(plan.file), json=FLAG)
        try:
            outputs = json.loads(shown.text)["planned_values"].get("outputs", {})
        except (ValueError, KeyError):
            raise ToolFailed("terraform show did not print a whole plan", hint="Is the disk full?") from None
        pending = plan.lines or (Difference("~", "outputs", "of the module"),)
        return _seen(state, pending, outputs.get("service", {}).get("value", {}))

    def apply(self, workspace: Workspace, revision: str, owner: Owner) -> WorkspaceState:
        plan = self._plans.get(workspace.name)
        if plan is None or plan.workspace != workspace or plan.state.revision != revision:
            raise Moved(f"workspace {workspace.name} was not planned at this state")
        with self._alone(workspace.name, writing=True) as (store, lock):
            state = _expected(store, workspace.name, revision)
            mark = state.record.get("owner") or asdict(owner)
            record = {"owner": mark, "source": workspace.source, "variables": dict(workspace.variables)}
            store.settle(state, record)
            store.change(plan, record, lock)
            self._modules.keep()
            return _seen(store.state())

    def destroy(self, service: str, environment: str, revision: str) -> None:
        name = f"{service}-{environment}"
        with self._alone(name, writing=True) as (store, lock):
            state = _expected(store, name, revision)
            if not state.empty:
                workspace = Workspace(service, environment, state.record["source"], state.record["variables"])
                store.settle(state, state.record)
                store.change(self._planned(PlanFile(workspace, state, destroying=True)), state.record, lock)
            store.remove()

    def _planned(self, plan: PlanFile) -> PlanFile:
        """Let Terraform plan on a copy of the state, which it cannot write to."""
        root = self._modules.planning(plan.workspace)
        with serve(plan.state.content) as backend:
            return plan_file.make(self._program, root, backend, plan)

    @contextmanager
    def _alone(self, name: str, *, writing: bool) -> Iterator[tuple[StateStore, tuple[int, ...]]]:
        """A workspace's state, while nobody else on this machine works on it, not even an orphaned Terraform."""
        what = f"terraform for {name}" if writing else ""
        lock_file = self._program.locks / f"workspace-{self._organisation}-{name}"
        with held(lock_file, what, timeout=_ORPHAN) as lock:
            yield self._store(name), lock.handles

    def _store(self, name: str) -> StateStore:
        folder = self._folder / name
        if self._backend is None:
            return HomeStore(folder, self._program, self._modules)
        return SharedStore(f"{self._organisation}-{name}", folder, self._backend, self._program, self._modules)


def _expected(store: StateStore, name: str, revision: str) -> State:
    state = store.state()
    if state.revision != revision:
        raise Moved(f"workspace {name} was changed meanwhile")
    return state


def _seen(
    state: State, pending: tuple[Difference, ...] = (), outputs: Mapping[str, Json] | None = None
) -> WorkspaceState:
    return WorkspaceState(
        exists=not state.unborn,
        revision=state.revision,
        owner=Owner(**state.record["owner"]) if state.record else None,
        source=state.record.get("source", ""),
        variables=state.record.get("variables", {}),
        pending=pending,
        outputs=state.outputs.get("service", {}) if outputs is None else outputs,
    )
