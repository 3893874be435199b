"""The write-ahead journal: one file a run, one event a line, on disk before the world is touched.

A campaign has one too. What its services are moved by are runs, each with a journal of its own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from platformctl.errors import BadConfig, NotFound
from platformctl.events import Event, Type
from platformctl.home import sync_folder
from platformctl.model import Address, Change

_KEPT: Final = frozenset(
    {
        Type.RUN_STARTED,
        Type.CHANGE_STARTED,
        Type.CHANGE_APPLIED,
        Type.CHANGE_PROPOSED,
        Type.CHANGE_UNDONE,
        Type.CHANGE_LEFT,
        Type.RUN_FINISHED,
    }
)
"""What undo and resume need: on disk before anything else happens."""
_OF_CAMPAIGNS: Final = frozenset(
    {
        Type.CAMPAIGN_STARTED,
        Type.CAMPAIGN_WAVE,
        Type.CAMPAIGN_SERVICE,
        Type.CAMPAIGN_PAUSED,
        Type.CAMPAIGN_RESUMED,
        Type.CAMPAIGN_STOPPED,
        Type.CAMPAIGN_FINISHED,
    }
)
"""What a campaign is gone on with by: on disk likewise."""
_MEASURED: Final = frozenset({Type.STEP_FINISHED})
"""What `runs stats` reads besides: written, and on disk with the next line that has to be."""
_OF_CHANGES: Final = b'{"type": "change_'
"""How the line of an event about a change begins, as `Event.to_json` has it."""


def new_run_id(service: str) -> str:
    """A name for a run that sorts by time, to the millisecond: `20261123-190744512-payments-api-4f2a`."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}{now.microsecond // 1000:03d}-{service}-{os.urandom(2).hex()}"


