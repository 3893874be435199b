"""A program that runs beside us and never outlives us, not even when we are killed.

A small shell, the guard, leads a process group and reads from a pipe of which only this process has the other end. The
program runs in that group. When we are gone, however it came, the kernel closes the pipe, and the guard ends the group.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from platformctl.errors import ToolFailed
from platformctl.stack.running import Running

_GUARD: Final = "trap '' HUP INT TERM; echo; read -r nothing; kill -TERM 0; sleep 2; kill -KILL 0"
"""What is polite is heard by the group alone; the last word, two seconds later, ends the guard too."""
_TAIL: Final = 64 * 1024
"""Bytes at the end of a log that are looked at; lines are shorter than that together."""


class Child(Running):
    """One running program, with everything that it starts in its process group."""

    def __init__(
        self,
        name: str,
        process: subprocess.Popen[bytes],
        guard: subprocess.Popen[bytes],
        command: Sequence[str],
        log: Path,
    ) -> None:
        self.name = name
        self.command = tuple(command)
        self.log = log
        self._process = process
        self._guard = guard

    @classmethod
    def start(
        cls, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, log: Path
    ) -> Child:
        """Start a program whose output is appended to `log`. `env` None: this process's environment.

        Raises `ToolFailed` when it cannot be started.
        """
        guard = _guard()
        try:
            with log.open("ab") as out:
                process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    process_group=guard.pid,
                )
        except OSError as problem:
            _end(guard)
            raise ToolFailed(f"{name} cannot be started: {problem.strerror}", where=str(command[0])) from None
        except BaseException:
            _end(guard)
            raise
        return cls(name, process, guard, command, log)

    @property
    def running(self) -> bool:
        """Whether the program still runs; what it started may outlive it until `stop`."""
        return self._process.poll() is None

    @property
    def code(self) -> int | None:
        """How the program ended: its exit code, the negative number of the signal, or None while it runs."""
        return self._process.poll()

    def said(self, lines: int = 20) -> str:
        """The last lines of its log."""
        with suppress(FileNotFoundError), self.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        return ""

    def stop(self, patience: float = 10) -> None:
        """Ask the whole group to end, wait so many seconds for the program, and end what is left by force."""
        if self._guard.returncode is not None:
            return
        try:
            os.killpg(self._guard.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        finally:
            _end(self._guard)
            self._process.wait()


class Program(Running):
    """A program that runs as a child."""

    def __init__(self, child: Child) -> None:
        self.child = child

    def stop(self) -> None:
        """End it."""
        self.child.stop()


def _guard() -> subprocess.Popen[bytes]:
    """A guard that is on its watch: it has said a line, so that no signal finds it without its trap."""
    guard = subprocess.Popen(
        ["/bin/sh", "-c", _GUARD, "platformctl-guard"],
        cwd="/",
        env={"PATH": os.defpath},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    assert guard.stdout is not None
    try:
        guard.stdout.readline()
    except BaseException:
        _end(guard)
        raise
    return guard


def _end(guard: subprocess.Popen[bytes]) -> None:
    """End a guard and with it its whole group, at once."""
    os.killpg(guard.pid, signal.SIGKILL)
    guard.wait()
    for pipe in (guard.stdin, guard.stdout):
        if pipe is not None:
            pipe.close()
