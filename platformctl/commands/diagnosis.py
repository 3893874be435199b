"""One service looked at over all planes: what has drifted, what deviates on purpose, what is due."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final

from platformctl.action import Diffing, Tracing, Upgrading
from platformctl.answers import Answers
from platformctl.commands.hindsight import with_hindsight
from platformctl.commands.session import Session
from platformctl.engine import drift
from platformctl.engine import plan as planning
from platformctl.engine.deviations import Deviation, deviations
from platformctl.engine.drift import Finding
from platformctl.engine.request import Request
from platformctl.errors import BadInput, Failure
from platformctl.golden_path import GoldenPath
from platformctl.model import Drift, Json, Plan, Plane, Planned, Severity
from platformctl.released import order
from platformctl.unified import diff

VERSION: Final = "version"
"""The part of a record that says how new a service's golden path is."""


@dataclass(frozen=True)
class Diagnosis:
    """What was found out about one service."""

    service: str
    path: str = ""
    version: str = ""
    team: str = ""
    findings: tuple[Finding, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    checked: tuple[tuple[Plane, int], ...] = ()
    """How many addresses were looked at, by plane."""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """What to know before something is put right: what is proposed, and may be why something differs."""
    plan: Plan | None = None
    """The plan that it was read from; None when there could be none."""

    @property
    def drift(self) -> tuple[Finding, ...]:
        """What has drifted: neither what could not be read, nor a newer version that waits."""
        return tuple(found for found in self.findings if found.drift is not Drift.UNREADABLE and not is_due(found))

    @property
    def unreadable(self) -> tuple[Finding, ...]:
        """What could not be looked at."""
        return tuple(found for found in self.findings if found.drift is Drift.UNREADABLE)

    @property
    def due(self) -> tuple[Finding, ...]:
        """What says that a newer version waits."""
        return tuple(filter(is_due, self.findings))

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "service": self.service,
            "path": self.path,
            "version": self.version,
            "team": self.team,
            "drift": bool(self.drift),
            "findings": [found.to_json() for found in self.findings],
            "deviations": [one.to_json() for one in self.deviations],
            "notes": list(self.notes),
            "checked": {plane.value: count for plane, count in self.checked},
            "seconds": round(self.seconds, 3),
        }


def is_due(found: Finding) -> bool:
    """Whether a finding is about the version alone, and that is no harm: nothing has drifted for that."""
    of_version = found.part == VERSION and found.change is None and found.drift is Drift.BEHIND
    return of_version and found.severity is not Severity.ERROR


def request_for(session: Session, record: Answers, *, writes: bool = False) -> Request:
    """A request for what a service was made with, on tools and access that are there. Raises `Failure`."""
    recipe = session.wiring.recipe(record.path, record.version)
    session.wiring.check(recipe, record.answers, writes=writes)
    return session.recorded_request(recipe, record)


def diagnose(
    session: Session,
    record: Answers,
    request: Request,
    planes: Collection[Plane] = (),
    *,
    side_by_side: bool = True,
) -> Diagnosis:
    """Plan the recorded recipe with the recorded answers: what it would change is drift. Writes nothing."""
    plan = planning.make(request, tolerant=True, planes=planes, side_by_side=side_by_side)

    def action_of(planned: Planned) -> Any:
        return request.action(planned.step.uses, planned.step.folders)

    found = drift.findings(plan, action_of, request.expired())
    found = with_hindsight(session, record, request, found)
    found += _unreadable(session, plan, planes)
    if not planes or Plane.DEVELOPER in planes:
        path = session.wiring.golden_path(record.path)
        found += _version(record, path, request.today, partial(_proposed_upgrade, session, plan))
    seen: dict[Plane, int] = {}
    for step in plan.steps:
        seen[step.step.plane] = seen.get(step.step.plane, 0) + len(step.observed)
    return Diagnosis(
        service=record.service,
        path=record.path,
        version=record.version,
        team=str(request.platform.get("team", {}).get("slug", "")),
        findings=tuple(found),
        deviations=tuple(deviations(request, plan)) if request.overrides else (),
        checked=tuple((plane, count) for plane, count in seen.items() if not planes or plane in planes),
        notes=tuple(note for step in plan.steps for note in step.waiting),
        plan=plan,
    )


