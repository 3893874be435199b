"""Terraform or OpenTofu as a program, with the state in the home folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from platformctl.backends import process
from platformctl.backends.terraform import Workspace, WorkspaceState
from platformctl.backends.terraform.command import FLAG, Command
from platformctl.backends.terraform.slots import slot
from platformctl.backends.terraform.state_server import serve
from platformctl.backends.terraform.stored import State, Stored
from platformctl.errors import Moved, ToolFailed
from platformctl.locks import held
from platformctl.model import Difference, Owner

_SIGNS: Final = {"create": "+", "update": "~", "replace": "~", "delete": "-", "import": "+", "move": "~"}
_ORPHAN: Final = 120.0
"""Seconds to wait for a Terraform whose platformctl was killed."""

_ROOT: Final = """\
terraform {{
  backend "http" {{}}
}}

module "service" {{
  source = {source}
{arguments}
}}

{variables}

output "service" {{
  value = module.service
}}
"""


@dataclass(frozen=True)
class _Saved:
    """A plan file that Terraform made, in a scratch folder that goes away with it."""

    scratch: tempfile.TemporaryDirectory[str] | str
    workspace: Workspace
    state: State

    @property
    def folder(self) -> Path:
        return Path(self.scratch if isinstance(self.scratch, str) else self.scratch.name)

    @property
    def file(self) -> Path:
        return self.folder / "plan"


@dataclass(frozen=True)
class _Planned:
    """What Terraform would change, and the command that it was planned with."""

    command: Command
    pending: tuple[Difference, ...]


class TerraformCli:
    """Workspaces in the home folder; initialised root modules are kept in its cache and used again."""

    def __init__(
        self,
        home: Path,
        organisation: str = "local",
        tools: Sequence[str] = ("terraform", "tofu"),
        timeout: float = 900,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = home / "terraform" / organisation
        self._cache = home / "cache" / "terraform"
        self._locks = home / "locks"
        self._tools = tools
        self._timeout = timeout
        self._environment = environment or {}
        self._plans: dict[str, _Saved] = {}

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> TerraformCli:
        """Terraform as a platform wants it, with its state in the home folder."""
        settings = platform["terraform"]
        tools = ("terraform", "tofu") if settings["tool"] == "any" else (settings["tool"],)
        return cls(home, platform["organisation"], tools, settings["timeout_seconds"], settings.get("environment"))

    def check(self) -> None:
        process.find(*self._tools)

    def state(self, service: str, environment: str) -> WorkspaceState:
        stored = Stored(self._folder / f"{service}-{environment}")
        with self._alone(stored, writing=False):
            return self._seen(stored.record(), stored.state())

    def plan(self, workspace: Workspace) -> WorkspaceState:
        stored = Stored(self._folder / workspace.name)
        with self._alone(stored, writing=False):
            state = stored.state()
            record = stored.record()
        saved = _Saved(tempfile.TemporaryDirectory(prefix="platformctl-", ignore_cleanup_errors=True), workspace, state)
        planned = self._planned(saved)
        self._plans[workspace.name] = saved
        if planned is None:
            aside = (Difference("~", "state", "left aside by a run that was killed"),) if state.aside else ()
            return self._seen(record, state, aside, state.outputs.get("service", {}))
        with slot(self._locks, self._timeout) as handles:
            shown = planned.command.call("show", str(saved.file), keep=handles, json=FLAG)
        try:
            outputs = json.loads(shown.text)["planned_values"].get("outputs", {})
        except (ValueError, KeyError):
            raise ToolFailed("terraform show did not print a whole plan", hint="Is the disk full?") from None
        return self._seen(record, state, planned.pending, outputs.get("service", {}).get("value", {}))

    def apply(self, workspace: Workspace, revision: str, owner: Owner) -> WorkspaceState:
        saved = self._plans.get(workspace.name)
        if saved is None or saved.workspace != workspace or saved.state.revision != revision:
            raise Moved(f"workspace {workspace.name} was not planned at this state")
        stored = Stored(self._folder / workspace.name)
        stored.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone(stored, writing=True) as lock:
            self._expect(stored, revision)
            stored.write_record(workspace, owner)
            stored.settle()
            self._change(stored, saved, lock)
            self._keep(saved)
            return self._seen(stored.record(), stored.state())

    def destroy(self, service: str, environment: str, revision: str) -> None:
        stored = Stored(self._folder / f"{service}-{environment}")
        if not stored.folder.is_dir():
            return
        with self._alone(stored, writing=True) as lock:
            self._expect(stored, revision)
            state = stored.settle()
            if not state.empty:
                record = stored.record()
                workspace = Workspace(service, environment, record["source"], record["variables"])
                with tempfile.TemporaryDirectory(prefix="platformctl-", ignore_cleanup_errors=True) as scratch:
                    saved = _Saved(scratch, workspace, state)
                    self._planned(saved, destroy=FLAG)
                    self._change(stored, saved, lock)
            stored.remove()

    def _planned(self, saved: _Saved, **options: Any) -> _Planned | None:
        """Let Terraform plan into a file; None when it would change nothing."""
        program = process.find(*self._tools)
        configuration = self._initialised(program, saved)
        variables = Path(saved.folder, "service.tfvars.json")
        variables.write_text(json.dumps(dict(saved.workspace.variables)), encoding="utf-8")
        with serve(saved.state.content) as backend:
            command = Command(program, configuration, self._timeout, backend)
            with slot(self._locks, self._timeout) as handles:
                plan = command.call(
                    "plan",
                    good=(0, 2),
                    keep=handles,
                    json=FLAG,
                    input=False,
                    lock=False,
                    detailed_exitcode=FLAG,
                    var_file=str(variables),
                    out=str(saved.file),
                    **options,
                )
        if plan.code == 0:
            return None
        pending = tuple(sorted(_pending(plan.messages), key=lambda line: line.what)) or (
            Difference("~", "outputs", "of the module"),
        )
        return _Planned(command, pending)

    def _change(self, stored: Stored, saved: _Saved, lock: Sequence[int]) -> None:
        """Apply a plan file, in a folder where a state that cannot be handed over survives."""
        program = process.find(*self._tools)
        with serve(saved.state.content, stored.state_file) as backend:
            extra = {**backend, "TF_DATA_DIR": str(self._initialised(program, saved) / ".terraform")}
            command = Command(program, stored.folder, self._timeout, extra)
            with slot(self._locks, self._timeout) as handles:
                command.call("apply", str(saved.file), keep=(*handles, *lock), json=FLAG, input=False, lock=False)
        if not stored.state_file.exists():
            raise ToolFailed("terraform apply ended well and stored no state", where=str(stored.folder))

    def _expect(self, stored: Stored, revision: str) -> None:
        found = stored.state().revision
        if found != revision:
            raise Moved(f"workspace {stored.folder.name} was changed meanwhile", where=str(stored.folder))

    @contextmanager
    def _alone(self, stored: Stored, *, writing: bool) -> Iterator[tuple[int, ...]]:
        """Wait until nobody works on the workspace, not even an orphaned Terraform."""
        name = stored.folder.name
        what = f"terraform for {name}" if writing else ""
        with held(self._locks / f"workspace-{self._folder.name}-{name}", what, timeout=_ORPHAN) as lock:
            yield lock.handles

    def _initialised(self, program: str, saved: _Saved) -> Path:
        """A folder with the root module, initialised: kept from an earlier run, or fresh in scratch."""
        root = _root(saved.workspace)
        kept = self._cache / hashlib.sha256(f"{program}\n{root}".encode()).hexdigest()[:24]
        fresh = saved.folder / kept.name
        if kept.is_dir() or fresh.is_dir():
            return kept if kept.is_dir() else fresh
        fresh.mkdir()
        (fresh / "main.tf").write_text(root, encoding="utf-8")
        with serve(b"") as backend, slot(self._locks, self._timeout) as handles:
            command = Command(program, fresh, self._timeout, {**backend, **self._environment})
            command.call("init", keep=handles, json=FLAG, input=False)
        return fresh

    def _keep(self, saved: _Saved) -> None:
        """Keep an initialised root module for the next service. It is a cache: where it cannot be, nothing is lost."""
        with suppress(OSError, shutil.Error):
            self._copy_to_cache(saved)

    def _copy_to_cache(self, saved: _Saved) -> None:
        fresh = self._initialised(process.find(*self._tools), saved)
        kept = self._cache / fresh.name
        if kept == fresh:
            return
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache, ignore_cleanup_errors=True) as draft:
            copy = Path(draft, kept.name)
            shutil.copytree(fresh, copy, symlinks=True)
            copy.rename(kept)

    def _seen(
        self,
        record: Mapping[str, Any],
        state: State,
        pending: tuple[Difference, ...] = (),
        outputs: Mapping[str, Any] | None = None,
    ) -> WorkspaceState:
        return WorkspaceState(
            exists=bool(state.data) and not (state.empty and not state.outputs),
            revision=state.revision,
            owner=Owner(**record["owner"]) if record else None,
            source=record.get("source", ""),
            variables=record.get("variables", {}),
            pending=pending,
            outputs=state.outputs.get("service", {}) if outputs is None else outputs,
        )


def _root(workspace: Workspace) -> str:
    names = list(workspace.variables)
    return _ROOT.format(
        source=json.dumps(workspace.source).replace("${", "$${").replace("%{", "%%{"),
        arguments="\n".join(f"  {name} = var.{name}" for name in names),
        variables="\n".join(f'variable "{name}" {{}}' for name in names),
    )


def _pending(messages: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    for message in messages:
        if message.get("type") == "planned_change":
            change = message["change"]
            yield Difference(_SIGNS.get(change["action"], "~"), change["resource"]["addr"], change["action"])
