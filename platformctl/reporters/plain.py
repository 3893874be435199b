"""Plain lines, for pipes and CI: no colour, nothing that moves."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from platformctl.events import Event, Type
from platformctl.reporters.lines import Line
from platformctl.reporters.visible import visible

if TYPE_CHECKING:  # most commands look at nothing
    from platformctl.commands.doctor import Progress, Told

_WORDS = {
    "applied": "done",
    "unchanged": "unchanged",
    "rendered": "rendered",
    "skipped": "left out",
    "proposed": "proposed",
    "waiting": "waits",
    "left alone": "left alone",
    "failed": "FAILED",
    "passed": "holds",
    "left out": "left out",
}


class Plain:
    """Progress on standard error, results on standard output."""

    def __init__(self, progress: IO[str] | None = None) -> None:
        self._progress = progress or sys.stderr

    def __call__(self, event: Event) -> None:
        """Show an event, if it is one that people want to see."""
        if text := event_text(event):
            with suppress(BrokenPipeError):  # who stopped reading does not stop a run
                self._progress.write(f"{visible(text)}\n")
                self._progress.flush()

    def show(self, lines: Iterable[Line]) -> None:
        """Print a result."""
        for line in lines:
            sys.stdout.write(_plain(line))

    def ask(self, lines: Iterable[Line]) -> None:
        """Print what a question is about."""
        for line in lines:
            self._progress.write(_plain(line))

    def close(self) -> None:
        """Nothing is left open."""


@contextmanager
def looked_at(out: IO[str] | None = None) -> Iterator[Told]:
    """Says on standard error how a look at many services went, once it is over."""

    def told(progress: Progress) -> None:
        if progress.done == progress.of:
            with suppress(BrokenPipeError):
                (out or sys.stderr).write(
                    f"looked at {progress.of} service{'s' if progress.of > 1 else ''}: "
                    f"{progress.counted} {progress.what}\n"
                )

    yield told


def _plain(line: Line) -> str:
    return visible("".join(text for _, text in line).rstrip()) + "\n"


def event_text(event: Event) -> str:
    """An event as one line, or nothing."""
    match event.type:
        case Type.STEP_FINISHED:
            took = f" ({event.duration:.1f} s)" if event.duration and event.duration >= 0.05 else ""
            return f"{event.plane}: {event.message.splitlines()[0]}: {_WORDS[event.status]}{took}"
        case Type.STEP_RETRIED:
            return f"{event.plane}: {event.message}: trying again in {event.data['wait']} s"
        case Type.WAITING:
            return f"{event.message}: waiting {event.duration:.0f} s"
        case Type.CHANGE_PROPOSED:
            return event.message
        case Type.CAMPAIGN_SERVICE:
            return ": ".join(filter(None, (event.service, event.status, event.message)))
        case Type.CAMPAIGN_WAVE:
            return f"wave {event.data['wave']} begins"
        case Type.NOTE if event.status != "planning":
            return event.message
        case _:
            return ""
