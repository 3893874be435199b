"""Runs platformctl and kills it, with SIGKILL, at one journal point.

Called as `python killed.py COUNT_FILE POINT ARGUMENTS…`. Every event that undo and resume need has two points: `2n`
just before event n is written (the world has been changed, the journal does not know) and `2n+1` just after (the
journal knows, the world has not been changed). A point that is never reached lets the run end; COUNT_FILE then holds
how many there are.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from platformctl.__main__ import main
from platformctl.events import Event
from platformctl.journal import _KEPT, _OF_CAMPAIGNS, Journal

write = Journal.__call__
reached = 0


def killed_at(point: int) -> None:
    """Replace the journal's writer by one that dies at a point."""

    def counted(self: Journal, event: Event) -> None:
        global reached  # noqa: PLW0603
        if event.type not in _KEPT | _OF_CAMPAIGNS:
            write(self, event)
            return
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)
        write(self, event)
        if reached + 1 == point:
            os.kill(os.getpid(), signal.SIGKILL)
        reached += 2

    Journal.__call__ = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    count_file, at, *arguments = sys.argv[1:]
    killed_at(int(at))
    sys.argv = ["platformctl", *arguments]
    try:
        main()
    finally:
        Path(count_file).write_text(str(reached))
