"""One scenario tried out with one tool."""

from __future__ import annotations

from dataclasses import dataclass

from tests.merges.judge import Verdict
from tests.merges.outcome import Outcome
from tests.merges.scenario import Scenario


@dataclass(frozen=True)
class Trial:
    """What came of a scenario."""

    scenario: Scenario
    outcome: Outcome
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.scenario} ({self.scenario.clash}): {self.verdict}"
