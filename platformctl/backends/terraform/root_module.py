"""The root module that calls a service's module, and folders in which one is initialised."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, Final

from platformctl.backends.terraform import Workspace
from platformctl.backends.terraform.command import FLAG
from platformctl.backends.terraform.program import Program
from platformctl.backends.terraform.state_server import serve

Files = Mapping[str, str]
"""A root module's files: name to text."""

LOOPBACK: Final[Mapping[str, Any]] = {"terraform": {"backend": {"http": {}}}}
"""Terraform's state comes from, and goes to, whoever serves it for the length of one command."""

_SHORTEST: Final = 8
"""Characters from which on a value in git's environment may be a secret: the others are numbers of settings."""

_CALL: Final = """\
module "service" {{
  source = {source}
{arguments}
}}

{variables}

output "service" {{
  value = module.service
}}
"""


class RootModules:
    """Initialised folders: made in scratch, and kept in the cache once they have proved their worth."""

    def __init__(self, cache: Path, program: Program, environment: Mapping[str, str]) -> None:
        self._cache = cache
        self._program = program
        self._environment = environment
        self.fetching: Callable[[], Mapping[str, str]] = dict
        """What git needs in its environment to fetch modules; it holds secrets."""
        self._made: tempfile.TemporaryDirectory[str] | None = None
        self._making = threading.Lock()

    def planning(self, workspace: Workspace) -> Path:
        """A folder that plans a workspace on a state that is served to it."""
        return self.initialised({"main.tf": call(workspace), **state_file(LOOPBACK)}, serve(b""))

    def initialised(
        self,
        files: Files,
        backend: AbstractContextManager[Mapping[str, str]],
        like: Path | None = None,
        secrets: Collection[str] = (),
    ) -> Path:
        """A folder with these files, initialised.

        `backend` gives the environment in which the backend is reached, and is entered when it is needed. `like` is an
        initialised folder that calls the same module, which need not be fetched again. Raises `ToolFailed`.
        """
        text = json.dumps([self._program.find(), files], sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:24]
        if (kept := self._cache / name).is_dir():
            return kept
        if (made := self._scratch / name).is_dir():
            return made
        draft = Path(tempfile.mkdtemp(dir=self._scratch))
        if like is not None:
            ignored = shutil.ignore_patterns("terraform.tfstate")
            shutil.copytree(like, draft, symlinks=True, ignore=ignored, dirs_exist_ok=True)
        for file, content in files.items():
            (draft / file).write_text(content, encoding="utf-8")
        with backend as environment:
            fetching = self.fetching()
            extra = {**environment, **self._environment, **fetching}
            hidden = {*secrets, *(value for value in fetching.values() if len(value) >= _SHORTEST)}
            self._program.call(draft, extra, "init", secrets=hidden, json=FLAG, input=False)
        with suppress(OSError):  # another thread was faster
            draft.rename(made)
        return made

    def keep(self) -> None:
        """Keep what was made, for the next service. It is a cache: where it cannot be, nothing is lost."""
        with suppress(OSError, shutil.Error):
            self._cache.mkdir(parents=True, exist_ok=True)
            for made in self._scratch.glob("[0-9a-f]*"):
                if not (self._cache / made.name).exists():
                    self._copy(made)

    def _copy(self, made: Path) -> None:
        with tempfile.TemporaryDirectory(dir=self._cache, ignore_cleanup_errors=True) as draft:
            copy = Path(draft, made.name)
            shutil.copytree(made, copy, symlinks=True)
            copy.rename(self._cache / made.name)

    @property
    def _scratch(self) -> Path:
        with self._making:
            if self._made is None:
                self._made = tempfile.TemporaryDirectory(prefix="platformctl-", ignore_cleanup_errors=True)
            return Path(self._made.name)


def call(workspace: Workspace) -> str:
    """The call of a workspace's module, its variables as variables."""
    names = list(workspace.variables)
    return _CALL.format(
        source=literal(json.dumps(workspace.source)),
        arguments="\n".join(f"  {name} = var.{name}" for name in names),
        variables="\n".join(f'variable "{name}" {{}}' for name in names),
    )


def state_file(configuration: Mapping[str, Any]) -> Files:
    """The file that says where the state is."""
    return {"state.tf.json": json.dumps(configuration)}


def literal(text: str) -> str:
    """A text of Terraform's language, or JSON for it, in which nothing is a template."""
    return text.replace("${", "$${").replace("%{", "%%{")
