"""What the events of a run say of it: how it stands, how often it was tried, and what became of its service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from platformctl.events import Event, Type

WELL: Final = ("done", "proposed")
"""How an attempt ends that did what it was asked."""

_MAKES: Final = ("new", "apply")
_UNDONE: Final = ("undone", "partly undone")

History = Sequence[Event]
"""The events of one run, the first of which says how it started."""


@dataclass(frozen=True)
class Attempt:
    """One try at a run. A run that was resumed has several."""

    status: str
    """How it ended; `unfinished` when it never said: killed, or still at work."""
    cause: str = ""
    seconds: float | None = None
    steps: tuple[Event, ...] = ()
    """Those of its steps that ended."""


def command(history: History) -> str:
    """The command that started the run."""
    return str(history[0].data.get("command", ""))


def status(history: History) -> str:
    """How the run stands now."""
    last = [event for event in history if event.type in (Type.RUN_STARTED, Type.RUN_FINISHED)][-1]
    return last.status if last.type is Type.RUN_FINISHED else "unfinished"


def attempts(history: History) -> Iterator[Attempt]:
    """Every try at the run, the first one first. That it was undone later is none."""
    steps: list[Event] | None = None
    for event in history:
        if event.type is Type.RUN_STARTED:
            if steps is not None:
                yield Attempt("unfinished", steps=tuple(steps))
            steps = []
        elif event.type is Type.STEP_FINISHED and steps is not None:
            steps.append(event)
        elif event.type is Type.RUN_FINISHED and steps is not None:
            undone = event.status in _UNDONE
            yield Attempt("unfinished" if undone else event.status, event.cause, event.duration, tuple(steps))
            steps = None
    if steps is not None:
        yield Attempt("unfinished", steps=tuple(steps))


def made_and_proven(histories: Iterable[History]) -> tuple[int, list[float]]:
    """How many services were made, and how many seconds later each of the proven ones was proven for the first time.

    From the start of the run that made it to the end of the first proof that held. A service that was taken back
    before it was proven does not count.
    """
    moments: defaultdict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
    for history in histories:
        first = history[0]
        of_service = moments[first.service]
        ends = [event for event in history if event.type is Type.RUN_FINISHED]
        if command(history) == "prove":
            of_service += [(event.at, "proven", first.run) for event in ends if event.status == "done"]
        elif command(history) in _MAKES and any(event.status in WELL for event in ends):
            of_service.append((first.at, "made", first.run))
            of_service += [(event.at, "undone", first.run) for event in ends if event.status in _UNDONE]
    made, seconds = 0, []
    for of_service in moments.values():
        standing, proven = None, False
        for at, what, run in sorted(of_service):
            if what == "made" and standing is None:
                standing, proven = (at, run), False
                made += 1
            elif what == "undone" and standing is not None and standing[1] == run:
                made -= not proven
                standing = None
            elif what == "proven" and standing is not None and not proven:
                seconds.append((at - standing[0]).total_seconds())
                proven = True
    return made, seconds
