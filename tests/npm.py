"""npm packages that tests need, installed below `.tools/` once for each lock file.

    modules = installed(Path(__file__).parent)      # that folder has package.json and package-lock.json

Nothing is skipped when a package cannot be had: the test fails and says why.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from platformctl.locks import held

CACHE: Final = Path(__file__).parents[1] / ".tools" / "npm"
_FILES: Final = ("package.json", "package-lock.json")
_PATIENCE: Final = 300.0
"""Seconds that one worker of pytest waits while another installs."""


def installed(folder: Path, without: str = "") -> Path:
    """The `node_modules` of a folder's lock file. Files that the glob `without` names are not kept."""
    lock = (folder / "package-lock.json").read_bytes()
    root = CACHE / f"{folder.name}-{hashlib.sha256(lock + without.encode()).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with held(CACHE / "lock", f"installing the packages of {folder.name}", timeout=_PATIENCE):
        if not root.is_dir():
            draft = CACHE / ".draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            for name in _FILES:
                shutil.copy(folder / name, draft)
            _npm(draft)
            for file in draft.rglob(without) if without else ():
                file.unlink()
            draft.rename(root)
    return root / "node_modules"


def _npm(folder: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.fail("npm is not on PATH; install Node.js 20 or later", pytrace=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)} failed: {' '.join(done.stderr.split())}", pytrace=False)
