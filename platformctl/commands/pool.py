"""A few processes that work through names, none of which can keep the others waiting.

A process is given one name at a time. One that takes long gets another beside it for what waits, and one that takes
too long is ended, with every program that it has started. So a program that hangs, a file that never answers and a disk
that is gone cost their own name an answer, and nobody else a second.

Nothing outlives the process that this runs in, however that ends: whoever works for it sees its connection close.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Final

Begin = Callable[[Any], Callable[[str], Any]]
"""Called with the task once in each process, gives what is called with each name. A function that can be imported."""

_SLOW: Final = 2.0
"""Seconds after which another process goes on with what waits."""
_SPARE: Final = 6
"""How many processes there may be more than were asked for, beside those that are slow."""
_START: Final = 60.0
"""Seconds that a process may take until it has begun, beside the time for its first name."""


@dataclass(frozen=True)
class Lost:
    """What there is instead of an answer."""

    why: str


class Pool:
    """At most `size` processes, and `_SPARE` more while some are slow. `timeout`: seconds for one name."""

    def __init__(self, begin: Begin, task: Any, size: int, timeout: float) -> None:
        self._begin = begin
        self._task = task
        self._size = size
        self._timeout = timeout
        self._workers: list[_Worker] = []
        self._scratch = tempfile.TemporaryDirectory(prefix="platformctl-", ignore_cleanup_errors=True)
        """For temporary files: a process that is ended cannot remove its own."""

    def run(self, names: Sequence[str]) -> Generator[tuple[str, Any], None, None]:
        """Every name with its answer, or with `Lost`, as they come."""
        waiting = list(reversed(names))
        while True:
            self._give(waiting)
            busy = [worker for worker in self._workers if worker.name]
            if not busy:
                return
            ready = wait([worker.connection for worker in busy], self._patience(busy, bool(waiting)))
            for worker in busy:
                name = worker.name
                if worker.connection in ready:
                    for answer in worker.take():
                        yield name, answer
                elif time.monotonic() >= worker.due(self._timeout):
                    worker.stop()
                    yield name, Lost(f"it gave no answer within {self._timeout:g} s")
            self._workers = [worker for worker in self._workers if not worker.gone]

    def end(self) -> None:
        """End every process, at once."""
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.stop()
        self._scratch.cleanup()

    def _give(self, waiting: list[str]) -> None:
        """Give what waits to whoever is idle, and to new processes while there are too few that are not slow."""
        for worker in self._workers:
            if waiting and not worker.name:
                worker.give(waiting.pop())
        slow = sum(worker.slow for worker in self._workers)
        while waiting and len(self._workers) < self._size + min(slow, _SPARE):
            worker = _Worker(self._begin, self._task, self._scratch.name)
            self._workers.append(worker)
            worker.give(waiting.pop())

    def _patience(self, busy: Sequence[_Worker], waiting: bool) -> float:
        """Seconds until something has to be done although nobody has answered."""
        due = [worker.due(self._timeout) for worker in busy]
        due += [worker.due(_SLOW) for worker in busy if waiting and not worker.slow]
        return max(0.0, min(due) - time.monotonic())


class _Worker:
    """One process."""

    def __init__(self, begin: Begin, task: Any, scratch: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.name = ""
        """What it is at; empty: nothing."""
        self.gone = False
        self._began = time.monotonic()
        self._ready = False
        self._process = context.Process(target=_serve, args=(theirs, begin, task, scratch), daemon=True)
        resource_tracker.ensure_running()  # which would let Ctrl-C through to the process
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()  # it never hears of Ctrl-C: who started it says when to stop
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    @property
    def slow(self) -> bool:
        """Whether others should not wait for it."""
        return bool(self.name) and time.monotonic() >= self.due(_SLOW)

    def due(self, seconds: float) -> float:
        """When it has been at what it does for so long, by the monotonic clock."""
        return self._began + seconds + (0 if self._ready else _START)

    def give(self, name: str) -> None:
        """Give it something to do."""
        self.name = name
        if self._ready:
            self._began = time.monotonic()
        with suppress(OSError):  # it has died: `take` says so
            self.connection.send(name)

    def take(self) -> Sequence[Any]:
        """Its answer; none when it says that it is ready, `Lost` when it has died."""
        try:
            said: Sequence[Any] = self.connection.recv()
        except (EOFError, OSError):
            self.stop()
            return [Lost("whoever looked at it has died")]
        if said:
            self.name = ""
        else:
            self._ready, self._began = True, time.monotonic()
        return said

    def kill(self) -> None:
        """End it with all that it has started. Does not wait."""
        if self._process.exitcode is None:  # so that the number is still its own
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid or 0, signal.SIGKILL)
            self._process.kill()

    def stop(self) -> None:
        """The same, until it has ended."""
        self.kill()
        self._process.join()
        self.connection.close()
        self.name = ""
        self.gone = True


def _serve(connection: Connection, begin: Begin, task: Any, scratch: str) -> None:
    """What a process does."""
    os.setpgid(0, 0)
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    threading.Thread(target=_end_with, args=(connection.fileno(),), daemon=True).start()
    answer = begin(task)
    connection.send([])
    while True:
        try:
            name = connection.recv()
        except (EOFError, OSError):
            return
        connection.send([answer(name)])


def _end_with(descriptor: int) -> None:
    """Wait until the other end of a connection is closed, then end this process with all that it has started."""
    watched = select.poll()
    watched.register(descriptor, 0)
    watched.poll()
    os.killpg(0, signal.SIGKILL)
