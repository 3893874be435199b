"""`platformctl up`: a service on this machine with all that watches it in its environment, until somebody ends it."""

from __future__ import annotations

import queue
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from platformctl.commands.session import Session
from platformctl.commands.stage import Stage
from platformctl.commands.subject import Subject, sources, subject
from platformctl.errors import BadInput, Busy, ToolFailed
from platformctl.events import Type
from platformctl.stack.loopback import answers, listens
from platformctl.stack.service import INSTALL
from platformctl.stack.staging import Staging, Standing
from platformctl.stack.tail import Tail
from platformctl.stack.tools import Tools

_STEP: Final = 0.1
"""Seconds between two looks at what happened."""


@dataclass(frozen=True)
class Ready:
    """The service can be used."""

    standing: Standing


@dataclass(frozen=True)
class Logged:
    """The service has logged a line."""

    line: str


@dataclass(frozen=True)
class Paged:
    """An event came to the pager."""

    action: str
    """`trigger` or `resolve`."""
    severity: str
    summary: str
    key: str
    """Whose key it came with: the reference of the service's team, else the name of the file that has the key."""
    refused: str
    """Why PagerDuty would refuse it; empty when it would not."""


Heard = Ready | Logged | Paged


def staging(session: Session, service: str) -> Staging:
    """The place of a service's staging. Raises `NotFound` or `BadInput` as `Session.service` does."""
    return Staging(session.home.path, session.organisation, service)


def chosen(session: Session, service: str) -> tuple[Subject, Standing | None]:
    """The service that is meant, and what is up of it.

    Raises `NoAccess` when it is to be started and a program is missing, `Busy` while somebody starts or ends it.
    """
    found = subject(session, service)
    place = staging(session, found.service)
    standing = place.standing()
    if standing is not None and not standing.ready:
        raise Busy(f"{found.service} is being started by process {standing.pid}", hint="Wait, or end it with down")
    if standing is None:
        Stage.check(session, found, tools_of(session))
    return found, standing


def tools_of(session: Session) -> Tools:
    """The programs as the platform has them."""
    return Tools(session.wiring.config.tools_folder)


@contextmanager
def up(session: Session, subject: Subject, port: int) -> Iterator[Iterator[Heard]]:
    """Have a service up for the length of a block; gives what happens, until somebody calls `down`.

    A `port` of 0 is any free one. Raises `Busy`, `BadInput` for a port that is in use, and `ToolFailed` with the end of
    its log when the service or one of its tools ends.
    """
    if port and listens(port):
        raise BadInput(f"port {port} is in use", hint="Choose another with --port, or leave it out")
    session.home.prepare()
    place = staging(session, subject.service)
    if not place.take():
        raise Busy(f"{subject.service} is being started or ended by somebody else", hint="Try again in a moment")
    stage = None
    try:
        with ExitStack() as stack:
            stack.callback(place.release)
            place.tell(ready=False, places={})
            source = stack.enter_context(sources(session, subject, tools_of(session)))
            stage = Stage(session, subject, place.folder, tools_of(session), stack)
            message = f"{subject.service} is made and started in {source.folder}"
            session.stream(service=subject.service).emit(Type.NOTE, status="starting", message=message)
            stage.start(source.folder, port)
            yield _heard(stage, place)
    finally:
        if stage is not None:
            session.stream(service=subject.service).emit(Type.NOTE, status="down", message=stage.farewell())


def _heard(stage: Stage, place: Staging) -> Iterator[Heard]:
    """What happens, as it does. Ends when it is wanted no longer."""
    tail, until, ready = Tail(stage.service.child.log), time.monotonic() + INSTALL, False
    while place.wanted:
        running = stage.service.child.running
        yield from map(Logged, tail.lines(last=not running))
        yield from _pages(stage)
        stage.check_running()
        if not ready and stage.service.ready():
            ready = True
            yield Ready(place.tell(ready=True, places=_with_description(stage)))
        if not ready and time.monotonic() > until:
            stage.service.wait(0)
        time.sleep(_STEP)


def _with_description(stage: Stage) -> Mapping[str, str]:
    """The places, with the description of the service's API where it gives one."""
    description = f"{stage.service.url}/openapi.json"
    return {**stage.places, **({"OpenAPI": description} if answers(description) else {})}


def _pages(stage: Stage) -> Iterator[Paged]:
    while True:
        try:
            event, refused = stage.pages.get_nowait()
        except queue.Empty:
            return
        payload = event.get("payload") or {}
        yield Paged(
            action=str(event.get("event_action", "")),
            severity=str(payload.get("severity", "")),
            summary=str(payload.get("summary", "")),
            key=stage.key_of(event),
            refused=refused,
        )


def detached(session: Session, subject: Subject, port: int) -> Standing:
    """Have a service up in the background, and come back when it is ready.

    Raises `ToolFailed` with the end of its log when it does not get there.
    """
    session.home.prepare()
    place = staging(session, subject.service)
    place.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    named = [] if subject.clone else [subject.service]
    command = [sys.executable, "-m", "platformctl", "up", *named, *(["--port", str(port)] if port else [])]
    with place.log.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        while True:
            standing = place.standing()
            if standing is not None and standing.ready:
                return standing
            if process.poll() is not None:
                lines = place.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["nothing"]
                said = lines[-1].removeprefix("platformctl: ")
                raise ToolFailed(f"{subject.service} does not come up: {said}", where=str(place.log))
            time.sleep(_STEP)
    except BaseException:
        process.terminate()
        process.wait()
        raise
