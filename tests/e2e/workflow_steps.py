"""Steps of the organisation's workflows: their own scripts, run by bash as a runner runs them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.e2e.sandbox import World

WORKFLOWS: Final = Path(__file__).parents[2] / "golden_paths" / "workflows"


@dataclass(frozen=True)
class Script:
    """The script of one step."""

    text: str
    variables: Mapping[str, str]
    """Its environment as the workflow gives it, expressions and all."""

    @classmethod
    def of(cls, workflow: str, job: str, name: str) -> Script:
        """The step of this name in a job of a workflow."""
        data: dict[str, Any] = yaml.safe_load((WORKFLOWS / workflow).read_text())
        assert data["defaults"]["run"]["shell"] == "bash -euo pipefail {0}"
        (step,) = (one for one in data["jobs"][job]["steps"] if one["name"] == name)
        return cls(step["run"], {key: str(value) for key, value in step.get("env", {}).items()})

    def run(
        self, folder: Path, environment: Mapping[str, str], expressions: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run it in a folder; `expressions` says what GitHub would put in place of each that it has."""
        given = {key: expressions.get(text, text) for key, text in self.variables.items()}
        assert not [text for text in given.values() if "${{" in text]
        command = ["bash", "-euo", "pipefail", "-c", self.text]
        return subprocess.run(
            command, env={**environment, **given}, cwd=folder, capture_output=True, text=True, check=False
        )


def installed(temp: Path, world: World) -> None:
    """What the step that installs platformctl leaves on a runner: here it works in this world's home folder."""
    program = temp / "platformctl" / "bin" / "platformctl"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\nexport PLATFORMCTL_HOME="{world.home}"\nexec "{sys.executable}" -m platformctl "$@"\n'
    )
    program.chmod(0o755)
