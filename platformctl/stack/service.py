"""A service that runs from its sources, by the target that its developers use: `make run`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from platformctl.model import Json
from platformctl.stack.child import Child, Program
from platformctl.stack.loopback import HOST, answers, free_port, listens, wait_until
from platformctl.stack.tools import Tools

_ALIEN: Final = ("PLATFORMCTL_", "GIT_", "MAKE", "MFLAGS", "VIRTUAL_ENV", "OTEL_", "SERVICE_")
"""Variables of whoever started us that are not meant for the service, or would steer its make."""
_PATIENCE: Final = 15.0
"""Seconds that a service may take to end what it has begun; the golden paths' promise ten."""
INSTALL: Final = 600.0
"""Seconds until it is ready; the first time, `make` fetches what it needs."""


class Service(Program):
    """One that runs, or is being made ready, at `url`."""

    def __init__(self, name: str, port: int, ready_path: str, child: Child) -> None:
        self.name = name
        self.port = port
        self.url = f"http://{HOST}:{port}"
        super().__init__(child)
        self._ready_path = ready_path

    @classmethod
    def start(
        cls,
        folder: Path,
        name: str,
        environment: Mapping[str, str],
        *,
        log: Path,
        ready_path: str = "",
        port: int = 0,
        tools: Tools | None = None,
    ) -> Service:
        """Start it and go on; `wait` waits. `environment` is what it gets besides this user's.

        `ready_path` answers 200 when it is ready; where there is none, it is when it takes connections. A port of 0 is
        any free one. Raises `NoAccess` without make.
        """
        make = (tools or Tools()).find("make")
        port = port or free_port()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_ALIEN)}
        env = kept | _past_proxies(kept) | {"PYTHONUNBUFFERED": "1"} | dict(environment)
        child = Child.start(name, [make, "--silent", "run", f"PORT={port}"], cwd=folder, env=env, log=log)
        return cls(name, port, ready_path, child)

    def ready(self) -> bool:
        """Whether it says that it can work."""
        if not self._ready_path:
            return listens(self.port)
        return answers(f"{self.url}{self._ready_path}")

    def wait(self, seconds: float = INSTALL) -> None:
        """Wait until it is ready. Raises `ToolFailed` with the end of its log when it ends, or does not get there."""
        wait_until(self.ready, self.child, seconds, self.name)

    def lines(self) -> list[Mapping[str, Json] | str]:
        """What it has logged: an object for a line of JSON, else the text. Make's own come before the first object."""
        return [parsed(line) for line in self.child.log.read_text(encoding="utf-8", errors="replace").splitlines()]

    def stop(self) -> None:
        """End it; it has time to finish what it has begun."""
        self.child.stop(_PATIENCE)


def parsed(line: str) -> Mapping[str, Json] | str:
    """A line of a log: an object when it is JSON, else the text."""
    if line.startswith("{"):
        try:
            found = json.loads(line)
        except ValueError:
            return line
        if isinstance(found, dict):
            return found
    return line


def _past_proxies(env: Mapping[str, str]) -> dict[str, str]:
    """What keeps the service's own requests to this machine, such as its traces, from going to a proxy."""
    known = env.get("no_proxy") or env.get("NO_PROXY") or ""
    hosts = ",".join(filter(None, (known, HOST, "localhost")))
    return {"no_proxy": hosts, "NO_PROXY": hosts}