class Journal:
    """Appends a run's events.

    What undo or resume needs is durable when the call returns; OSError when it cannot be.
    """

    def __init__(self, folder: Path, run: str) -> None:
        self.file = folder / f"{run}.ndjson"
        self.run = run
        fresh = not self.file.exists()
        self._handle = os.open(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._mend()
        if fresh:
            sync_folder(folder)

    def _mend(self) -> None:
        """Cut off a last line that a kill or a full disk left unfinished."""
        size = os.fstat(self._handle).st_size
        if size and os.pread(self._handle, 1, size - 1) != b"\n":
            os.ftruncate(self._handle, self.file.read_bytes().rfind(b"\n") + 1)

    def __call__(self, event: Event) -> None:
        """Keep an event that undo, resume, a campaign or `runs stats` needs; others pass by."""
        if event.type not in _KEPT | _OF_CAMPAIGNS | _MEASURED:
            return
        line = json.dumps(event.to_json(), ensure_ascii=False) + "\n"
        whole = line.encode(errors="backslashreplace")
        if os.write(self._handle, whole) != len(whole):
            self._mend()
            raise OSError(28, "No space left on device", str(self.file))
        if event.type not in _MEASURED:
            os.fsync(self._handle)

    def close(self) -> None:
        """Nothing more will come."""
        os.close(self._handle)


@dataclass(frozen=True)
class Run:
    """A journal read back."""

    id: str
    events: tuple[Event, ...]

    @property
    def first(self) -> Event:
        """How it started: service, path, version, and in `data` the command and the answers."""
        return self.events[0]

    @property
    def service(self) -> str:
        """The service it worked on."""
        return self.first.service

    @property
    def organisation(self) -> str:
        """The organisation that it worked for."""
        return str(self.first.data.get("organisation", ""))

    @property
    def command(self) -> str:
        """The command that started it."""
        return str(self.first.data.get("command", ""))

    @property
    def status(self) -> str:
        """How it ended: `done`, `proposed`, `failed`, `interrupted`, `undone`; `unfinished` when it never said."""
        last = self.events[-1]
        return last.status if last.type is Type.RUN_FINISHED else "unfinished"

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change that was begun and not taken back since, in order, with what it left behind.

        One that was only proposed and begins again is another one: the world may have moved on before anybody agreed.
        """
        begun: dict[str, Change] = {}
        proposed: set[str] = set()
        for event in self.events:
            if event.change is None:
                continue
            address = event.change.address
            if event.type is Type.CHANGE_PROPOSED:
                proposed.add(address)
            elif event.type is Type.CHANGE_STARTED and address in begun and address not in proposed:
                begun[address] = _joined(begun.pop(address), event.change)
            elif event.type is Type.CHANGE_STARTED:
                begun[address] = event.change
                proposed.discard(address)
            elif event.type is Type.CHANGE_APPLIED and address in begun:
                begun[address] = replace(begun[address], left=event.change.left)
                proposed.discard(address)
            elif event.type is Type.CHANGE_UNDONE:
                begun.pop(address, None)
        return tuple(begun.values())

    @property
    def proposed(self) -> Mapping[Address, str]:
        """What it has proposed and never saw accepted, with where somebody has to consent."""
        waiting: dict[Address, str] = {}
        for event in self.events:
            if event.change is not None and event.type is Type.CHANGE_PROPOSED:
                waiting[event.change.address] = event.data["url"]
            elif event.change is not None and event.type in (Type.CHANGE_APPLIED, Type.CHANGE_UNDONE):
                waiting.pop(event.change.address, None)
        return waiting


def _joined(earlier: Change, later: Change) -> Change:
    """Two changes of one address in one run (it was resumed) are one: from the first state to the last."""
    return replace(
        later,
        kind=earlier.kind,
        before=earlier.before,
        revision=earlier.revision,
        left=later.left or earlier.left,
    )


def read(file: Path) -> Run | None:
    """Read a journal; an unfinished last line is not there. None when it holds nothing."""
    events = _events(file)
    return Run(file.stem, events) if events else None


def _events(file: Path, passed_over: bytes | None = None) -> tuple[Event, ...]:
    """A journal's events, without the lines that begin with `passed_over`. Raises `BadConfig` for a damaged one."""
    with file.open("rb") as lines:
        events = [
            _event(line, f"{file}:{number}")
            for number, line in enumerate(lines, start=1)
            if line.endswith(b"\n") and not (passed_over and line.startswith(passed_over))
        ]
    if events and (events[0].type is not Type.RUN_STARTED or not isinstance(events[0].data.get("answers"), dict)):
        raise _beheaded(file)
    return tuple(events)


def of_campaign(file: Path, after: int = 0) -> tuple[list[Event], int]:
    """The events of a campaign's journal after so many bytes, and how many bytes those and these are.

    Raises `BadConfig` for a damaged one.
    """
    with file.open("rb") as lines:
        lines.seek(after)
        *whole, _ = lines.read().split(b"\n")
    events = [_event(line, str(file) if after else f"{file}:{number}") for number, line in enumerate(whole, start=1)]
    if not after and events and events[0].type is not Type.CAMPAIGN_STARTED:
        raise _beheaded(file)
    return events, after + sum(len(line) + 1 for line in whole)


def _event(line: bytes, where: str) -> Event:
    try:
        return Event.from_json(json.loads(line))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadConfig("this journal is damaged", where=where) from None


def _beheaded(file: Path) -> BadConfig:
    return BadConfig("this journal is damaged: its beginning is lost", where=f"{file}:1")


def runs(folder: Path, service: str = "") -> Iterator[Run]:
    """Every run, newest first."""
    for file in _files(folder, service):
        run = read(file)
        if run is not None and (not service or run.service == service):
            yield run


def outlines(folder: Path, service: str = "") -> Iterator[tuple[Event, ...] | BadConfig]:
    """The events of every run, newest first, without those about changes, which are nearly all of a journal.

    In place of a damaged journal comes what is wrong with it.
    """
    for file in _files(folder, service):
        try:
            events = _events(file, _OF_CHANGES)
        except BadConfig as damaged:
            yield damaged
        else:
            if events and (not service or events[0].service == service):
                yield events


def _files(folder: Path, service: str) -> Iterator[Path]:
    for file in sorted(folder.glob("*.ndjson"), reverse=True):
        if not service or f"-{service}-" in file.name:
            yield file


def find(folder: Path, name: str) -> Run:
    """A run by its id, by the beginning or end of it, or `last`. Raises `NotFound`."""
    if name == "last":
        if run := next(runs(folder), None):
            return run
        raise NotFound("there has been no run yet", hint="See platformctl new --help")
    if re.fullmatch(r"[A-Za-z0-9-]+", name):
        found = [file for file in folder.glob("*.ndjson") if file.stem.startswith(name) or file.stem.endswith(name)]
        if len(found) > 1:
            raise NotFound(f"{name!r} fits {len(found)} runs", hint="Type more of it; see platformctl runs list")
        if found and (run := read(found[0])):
            return run
    raise NotFound(f"there is no run {name!r}", hint="See platformctl runs list")
