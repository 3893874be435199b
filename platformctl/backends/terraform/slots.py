"""No more Terraform processes at once on a machine than it has cores, however many runs there are.

Terraform is bound by the processor: more at once is not faster, only heavier.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformctl.errors import ToolFailed
from platformctl.locks import Lock


@contextmanager
def slot(folder: Path, timeout: float) -> Iterator[tuple[int, ...]]:
    """Wait for a slot, and hold it. Gives the open file that the child inherits, so that an orphan still counts.

    The slots are files that the home folder has from its first use; before that there is nobody to wait for.
    Raises `ToolFailed` after `timeout` seconds.
    """
    slots = [Lock(file) for file in sorted(folder.glob("slot-*"))]
    if not slots:
        yield ()
        return
    until = time.monotonic() + timeout
    for lock in itertools.cycle(slots):
        if lock.try_acquire():
            break
        if lock is slots[-1]:
            if time.monotonic() > until:
                raise ToolFailed(f"no slot for Terraform within {timeout:g} seconds", hint="Try again")
            time.sleep(0.01)
    try:
        yield lock.handles
    finally:
        lock.release()
