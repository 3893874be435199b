"""Processes that are watched, or killed, as they touch the world. POSIX only.

Python tells audit hooks of files, folders, programs and connections before it touches them, and a hook stays until its
process ends. Hence the forks. What a program that was started does is not seen.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from platformctl.errors import Failure
from platformctl.model import Json
from platformctl.testing.case import Broken


class Act(StrEnum):
    """What a process does to the world outside of it."""

    READ = "read"
    WRITE = "wrote"
    START = "started"
    CONNECT = "connected to"


@dataclass(frozen=True)
class Deed:
    """One touch of the world, told just before it happens."""

    act: Act
    what: str
    """A path, a command line or an address; empty when it is relative to an open folder."""
    flags: int = 0
    """How a file is opened."""


_OPENS_TO_WRITE: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FOLDER_OF: Final = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 2, "os.chmod": 2, "os.utime": 3}
"""Where in the arguments of an event the open folder stands that its path is relative to."""
_WRITES: Final = {*_FOLDER_OF, "os.rename", "os.link", "os.symlink", "os.truncate", "os.chown", "os.mkfifo"}
_READS: Final = {"os.listdir", "os.scandir"}
_CONNECTS: Final = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_STARTS: Final = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"}


def watch(told: Callable[[Deed], None]) -> None:
    """Tell of every deed of this process from now on. Only for a forked process: there is no way back."""
    busy = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal busy
        if busy or not (deed := _deed(event, arguments)):
            return
        busy = True
        try:
            told(deed)
        finally:
            busy = False

    sys.addaudithook(hook)


def _deed(event: str, arguments: tuple[Any, ...]) -> Deed | None:
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, int) or path in (None, os.devnull):
            return None
        return Deed(Act.WRITE if flags & _OPENS_TO_WRITE else Act.READ, _path(path), flags)
    if event in _WRITES:
        at = _FOLDER_OF.get(event, 0)
        relative = at and arguments[at] not in (-1, None)
        return Deed(Act.WRITE, "" if relative else _path(arguments[0]))
    if event in _READS:
        return Deed(Act.READ, _path(arguments[0] or "."))
    if event in _STARTS:
        words = arguments[0] if event == "os.system" else arguments[1]
        return Deed(Act.START, os.fsdecode(words) if isinstance(words, str | bytes) else " ".join(map(str, words)))
    if event in _CONNECTS:
        return Deed(Act.CONNECT, str(arguments[1]))
    return None


def _path(given: Any) -> str:
    return "" if isinstance(given, int) else str(Path(os.fsdecode(given)).absolute())


def touches(work: Callable[[], object], *acts: Act) -> list[str]:
    """Do the work in a process of its own; each thing it did of these kinds, as `wrote /a/b`.

    What belongs to Python does not count: modules that load, and the files of installed packages.
    """
    seen: list[str] = []

    def told(deed: Deed) -> None:
        if deed.act in acts and deed.what and not _is_pythons(deed):
            seen.append(f"{deed.act} {deed.what}")

    def child() -> Json:
        watch(told)
        work()
        return seen

    found: list[str] = forked(child)
    return found


def _is_pythons(deed: Deed) -> bool:
    if deed.act is Act.WRITE:
        return "__pycache__" in deed.what
    roots = [sys.prefix, sys.base_prefix, *filter(None, sys.path)]
    return deed.act is Act.READ and any(Path(deed.what).is_relative_to(Path(root).absolute()) for root in roots)


class Countdown:
    """Kills this process, with SIGKILL, at one of its moments; a negative one never comes. For a forked process.

    There is a moment just before everything that it writes, starts or calls, and one just after a file has been created
    or emptied to be written.
    """

    def __init__(self, moment: int) -> None:
        self.passed = 0
        self._moment = moment

    def start(self) -> None:
        """Count from now on."""
        watch(self._told)

    def tick(self, last: Callable[[], object] = lambda: None) -> None:
        """Pass one moment, or do this last thing and die."""
        if self.passed == self._moment:
            with suppress(OSError):
                last()
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def _told(self, deed: Deed) -> None:
        if deed.act is Act.READ:
            return
        self.tick()
        if deed.flags & (os.O_CREAT | os.O_TRUNC):
            self.tick(lambda: os.open(deed.what, deed.flags, 0o666))


def forked(work: Callable[[], Json]) -> Json:
    """What the work gives, done in a process of its own; None when that process was killed.

    Raises `Broken` for what the work raises as such or as a `Failure`, RuntimeError with the traceback for all else.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _tell(writing, work)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    if not text:
        return None
    said = json.loads(text)
    if "broken" in said:
        raise Broken(said["broken"])
    if "raised" in said:
        raise RuntimeError(said["raised"])
    return said["gave"]


def _tell(pipe: int, work: Callable[[], Json]) -> None:
    """Do the work, write how it ended, and end this process, whatever happens."""
    import traceback

    try:
        try:
            said = {"gave": work()}
        except Broken as broken:
            said = {"broken": str(broken)}
        except Failure as failure:
            said = {"broken": f"{type(failure).__name__}: {failure}"}
        except BaseException:
            said = {"raised": traceback.format_exc()}
        with os.fdopen(pipe, "w", encoding="utf-8") as out:
            json.dump(said, out)
    finally:
        os._exit(0)
