"""A migration's script, run in a copy of a service's files: what it leaves there is a change like any other."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from platformctl.errors import BadRecipe
from platformctl.model import File, Tree

TIMEOUT: Final = 60.0
"""Seconds that a script may take."""
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "TZ")
"""What of the environment a script sees: no credential is among it."""


def run(script: Path, files: Tree) -> dict[str, File]:
    """The files as a script leaves them. Raises `BadRecipe` when it fails, or leaves what is no plain file."""
    with tempfile.TemporaryDirectory(prefix="platformctl-") as scratch:
        folder = Path(scratch, "files")
        for path, file in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.content)
            place.chmod(0o755 if file.executable else 0o644)
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        command = [sys.executable, "-I", str(script.absolute())]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment | {"HOME": scratch},
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BadRecipe(f"the script did not end within {TIMEOUT:g} s", where=str(script)) from None
        if done.returncode != 0:
            said = (done.stderr.decode(errors="replace").strip().splitlines() or ["nothing"])[-1]
            raise BadRecipe(f"the script ended with {done.returncode}: {said}", where=str(script))
        return dict(_left(folder, script))


def _left(folder: Path, script: Path) -> list[tuple[str, File]]:
    found = []
    for place in sorted(folder.rglob("*")):
        if place.is_symlink() or not (place.is_file() or place.is_dir()):
            raise BadRecipe(f"the script left {place.name}, which is no plain file", where=str(script))
        if place.is_file():
            path = place.relative_to(folder).as_posix()
            found.append((path, File(place.read_bytes(), os.access(place, os.X_OK))))
    return found
