"""How right doctor is: of what there is to tell, how much is told; of what is told, how much is so; and the classes.

What could not be read is neither drift nor fine: who tells of it as drift, has not told it, and has told a drift that
there is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from platformctl.model import Drift, Plane
from tests.drifts.case import plane_of
from tests.drifts.trial import Trial

RECALL: Final = 1.0
PRECISION: Final = 1.0
RIGHT: Final = 0.98
"""What is aimed at."""


@dataclass
class Cell:
    """One class on one plane."""

    cases: int = 0
    """Cases in which there is something of it to tell."""
    things: int = 0
    """What there is to tell."""
    found: int = 0
    """What of that is told, as drift where it is drift."""
    right: int = 0
    """What of that is told as this class."""
    told: int = 0
    """What is told as this class."""
    true: int = 0
    """What of that there is to tell, as drift where it is drift."""

    @property
    def recall(self) -> float:
        """Of what there is to tell, the share that is told."""
        return _share(self.found, self.things)

    @property
    def precision(self) -> float:
        """Of what is told as this class, the share that there is to tell."""
        return _share(self.true, self.told)

    @property
    def class_right(self) -> float:
        """Of what there is to tell and is told, the share that is told as what it is."""
        return _share(self.right, self.found)

    def __add__(self, other: Cell) -> Cell:
        mine, theirs = vars(self), vars(other)
        return Cell(**{name: mine[name] + theirs[name] for name in mine})


@dataclass
class Tally:
    """Trials, counted."""

    trials: list[Trial] = field(default_factory=list)
    cells: dict[tuple[Plane, Drift], Cell] = field(default_factory=dict)
    confused: Counter[tuple[Drift, Drift]] = field(default_factory=Counter)
    """By what there is and what is told: findings that are told as another class than they are."""

    @classmethod
    def of(cls, trials: Iterable[Trial]) -> Tally:
        """Count trials."""
        tally = cls()
        for trial in trials:
            tally.add(trial)
        return tally

    def add(self, trial: Trial) -> None:
        """Count one more. A thing that is told twice is told once too often."""
        self.trials.append(trial)
        told: dict[tuple[str, str], Drift] = {}
        twice = []
        for one in trial.told:
            if one.name in told:
                twice.append(one)
            told[one.name] = one.drift
        for place in {(plane_of(name[0]), drift) for name, drift in trial.truth.items()}:
            self._cell(*place).cases += 1
        for name, drift in trial.truth.items():
            cell = self._cell(plane_of(name[0]), drift)
            cell.things += 1
            if name in told:
                cell.found += _akin(drift, told[name])
                cell.right += told[name] is drift
                if told[name] is not drift:
                    self.confused[drift, told[name]] += 1
        for one in trial.told:
            cell = self._cell(one.plane, one.drift)
            cell.told += 1
            cell.true += one.name in trial.truth and _akin(trial.truth[one.name], one.drift) and one not in twice

    def _cell(self, plane: Plane, drift: Drift) -> Cell:
        return self.cells.setdefault((plane, drift), Cell())

    @property
    def whole(self) -> Cell:
        """Everything together."""
        total = sum(self.cells.values(), Cell())
        total.cases = sum(not trial.case.harmless for trial in self.trials)
        return total

    @property
    def alarms(self) -> list[Trial]:
        """Cases in which nothing is to be told and something is."""
        return [trial for trial in self.trials if trial.case.harmless and trial.told]

    def short(self) -> Iterator[str]:
        """What is below what is aimed at, in words."""
        whole = self.whole
        aims = (("recall", whole.recall, RECALL), ("precision", whole.precision, PRECISION))
        for name, is_, aim in (*aims, ("class right", whole.class_right, RIGHT)):
            if is_ < aim:
                yield f"{name}: {is_:.2%}, and {aim:.0%} is aimed at"


def _akin(one: Drift, other: Drift) -> bool:
    """Whether both are drift, or neither is."""
    return (one is Drift.UNREADABLE) == (other is Drift.UNREADABLE)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
