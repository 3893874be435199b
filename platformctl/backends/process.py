"""Starting other programs: never through a shell, never waiting for ever, never with somebody else's settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from platformctl.errors import NoAccess, ToolFailed

_INSTALL = {
    "git": "apt-get install git, brew install git, or https://git-scm.com/downloads",
    "terraform": "https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install",
}


def find(*names: str) -> str:
    """The first of these programs that is on PATH. Raises `NoAccess` with the install line."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise NoAccess(f"{' or '.join(names)} is not on PATH", hint=f"Install it: {_INSTALL.get(names[0], names[0])}")


def environment(without: Sequence[str], extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment less everything that begins with one of `without`, plus `extra`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(tuple(without))}
    return kept | dict(extra)


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    timeout: float,
    stdin: bytes = b"",
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run to the end and give back what it printed. Raises `ToolFailed` after `timeout` seconds."""
    try:
        return subprocess.run(
            command, input=stdin, capture_output=True, env=dict(env), timeout=timeout, cwd=cwd, check=False
        )
    except subprocess.TimeoutExpired:
        name = Path(command[0]).name
        raise ToolFailed(
            f"{name} gave no answer within {timeout:g} seconds and was stopped", hint="Try again"
        ) from None
