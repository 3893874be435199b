"""Bad weather on command."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from platformctl.testing.wire.exchange import Request

KINDS: Final = ("reset_before", "reset_after", "500", "502", "503", "rate_limit", "secondary", "hang", "stale")


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with one request.

    - `reset_before`, `reset_after`: the connection is reset before or after the forge acted;
    - `500`, `502`, `503`: that status; with `acted`, after the forge acted;
    - `rate_limit`: the primary limit is used up for `seconds`;
    - `secondary`: the secondary limit, with `seconds` in Retry-After and `status` 403 or 429;
    - `hang`: nothing is said for `seconds`, then the connection is closed; with `acted`, after the forge acted;
    - `stale`: a GET answers as before the last write that changed its answer, 404 when the thing was not there.
    """

    kind: str
    request: int = 1
    """Which request, counted from when the fault is added, among those that match: 1 is the next."""
    match: Callable[[Request], bool] | None = None
    times: int = 1
    """How many requests in a row, among those that match."""
    seconds: float = 60.0
    status: int = 403
    acted: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}; there are {', '.join(KINDS)}")


class Faults:
    """Faults that wait for their request. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[list[Fault | int]] = []

    def add(self, fault: Fault) -> None:
        """Let it happen."""
        with self._lock:
            self._waiting.append([fault, 0])

    def clear(self) -> None:
        """Forget those that have not happened."""
        with self._lock:
            self._waiting.clear()

    def next(self, request: Request) -> Fault | None:
        """The fault that befalls this request; every fault counts it."""
        found = None
        with self._lock:
            for waiting in list(self._waiting):
                fault, seen = waiting
                assert isinstance(fault, Fault) and isinstance(seen, int)
                if fault.match is not None and not fault.match(request):
                    continue
                waiting[1] = seen + 1
                if seen + 1 >= fault.request and found is None:
                    found = fault
                if seen + 1 >= fault.request + fault.times - 1:
                    self._waiting.remove(waiting)
        return found
