"""What is up on this machine: one file for each service, believed only while somebody holds the lock beside it.

The lock is the kernel's and ends with its holder, so what a kill leaves behind is told from what is up. Who takes the
file away asks its holder to end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from platformctl.errors import Busy, ToolFailed
from platformctl.home import write_atomically
from platformctl.locks import Lock

_STEP: Final = 0.05
"""Seconds between two looks."""
_LOOK: Final = 0.2
"""Seconds to wait for a lock that somebody may only be looking at."""
_PATIENCE: Final = ((None, 30.0), (signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))
"""How a holder is made to end, and the seconds that it then has: a service may take fifteen, its tools ten."""


@dataclass(frozen=True)
class Standing:
    """A service that is up, or is being started."""

    service: str
    pid: int
    ready: bool
    places: Mapping[str, str]
    """URLs by what is there: `service`, `Prometheus`."""


class Staging:
    """The place of one service's staging below the home folder."""

    def __init__(self, home: Path, organisation: str, service: str) -> None:
        base = home / "up" / organisation
        self.service = service
        self.folder = base / service
        """What its programs write; removed with them."""
        self.log = base / f"{service}.log"
        """What one in the background says; it stays."""
        self._file = base / f"{service}.json"
        self._lock = Lock(base / f".{service}.lock")

    @staticmethod
    def services(home: Path, organisation: str) -> list[str]:
        """What is up, sorted."""
        names = sorted(file.stem for file in (home / "up" / organisation).glob("*.json"))
        return [name for name in names if Staging(home, organisation, name).standing()]

    def take(self) -> bool:
        """Become the one who has it up; False when somebody else has. What a killed one left is removed."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._lock.acquire(f"platformctl up {self.service}", timeout=_LOOK)
        except Busy:
            return False
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700)
        return True

    def tell(self, *, ready: bool, places: Mapping[str, str]) -> Standing:
        """Say to others how far it is."""
        standing = Standing(self.service, os.getpid(), ready, places)
        write_atomically(self._file, (json.dumps(asdict(standing), indent=2) + "\n").encode())
        return standing

    @property
    def wanted(self) -> bool:
        """Whether nobody has asked yet to end it."""
        return self._file.exists()

    def release(self) -> None:
        """Have it up no longer."""
        self._file.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def standing(self) -> Standing | None:
        """What is up; None when nothing is."""
        if self._is_free():
            return None
        try:
            return Standing(**json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def end(self) -> bool:
        """Have whoever has it up end it, and wait for that; False when nobody had. Raises `ToolFailed`."""
        somebody = not self._is_free()  # before it is told, for then it may be gone at once
        self._file.unlink(missing_ok=True)
        if not somebody:
            return False
        for sign, seconds in _PATIENCE:
            holder = self._lock.holder()
            if sign is not None and holder is not None and not self._is_free():
                os.kill(holder.pid, sign)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if self._is_free():
                    return True
                time.sleep(_STEP)
        raise ToolFailed(f"{self.service} does not end", where=str(self._file))

    def _is_free(self) -> bool:
        look = Lock(self._lock.file)
        free = look.try_acquire()
        look.release()
        return free
