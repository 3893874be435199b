"""One stream of events, read by the journal, the terminal and machines.

An event is complete in itself: it says which run of which service, path and version it belongs to. The JSON form
is documented in `docs/reference/events.md`; `SCHEMA` changes when a field changes its meaning or goes away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from platformctl.model import Change, Json, Plane

SCHEMA: Final = 1


class Type(StrEnum):
    """What happened."""

    RUN_STARTED = "run_started"
    STEP_STARTED = "step_started"
    CHANGE_STARTED = "change_started"
    CHANGE_APPLIED = "change_applied"
    CHANGE_PROPOSED = "change_proposed"
    CHANGE_UNDONE = "change_undone"
    CHANGE_LEFT = "change_left"
    STEP_RETRIED = "step_retried"
    STEP_FINISHED = "step_finished"
    WAITING = "waiting"
    NOTE = "note"
    FINDING = "finding"
    RESULT = "result"
    RUN_FINISHED = "run_finished"
    CAMPAIGN_STARTED = "campaign_started"
    CAMPAIGN_WAVE = "campaign_wave"
    CAMPAIGN_SERVICE = "campaign_service"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_RESUMED = "campaign_resumed"
    CAMPAIGN_STOPPED = "campaign_stopped"
    CAMPAIGN_FINISHED = "campaign_finished"


@dataclass(frozen=True)
class Event:
    """One thing that happened. Durations are seconds; `at` is UTC."""

    type: Type
    at: datetime
    run: str = ""
    service: str = ""
    path: str = ""
    version: str = ""
    step: str = ""
    plane: Plane | None = None
    status: str = ""
    message: str = ""
    cause: str = ""
    duration: float | None = None
    change: Change | None = None
    campaign: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        """The form for machines and journals: absent fields are left out."""
        form: dict[str, Json] = {
            "type": self.type.value,
            "at": self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        for name in ("campaign", "run", "service", "path", "version", "step", "plane", "status", "message", "cause"):
            if value := getattr(self, name):
                form[name] = value
        if self.duration is not None:
            form["duration"] = round(self.duration, 3)
        if self.change is not None:
            form["change"] = self.change.to_json()
        if self.data:
            form["data"] = dict(self.data)
        return form

    @classmethod
    def from_json(cls, form: Mapping[str, Json]) -> Event:
        """Read back what `to_json` wrote."""
        known: dict[str, Any] = {key: form[key] for key in form if key in cls.__dataclass_fields__}
        known["type"] = Type(form["type"])
        known["at"] = datetime.fromisoformat(form["at"])
        if "plane" in known:
            known["plane"] = Plane(form["plane"])
        if "change" in known:
            known["change"] = Change.from_json(form["change"])
        return cls(**known)


Reader = Callable[[Event], None]


class Stream:
    """Gives every event its run and hands it to the readers, in order and one at a time.

    The first reader is the journal where there is one: when it cannot write, nobody else hears of the event and
    the world is not touched.
    """

    def __init__(self, readers: Sequence[Reader], **context: str) -> None:
        self._readers = list(readers)
        self._context = context
        self._lock = threading.Lock()
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the stream was opened."""
        return time.monotonic() - self._began

    def emit(self, type_: Type, **fields: Any) -> None:
        """Tell every reader that something happened now."""
        event = Event(type_, datetime.now(UTC), **{**self._context, **fields})
        with self._lock:
            for read in self._readers:
                read(event)
