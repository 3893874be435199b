"""git in a working folder of this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from platformctl.errors import ToolFailed

_TIMEOUT: Final = 300.0
"""Seconds for one git command; fetching one commit of a service takes less than a second."""


class Git:
    """git in a working folder. Settings of the user or the system do not reach it, and no hook runs.

    `environment` is added to that of this process, and `hint` says what to do when git fails.
    """

    def __init__(self, program: str, folder: Path, environment: Mapping[str, str], hint: str = "Try again") -> None:
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
        self._hint = hint

    def has(self, commit: str) -> bool:
        """Whether a commit is there."""
        return self._try("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def run(self, *arguments: str) -> str:
        """What git prints. Raises `ToolFailed` with git's words."""
        done = self._try(*arguments)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no message"]
            said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
            raise ToolFailed(f"git {arguments[0]} failed: {said}", hint=self._hint, where=self._command[2])
        return done.stdout

    def _try(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [*self._command, *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ToolFailed(
                f"git {arguments[0]} gave no answer within {_TIMEOUT:g} seconds", hint="Try again"
            ) from None
