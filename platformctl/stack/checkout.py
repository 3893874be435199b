"""A service's sources as the forge has them, kept so that what was built from them is there the next time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformctl.errors import ToolFailed
from platformctl.locks import held
from platformctl.stack.tools import Tools

_TIMEOUT: Final = 300.0
"""Seconds for one git command; fetching one commit of a service takes less than a second."""
_PATIENCE: Final = 5.0
"""Seconds to wait for another who works in the same folder."""


@dataclass(frozen=True)
class Source:
    """Sources to run a service from. `commit` is empty for a working folder, which may hold more than a commit."""

    folder: Path
    commit: str = ""


@contextmanager
def checkout(
    folder: Path,
    url: str,
    commit: str,
    *,
    branch: str = "main",
    environment: Mapping[str, str],
    what: str,
    tools: Tools | None = None,
) -> Iterator[Source]:
    """The sources at the head of a branch, in `folder`, for the length of a block; others wait or are told `Busy`.

    What git ignores there, such as a virtual environment, stays; all else becomes as it is in `commit`, which is the
    head of `branch`. `url` is what git fetches from, with the forge's `environment`. `what` is done in the folder, for
    those who wait. Raises `ToolFailed` with git's words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder.with_name(f".{folder.name}.lock"), what, timeout=_PATIENCE):
        git = _Git((tools or Tools()).find("git"), folder, environment)
        if not (folder / ".git").is_dir():
            git.run("init", "--quiet", "--template=")
        if not git.has(commit):
            git.run("fetch", "--quiet", "--no-tags", "--depth=1", url, branch)
        git.run("checkout", "--quiet", "--force", "--detach", commit)
        git.run("clean", "--quiet", "--force", "-d")
        yield Source(folder, commit)


class _Git:
    """git in a working folder. Settings of the user or the system do not reach it, and no hook runs."""

    def __init__(self, program: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._command = [
            program,
            "-C",
            str(folder),
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "advice.detachedHead=false",
        ]
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        self._environment = kept | own | dict(environment)

    def has(self, commit: str) -> bool:
        return self._try("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def run(self, *arguments: str) -> None:
        done = self._try(*arguments)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no message"]
            said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
            raise ToolFailed(
                f"git {arguments[0]} failed: {said}", hint="Try again, or remove the folder", where=self._command[2]
            )

    def _try(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [*self._command, *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ToolFailed(
                f"git {arguments[0]} gave no answer within {_TIMEOUT:g} seconds", hint="Try again"
            ) from None
