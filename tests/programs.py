"""The programs that run beside a service, in one folder: for PATH, or for `tools.folder` in platform.yaml.

Each is found as `tests.debian` finds it. What is only unpacked is started in its own folder and with its own libraries.
"""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Final

from tests.debian import tool, unpacked

REDIS: Final = ("redis-server", "redis-tools", "liblzf1", "libjemalloc2")


def programs(folder: Path) -> Path:
    """A folder in which prometheus, promtool, alertmanager, redis-server and redis-cli are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("prometheus", "promtool"):
        (folder / name).symlink_to(tool(name))
    alertmanager = tool("prometheus-alertmanager")
    _wrap(folder / "alertmanager", f"cd {shlex.quote(str(alertmanager.parents[2]))}", alertmanager)
    for name in ("redis-server", "redis-cli"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
            continue
        root = unpacked(*REDIS)
        libraries = os.pathsep.join(str(place) for place in sorted(root.glob("usr/lib/*-linux-gnu")))
        _wrap(folder / name, f"export LD_LIBRARY_PATH={shlex.quote(libraries)}", root / "usr" / "bin" / name)
    return folder


def _wrap(file: Path, before: str, program: Path) -> None:
    file.write_text(f'#!/bin/sh\n{before} && exec {shlex.quote(str(program))} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
