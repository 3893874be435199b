"""`platformctl doctor --fix`: what has drifted is put right, in one service or in many, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

from platformctl.commands import run
from platformctl.commands.diagnosis import Diagnosis, request_for
from platformctl.commands.doctor import Fleet
from platformctl.commands.run import Outcome
from platformctl.commands.session import Approve, Session
from platformctl.errors import Failure, Interrupted
from platformctl.model import Change, Json, Plane


@dataclass(frozen=True)
class Mended:
    """What became of one service."""

    service: str
    outcome: Outcome | None
    failure: str = ""
    """Why it was not put right; empty: it was, or what that takes is proposed."""

    @property
    def status(self) -> str:
        """`failed`, `proposed`, `done`, or `unchanged` where somebody else was faster."""
        if self.outcome is None:
            return "failed"
        return "proposed" if self.outcome.proposed else "done" if self.outcome.applied else "unchanged"

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        outcome = self.outcome.to_json() if self.outcome else None
        return {"service": self.service, "status": self.status, "failure": self.failure, "outcome": outcome}


@dataclass(frozen=True)
class Mending:
    """What was found in many services, and what became of those that could be put right."""

    found: Fleet
    mended: tuple[Mended, ...]

    @property
    def failed(self) -> tuple[Mended, ...]:
        """What was not put right."""
        return tuple(one for one in self.mended if one.outcome is None)

    @property
    def left(self) -> tuple[Diagnosis, ...]:
        """Services with drift that `--fix` can do nothing about."""
        return tuple(one for one in self.found.drifted if any(found.change is None for found in one.drift))

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {**self.found.to_json(), "mended": [one.to_json() for one in self.mended]}


def fix(service: str, session: Session, approve: Approve, planes: Collection[Plane] = ()) -> Outcome:
    """Apply what doctor would report, on these planes; on all of them when none is named."""
    name = session.service(service).service
    held = run.lock(session, name)
    try:
        request = request_for(session, session.service(name), writes=True)
        return run.carry_out(session, request, approve, planes=planes)
    finally:
        held.release()


def fix_all(found: Fleet, session: Session, approve: Approve, begins: Callable[[str], None]) -> Iterator[Mended]:
    """Put every service right in which something was found that can be: on the planes where it was found.

    One that fails does not keep the others from it. `begins` hears of each before. Raises `Interrupted` after Ctrl-C.
    """
    for diagnosis in found.drifted:
        if planes := dict.fromkeys(change.plane for change in changes_of(diagnosis)):
            begins(diagnosis.service)
            yield _tried(diagnosis.service, partial(fix, diagnosis.service, session, approve, list(planes)))


def _tried(service: str, work: Callable[[], Outcome]) -> Mended:
    try:
        return Mended(service, work())
    except Interrupted:
        raise
    except Failure as failure:
        return Mended(service, None, str(failure))
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        return Mended(service, None, f"{where}{problem.strerror or problem}")


def changes_of(diagnosis: Diagnosis) -> list[Change]:
    """What would be changed to put right what was found, each change once."""
    changes = (found.change for found in diagnosis.drift)
    return list({change.address: change for change in changes if change is not None}.values())
