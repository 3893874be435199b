"""A folder as it was once, at the same place each time: for tests that begin from what takes long to make."""

from __future__ import annotations

import shutil
from pathlib import Path


def keep(folder: Path) -> None:
    """Remember how a folder is now, in one beside it."""
    shutil.copytree(folder, folder.with_name("kept"), symlinks=True)


def restore(folder: Path) -> Path:
    """Have it so again."""
    shutil.rmtree(folder)
    shutil.copytree(folder.with_name("kept"), folder, symlinks=True)
    return folder
