"""Trials of one tool, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.merges.judge import Result
from tests.merges.trial import Trial


@dataclass
class Tally:
    """What came of scenarios with one tool."""

    tool: str
    trials: list[Trial] = field(default_factory=list)

    @classmethod
    def of(cls, tool: str, trials: Iterable[Trial]) -> Tally:
        """Count trials."""
        return cls(tool, sorted(trials, key=lambda trial: trial.scenario.number))

    def __getitem__(self, result: Result) -> int:
        return sum(trial.verdict.result is result for trial in self.trials)

    @property
    def conflicts(self) -> int:
        """How often a person was asked."""
        return sum(bool(trial.outcome.disputed) and not trial.outcome.crash for trial in self.trials)

    @property
    def quiet(self) -> int:
        """How often a person was asked, and the exit code was that of success."""
        return sum(bool(trial.outcome.disputed) and not trial.outcome.code for trial in self.trials)

    @property
    def wrong(self) -> list[Trial]:
        """What did not come out as it has to."""
        return [trial for trial in self.trials if not trial.verdict.result.right]

    def by_name(self, result: Result) -> Counter[str]:
        """How often a pair of an edit and a change came to this."""
        found = (trial.scenario for trial in self.trials if trial.verdict.result is result)
        return Counter(f"{scenario.edit} × {scenario.change}" for scenario in found)


def short(ours: Tally, others: Iterable[Tally]) -> Iterator[str]:
    """What is below what is aimed at, in words: no lost edit, and fewer conflicts than with each other tool."""
    if ours[Result.LOST]:
        yield f"{ours.tool} has lost {ours[Result.LOST]} edits, and none is aimed at"
    for other in others:
        if ours.conflicts >= other.conflicts:
            yield f"{ours.tool} asks {ours.conflicts} times, and {other.tool} {other.conflicts} times"
