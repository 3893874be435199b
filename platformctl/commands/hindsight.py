"""What stands as platformctl left it, of what says nothing about who changed it last.

Settings on a forge and rules of branches carry no mark. What platformctl left there is in the journals of this machine;
and what it must have left, follows from what was asked for before: by earlier records, and by overrides that ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from platformctl import answers as answers_file
from platformctl.answers import Answers
from platformctl.commands.session import Session
from platformctl.engine import plan as planning
from platformctl.engine.drift import Finding
from platformctl.engine.request import Request
from platformctl.errors import Failure
from platformctl.model import Address, Change, Drift, Json, Observed, Plan, Plane

_RECORDS: Final = 3
"""Earlier records that are looked at."""
_COMMITS: Final = 20
"""Commits of the record in which they are looked for."""
_NOTHING: Final = object()
"""What stands where nothing does."""


def with_hindsight(session: Session, record: Answers, request: Request, found: Sequence[Finding]) -> list[Finding]:
    """The findings, with those that stand as platformctl left them as behind. Reads only."""
    known = _known(session, record.service, list(filter(_is_suspect, found)))
    behind = {at for at, finding in enumerate(found) if known.get(_name(finding))}
    open_ = {
        at for at, finding in enumerate(found) if finding.drift is Drift.OUT_OF_BAND and _name(finding) not in known
    }
    for earlier in _earlier(session, record, request) if open_ else ():
        if plan := _plan(earlier, {found[at].plane for at in open_}):
            right = {at for at in open_ if _was_right(plan, found[at])}
            behind, open_ = behind | right, open_ - right
        if not open_:
            break
    return [replace(one, drift=Drift.BEHIND) if at in behind else one for at, one in enumerate(found)]


def _name(found: Finding) -> tuple[Address, str]:
    return found.address, found.part


def _is_suspect(found: Finding) -> bool:
    """Whether it may be that nobody has touched it: a part that differs or is not there, of what is there."""
    return found.line is not None and found.drift in (Drift.OUT_OF_BAND, Drift.MISSING)


def _known(session: Session, service: str, found: Sequence[Finding]) -> Mapping[tuple[Address, str], bool]:
    """Whether parts are as the last run on this machine left them, as far as its journals tell."""
    known: dict[tuple[Address, str], bool] = {}
    open_ = {finding.address for finding in found}
    try:
        for change in _changes(session, service) if open_ else ():
            for finding in found if change.address in open_ else ():
                left = _is_left(finding, change) if finding.address == change.address else None
                if left is not None:
                    known.setdefault(_name(finding), left)
            if change.left:
                open_.discard(change.address)
            if not open_:
                break
    except (Failure, OSError):
        return {}  # a journal that is damaged is no evidence
    return known


def _changes(session: Session, service: str) -> Iterator[Change]:
    """What was changed from here, the last change first."""
    for run in session.changing_runs(service):
        yield from reversed(run.changes)


def _is_left(found: Finding, change: Change) -> bool | None:
    """Whether a part is as a change left it; None where that cannot be told.

    One that was brought to what is asked for now, and stands otherwise, was changed since.
    """
    assert found.change is not None
    asked, there = (_part(value, found.part) for value in (found.change.after, found.change.before))
    left = _part(change.after, found.part)
    if asked is _NOTHING and there is _NOTHING:
        return None  # it is no part of what is compared
    if there == left:
        return True
    return False if left == asked and change.left else None


def _part(value: Json, part: str) -> Any:
    """What stands at a part of a value, whose name may have dots in it."""
    if not isinstance(value, Mapping):
        return _NOTHING
    if part in value:
        return value[part]
    for key, inner in value.items():
        if part.startswith(f"{key}."):
            return _part(inner, part[len(key) + 1 :])
    return _NOTHING


def _earlier(session: Session, record: Answers, request: Request) -> Iterator[Request]:
    """What was asked for before: while overrides held that have ended, then by earlier records, the last first."""
    for day in sorted({one.until for one in request.expired() if one.until}, reverse=True):
        yield replace(request, today=day)
    for before in _records(session, record):
        try:
            yield session.recorded_request(session.wiring.recipe(before.path, before.version), before)
        except Failure:
            continue


def _records(session: Session, record: Answers) -> Iterator[Answers]:
    """Earlier records of a service that say something else than the one after them."""
    forge, later, seen = session.wiring.ports["forge"], record, 0
    try:
        head = forge.head(record.service, "main")
        for touch in forge.touched(record.service, head, answers_file.FILE, _COMMITS)[1:]:
            content = forge.read(record.service, touch.commit, answers_file.FILE)
            before = _read(content) if content else None
            if before is None or before.says(later, later):
                continue
            yield before
            later, seen = before, seen + 1
            if seen == _RECORDS:
                return
    except Failure:
        return


def _read(content: bytes) -> Answers | None:
    try:
        return answers_file.read(content, answers_file.FILE)
    except Failure:
        return None


def _plan(request: Request, planes: set[Plane]) -> Plan | None:
    try:
        return planning.make(request, tolerant=True, planes=planes)
    except Failure:
        return None


def _was_right(plan: Plan, found: Finding) -> bool:
    """Whether what stands there is what this plan asks for."""
    seen = {address: one for step in plan.steps for address, one in step.observed.items()}
    if not isinstance(seen.get(found.address), Observed):
        return False
    differing = {(change.address, line.what) for change in plan.changes for line in change.differences}
    whole = {change.address for change in plan.changes if not change.differences}
    return found.address not in whole and (found.address, found.part) not in differing
