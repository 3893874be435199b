"""What all tests share: platformctl as a real process on a home folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

for inherited in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
    os.environ.pop(inherited, None)  # a make that a test starts is nobody's sub-make


@dataclass
class Cli:
    """Runs platformctl as its users do."""

    home: Path
    cwd: Path
    env: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """A user's environment with this home folder, and nothing of this repository's CI."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PLATFORMCTL_", "GIT_"))}
        return kept | {"PLATFORMCTL_HOME": str(self.home), "NO_COLOR": "1"} | self.env

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start it and go on."""
        command = [sys.executable, "-m", "platformctl", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.cwd,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run it to the end and expect an exit code; None takes any."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=180)
        assert code is None or process.returncode == code, f"{arguments}: exit {process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def events(self, *arguments: str, code: int | None = 0) -> list[dict[str, Any]]:
        """Run it with `--json` and read every line."""
        return [json.loads(line) for line in self.run(*arguments, "--json", code=code).stdout.rstrip("\n").split("\n")]

    def result(self, *arguments: str, code: int | None = 0) -> dict[str, Any]:
        """Run it with `--json` and read what it ended with."""
        last = self.events(*arguments, code=code)[-1]
        assert last["type"] == "result", last
        data: dict[str, Any] = last["data"]
        return data

    def git(self, repository: str, *arguments: str) -> str:
        """Ask git about a repository of the embedded forge."""
        folder = self.home / "forge" / "local" / f"{repository}.git"
        command = ["git", f"--git-dir={folder}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """platformctl on an empty home folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Cli(tmp_path / "home", folder)
