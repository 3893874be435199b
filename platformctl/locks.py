"""File locks that die with their holder, and say who holds them.

A lock is the kernel's (`flock`), so a killed holder never blocks anybody. A child process that inherits the handle
keeps the lock until it ends too: nobody takes over while an orphaned Terraform is still at work.
Locks are courtesy among the processes of one machine; correctness is compare-and-swap in the backends.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from platformctl.errors import Busy


@dataclass(frozen=True)
class Holder:
    """Who is at work."""

    host: str
    pid: int
    since: str
    what: str


class Lock:
    """One lock file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.handle = -1
        self._said = False
        self.taken_over: Holder | None = None
        """The holder that died, when there was one."""

    def try_acquire(self, what: str = "") -> bool:
        """Take the lock if it is free, and say what for.

        Who says nothing only looks: nothing is written, and where there is no file there is nobody to wait for.
        """
        try:
            flags = os.O_RDWR | os.O_CREAT if what else os.O_RDONLY
            handle = os.open(self.file, flags | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            if what:
                raise
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except BaseException:
            os.close(handle)
            raise
        self.handle = handle
        if not what:
            return True
        self.taken_over = self.holder()
        self._said = True
        me = Holder(socket.gethostname(), os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"), what)
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(asdict(me)).encode(), 0)
        return True

    def acquire(self, what: str = "", timeout: float = 0.0) -> None:
        """Take the lock, waiting `timeout` seconds at most. Raises `Busy` saying who is at work."""
        until = time.monotonic() + timeout
        pause = 0.005
        while not self.try_acquire(what):
            if time.monotonic() >= until:
                raise Busy(self._busy())
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)

    def release(self) -> None:
        """Give it up. The file stays: removing it would let two hold "the" lock."""
        if self.handle >= 0:
            if self._said:
                os.ftruncate(self.handle, 0)
            os.close(self.handle)
            self.handle = -1

    @property
    def handles(self) -> tuple[int, ...]:
        """The open file to hand to a child that must keep the lock, if there is one."""
        return (self.handle,) if self.handle >= 0 else ()

    def holder(self) -> Holder | None:
        """What the file says about its holder, if anything."""
        try:
            return Holder(**json.loads(self.file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _busy(self) -> str:
        holder = self.holder()
        if holder is None:
            return f"{self.file.stem} is being worked on by another process"
        who = f"process {holder.pid} on {holder.host}, since {holder.since}"
        return f"{holder.what or 'other work'} is running ({who})"


@contextlib.contextmanager
def held(file: Path, what: str = "", timeout: float = 0.0) -> Iterator[Lock]:
    """Hold a lock for the length of a block."""
    lock = Lock(file)
    lock.acquire(what, timeout)
    try:
        yield lock
    finally:
        lock.release()
