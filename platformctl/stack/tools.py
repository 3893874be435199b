"""The programs that run beside a service: where they are, and how to get them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformctl.errors import NoAccess, ToolFailed


@dataclass(frozen=True)
class _Tool:
    """Names that a program goes by, and how it is installed."""

    names: tuple[str, ...]
    install: str


_MONITORING: Final = "apt-get install prometheus prometheus-alertmanager, brew install prometheus alertmanager, or "
_PROMETHEUS: Final = f"{_MONITORING}https://prometheus.io/download"
_REDIS: Final = (
    "apt-get install redis-server, brew install redis, or https://redis.io/docs/latest/operate/oss_and_stack/install"
)
_KNOWN: Final[Mapping[str, _Tool]] = {
    "prometheus": _Tool(("prometheus",), _PROMETHEUS),
    "promtool": _Tool(("promtool",), _PROMETHEUS),
    "alertmanager": _Tool(("alertmanager", "prometheus-alertmanager"), _PROMETHEUS),
    "redis-server": _Tool(("redis-server", "valkey-server"), _REDIS),
    "redis-cli": _Tool(("redis-cli", "valkey-cli"), _REDIS),
    "grafana": _Tool(("grafana",), "brew install grafana, or https://grafana.com/grafana/download"),
    "git": _Tool(("git",), "apt-get install git, brew install git, or https://git-scm.com/downloads"),
    "make": _Tool(("make",), "apt-get install make, or xcode-select --install"),
}
_VERSION: Final = re.compile(r"\d+(\.\d+)+")
_TIMEOUT: Final = 20.0
"""Seconds; a program says its version within milliseconds."""


class Tools:
    """Programs in a folder that the platform names, else on PATH."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def find(self, name: str) -> str:
        """A program's path. Raises `NoAccess` with the install line."""
        if found := self.look(name):
            return found
        tool = _KNOWN[name]
        where = f"neither in {self._folder} nor on PATH" if self._folder else "not on PATH"
        hint = f"Install it: {tool.install}; or name its folder in platform.yaml: tools: {{folder: …}}"
        raise NoAccess(f"{name} is {where}", hint=hint)

    def look(self, name: str) -> str:
        """A program's path, or an empty string when there is none."""
        folders = [str(self._folder), None] if self._folder else [None]
        found = (shutil.which(known, path=folder) for folder in folders for known in _KNOWN[name].names)
        return next(filter(None, found), "")

    def version(self, name: str) -> str:
        """What a program says its version is, as `2.42.0`. Raises `NoAccess`, and `ToolFailed` when it says none."""
        program = self.find(name)
        try:
            done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=_TIMEOUT, check=False)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise ToolFailed(f"{name} does not say its version: {problem}", where=program) from None
        if found := _VERSION.search(done.stdout + done.stderr):
            return found[0]
        raise ToolFailed(f"{name} does not say its version", where=program)
