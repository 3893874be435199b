"""A Redis of our own with nothing in it, for a service that takes its work from there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

from platformctl.errors import ToolFailed
from platformctl.model import Json
from platformctl.stack.child import Child, Program
from platformctl.stack.loopback import HOST, free_port, listens, wait_or_end
from platformctl.stack.tools import Tools

_READY: Final = 30.0
"""Seconds that it may take to start."""
_ANSWER: Final = 30.0
"""Seconds that one command may take."""


class Redis(Program):
    """One that runs, at `url`."""

    def __init__(self, port: int, child: Child, client: str) -> None:
        self.port = port
        self.url = f"redis://{HOST}:{port}/0"
        super().__init__(child)
        self._client = client

    @classmethod
    def start(cls, tools: Tools, folder: Path) -> Redis:
        """Start one that keeps nothing. Raises `NoAccess` without the programs, `ToolFailed` when it does not start."""
        program, client = tools.find("redis-server"), tools.find("redis-cli")
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        options = ["--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no", "--dir", str(folder)]
        child = Child.start("redis", [program, *options], cwd=folder, log=folder / "redis.log")
        wait_or_end(lambda: listens(port), child, _READY, "Redis")
        return cls(port, child, client)

    def cli(self, *command: str) -> Json:
        """The answer to a command, `cli("XLEN", "orders")`. Raises `ToolFailed` with what it says."""
        words = [self._client, "-h", HOST, "-p", str(self.port), "-e", "--json", *command]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=_ANSWER, check=False)
        except subprocess.TimeoutExpired:
            raise ToolFailed(
                f"Redis gave no answer to {command[0]} within {_ANSWER:g} seconds", where=self.url
            ) from None
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())
            raise ToolFailed(f"Redis refuses {command[0]}: {said}", where=self.url)
        return json.loads(done.stdout)
