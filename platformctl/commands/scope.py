"""What `doctor` is asked: which services, which planes, what matters, and how much is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from platformctl.engine.drift import Finding
from platformctl.model import Drift, Plane, Severity

TIMEOUT: Final = 60.0
"""Seconds that one service may take; with all planes, on a quiet machine, it takes less than one."""

_ORDER: Final = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


@dataclass(frozen=True)
class Scope:
    """Which services are looked at, and what of them is told."""

    services: tuple[str, ...] = ()
    """Their names; empty: all of them."""
    team: str = ""
    path: str = ""
    planes: tuple[Plane, ...] = ()
    """Which are looked at; empty: all."""
    severity: Severity = Severity.NOTE
    """What matters less is not told."""
    traces: bool = False
    """Whether it is asked who changed things, and when."""
    diffs: bool = False
    """Whether it is said what a fix does to a text."""
    timeout: float = TIMEOUT
    """Seconds for each service of many."""

    def has(self, *, team: str, path: str) -> bool:
        """Whether a service of a team and a golden path is among those asked for."""
        return self.team in ("", team) and self.path in ("", path)

    def matters(self, finding: Finding) -> bool:
        """Whether a finding is told. What could not be read always is: nobody knows how much it matters."""
        return finding.drift is Drift.UNREADABLE or _ORDER.index(finding.severity) >= _ORDER.index(self.severity)
