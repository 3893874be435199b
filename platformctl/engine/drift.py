"""What a plan of the recorded recipe says about a service: every difference, with how it came about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from platformctl.action import Diagnosing, Seeing
from platformctl.errors import Failure
from platformctl.model import (
    Address,
    Change,
    Difference,
    Drift,
    Json,
    Kind,
    Observed,
    Plan,
    Plane,
    Planned,
    Severity,
    Trace,
)
from platformctl.overrides import Override, value_at

ActionOf = Callable[[Planned], Any]
"""Gives the action of a planned step."""

SEVERITIES: Final[Mapping[Drift, Severity]] = {
    Drift.EDITED: Severity.WARNING,
    Drift.BEHIND: Severity.NOTE,
    Drift.OUT_OF_BAND: Severity.WARNING,
    Drift.MISSING: Severity.ERROR,
    Drift.FOREIGN: Severity.ERROR,
    Drift.UNREADABLE: Severity.WARNING,
}
"""How much each class matters, but for what protects a branch."""
_BLOB: Final = re.compile(r"\d{6} [0-9a-f]{40}")
"""How a file is known, which tells people nothing."""
_SHORT: Final = 80
"""Characters of a value that are told."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    plane: Plane
    step: str
    address: Address
    drift: Drift
    part: str = ""
    """What of it: a file, a setting, a panel; empty: the whole."""
    expected: str = ""
    found: str = ""
    change: Change | None = None
    """What `--fix` would do; None where it would do nothing."""
    line: Difference | None = None
    """The difference, where the change has several."""
    reason: str = ""
    override: Override | None = None
    """One that has expired, and was why."""
    level: Severity | None = None
    """How much it matters, where that does not follow from the class."""
    trace: Trace | None = field(default=None, compare=False)
    """Who and when; None while nobody has asked, and where nobody knows."""
    diff: str = field(default="", compare=False)
    """What the fix does to a text, as a unified diff; empty while nobody has asked, and where there is no text.

    Parts of one text have the same one.
    """

    @property
    def severity(self) -> Severity:
        """How much it matters. What protects a branch always does, unless it only waits to be brought up to date."""
        if self.level is not None:
            return self.level
        if self.plane is Plane.SECURITY and self.drift not in (Drift.BEHIND, Drift.UNREADABLE):
            return Severity.ERROR
        return SEVERITIES[self.drift]

    @property
    def place(self) -> str:
        """Address and part, as people write them."""
        return f"{self.address} {self.part}".strip()

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        fix = self.change
        lines = (self.line,) if self.line else fix.differences if fix else ()
        return {
            "plane": self.plane.value,
            "step": self.step,
            "address": self.address,
            "part": self.part,
            "class": self.drift.value,
            "severity": self.severity.value,
            "expected": self.expected,
            "found": self.found,
            "reason": self.reason,
            "fix": {
                "kind": fix.kind.value,
                "differences": [[line.sign, line.what, line.text] for line in lines],
                "diff": self.diff,
            }
            if fix
            else None,
            "since": self.trace.at.isoformat() if self.trace and self.trace.at else None,
            "by": self.trace.by if self.trace else None,
            "expired_override": self.override.to_record() if self.override else None,
        }


def findings(plan: Plan, action_of: ActionOf, expired: tuple[Override, ...] = ()) -> list[Finding]:
    """Everything that is not as it should be, step by step."""
    found: list[Finding] = []
    for planned in plan.steps:
        found += _of_step(planned, action_of, expired)
    return found


def _of_step(planned: Planned, action_of: ActionOf, expired: tuple[Override, ...]) -> Iterator[Finding]:
    about: dict[str, Any] = {"plane": planned.step.plane, "step": planned.step.id}
    for change in planned.changes:
        yield from _of_change(planned, change, action_of(planned), expired)
    for address, foreign in planned.foreign.items():
        yield Finding(**about, address=address, drift=Drift.FOREIGN, reason=foreign.reason)


def _of_change(planned: Planned, change: Change, action: Any, expired: tuple[Override, ...]) -> Iterator[Finding]:
    about: dict[str, Any] = {"plane": change.plane, "step": change.step, "address": change.address, "change": change}
    if change.kind is Kind.CREATE:
        if why := _unseen(action, planned):
            yield Finding(change.plane, change.step, change.address, Drift.UNREADABLE, reason=why)
            return
        yield Finding(**about, drift=Drift.MISSING, override=_why(change, None, expired))
        return
    for line in change.differences or (Difference("-", ""),):
        drift = _class(planned, change, line, action)
        yield Finding(
            **about,
            drift=drift,
            part=line.what,
            expected=_told(change.after, line.what),
            found=_told(change.before, line.what),
            line=line,
            override=_why(change, line, expired),
        )


def _class(planned: Planned, change: Change, line: Difference, action: Any) -> Drift:
    seen = planned.observed[change.address]
    assert isinstance(seen, Observed)
    if not isinstance(action, Diagnosing):
        return Drift.OUT_OF_BAND
    try:
        return action.drift(planned.inputs, change, line, seen)
    except Failure:
        return Drift.OUT_OF_BAND  # that it differs is known; how it came to that is not


def _unseen(action: Any, planned: Planned) -> str:
    """Why what seems not to be there may only not be seen."""
    try:
        return action.unseen(planned.inputs) if isinstance(action, Seeing) else ""
    except Failure as failure:
        return str(failure)


def _why(change: Change, line: Difference | None, expired: tuple[Override, ...]) -> Override | None:
    """The override whose end explains this."""
    for override in expired:
        if override.step == change.step or (line and override.file and override.covers(line.what)):
            return override
        if override.input and override.of_step == change.step:
            return override
    return None


def _told(value: Json, part: str) -> str:
    """What stands at a part of a value, in few characters; empty where that is not to be told in few."""
    if not isinstance(value, Mapping):
        return ""
    here = value[part] if part in value else value_at(value, part.split("."))
    if here is None or isinstance(here, Mapping):
        return ""
    text = (", ".join(map(str, here)) if isinstance(here, list | tuple) else str(here)).strip()
    if "\n" in text or _BLOB.fullmatch(text):
        return ""
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