def explained(
    found: Sequence[Finding], plan: Plan, session: Session, *, traces: bool = True, diffs: bool = False
) -> tuple[Finding, ...]:
    """The findings with who and when, and with what their fix does to a text: as far as it is asked and known.

    It costs a look at the history or at a file for each, so it is for those that are shown.
    """
    steps = {step.step.id: step for step in plan.steps}
    return tuple(_explained(finding, steps.get(finding.step), session, traces=traces, diffs=diffs) for finding in found)


def _explained(finding: Finding, planned: Planned | None, session: Session, *, traces: bool, diffs: bool) -> Finding:
    change, line = finding.change, finding.line
    if planned is None or change is None or line is None:
        return finding
    action = session.wiring.action(planned.step.uses, planned.step.folders)
    if traces and isinstance(action, Tracing):
        with suppress(Failure):  # who it was is not worth a failure
            finding = replace(finding, trace=action.trace(planned.inputs, change, line))
    if diffs and isinstance(action, Diffing):
        with suppress(Failure):  # nor is how it is said
            texts = action.texts(planned.inputs, change, line)
            finding = replace(finding, diff=diff(*texts, name=f"{finding.address}/{finding.part}") if texts else "")
    return finding


def _unreadable(session: Session, plan: Plan, planes: Collection[Plane]) -> Iterator[Finding]:
    for step, address, reason in plan.unreadable:
        yield Finding(step.step.plane, step.step.id, address, Drift.UNREADABLE, reason=reason)
    for step in plan.steps:
        looked_at = not planes or step.step.plane in planes
        if step.deferred and looked_at and not hasattr(session.wiring.action_class(step.step.uses), "render"):
            reason = "it depends on what could not be read"
            yield Finding(step.step.plane, step.step.id, step.step.title, Drift.UNREADABLE, reason=reason)


def _version(record: Answers, path: GoldenPath, today: date, proposed: Callable[[], str]) -> Iterator[Finding]:
    """Whether the golden path has moved on, or has something to say of this version."""
    notice, level = path.notice(record.version), None
    reason = f"golden path {path.name} is deprecated" if path.lifecycle == "deprecated" else ""
    newer = order(path.latest) > order(record.version)
    if notice is not None:
        reason = notice.said(f"{path.name} {record.version}", today)
        level = Severity.ERROR if notice.refused(today) else Severity.WARNING
    if newer and (url := proposed()):
        reason = f"{reason}; an upgrade is proposed: {url}" if reason else f"an upgrade is proposed: {url}"
    elif newer and notice is not None and notice.removed is not None:
        reason += f"; upgrade with: platformctl upgrade {record.service}"
    if newer or reason:
        yield Finding(
            Plane.DEVELOPER,
            "",
            f"record/{record.service}",
            Drift.BEHIND,
            part=VERSION,
            expected=path.latest if newer else record.version,
            found=record.version,
            reason=reason,
            level=level,
        )


def _proposed_upgrade(session: Session, plan: Plan) -> str:
    """Where another version is proposed to the team already; empty where it is not, and where that cannot be seen."""
    for planned in plan.steps:
        action = session.wiring.action(planned.step.uses, planned.step.folders)
        if isinstance(action, Upgrading) and planned.observed:
            with suppress(Failure):
                if url := action.upgrade_proposed(planned.inputs):
                    return url
    return ""


def without_team(session: Session, record: Answers) -> Diagnosis | None:
    """What is to be said of a service whose team the platform does not know; None for every other one.

    Its access, its pages and its CODEOWNERS are about nobody.
    """
    given = record.answers.get("team")
    try:
        if isinstance(given, str):
            session.wiring.config.team(given)
        return None
    except BadInput as unknown:
        finding = Finding(
            Plane.SECURITY,
            "",
            f"record/{record.service}",
            Drift.MISSING,
            part="team",
            found=str(given),
            reason=unknown.what,
        )
        return Diagnosis(record.service, record.path, record.version, str(given), findings=(finding,))
