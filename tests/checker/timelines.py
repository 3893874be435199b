"""Situations that follow from a promise alone, and which alerts it takes in each of them.

Windows and burn rates are those of the SRE Workbook, chapter 5 ("Alerting on SLOs", multiwindow, multi-burn-rate
alerts), for a budget over 30 days. They are written here once more: the checker takes nothing from what it checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

from tests.checker.promise import Promise
from tests.scenario import Phases

BURNS: Final = {
    ("Fast", "critical"): ((14.4, 60, 5), (6, 360, 30)),
    ("Slowly", "warning"): ((3, 1440, 120), (1, 4320, 360)),
}
"""How many times too fast the budget is spent, over how many minutes, and over how many to say that it goes on."""
_ALONE: Final = 2.5
"""So few events that went wrong are nobody's business, however little traffic there is."""


@dataclass(frozen=True)
class Look:
    """What has to be so at a moment."""

    minute: int
    firing: frozenset[str]
    """Every alert that fires, with its severity: `MetricsAbsent critical`."""
    records: Mapping[str, float] = field(default_factory=dict)
    """Values of recorded series."""


@dataclass(frozen=True)
class Timeline:
    """A service's days, with moments at which it is looked at."""

    name: str
    phases: Phases
    """As `tests.scenario` explains them."""
    looks: Sequence[Look]
    every: int = 1
    """Minutes between two samples."""
    evaluated: int = 1
    """Minutes between two evaluations; each look is at one. They are rare where no alert has to wait until it fires."""
    neighbours: bool = False
    """Whether others are in trouble all the while."""


def timelines(promise: Promise) -> Iterator[Timeline]:
    """Everything that a promise says something about, the quick ones first."""
    make = _Maker(promise)
    cores, size = promise.limits["tier:cpu_limit:cores"] * 1000, promise.limits["tier:memory_limit:bytes"] / 2**20
    below, above = ({"memory": size * share, "cpu": cores * share} for share in (0.85, 0.95))
    records = {**promise.limits, **make.objectives()}
    yield make.timeline(
        "limits",
        [
            {"minutes": 60, "events": 1000, **below, "look": [], "records": records},
            {"minutes": 22, **above, "look": ["MemorySaturated warning", "CpuSaturated warning"]},
            {"minutes": 30, **below, "look": []},
        ],
        every=2,
        neighbours=True,
    )
    yield make.timeline(
        "metrics that stop coming",
        [
            {"minutes": 60, **make.spent(0)},
            {"minutes": 8, "up": False, "look": []},
            {"minutes": 12, "look": ["MetricsAbsent critical"]},
        ],
        neighbours=True,
    )
    yield make.timeline(
        "metrics that stay away",
        [{"minutes": 30, **make.spent(0)}, {"minutes": 1500, "up": False, "look": ["MetricsAbsent warning"]}],
        every=30,
    )
    yield make.timeline(
        "metrics that never came",
        [{"minutes": 600, "up": False, "look": []}, {"minutes": 900, "look": ["MetricsAbsent warning"]}],
        every=30,
    )
    yield make.timeline(
        "one of few",
        [
            {"minutes": 120, "events": 0.1, "failed": 0, "slow": 0},
            {"minutes": 1, "events": 1, "failed": 1, "slow": 1},
            {"minutes": 2, "events": 0, "failed": 0, "slow": 0, "look": []},
        ],
        evaluated=3,
    )
    yield make.timeline(
        "all of few",
        [
            {"minutes": 120, "events": 0.2, "failed": 0},
            {"minutes": 30, "failed": 0.2, "look": []},
        ],
        evaluated=30,
    )
    if "backlog" in promise.signals:
        yield from _of_a_backlog(promise, make)
    yield make.timeline(
        "over six hours",
        [{"minutes": 390, **make.spent(burn), "look": []} for burn in (5.4, 6.6)],
        every=5,
        evaluated=30,
    )
    yield make.timeline(
        "over a day",
        [{"minutes": 2880, "events": 10000, "failed": 0, "slow": 0}]
        + [{"minutes": 1560, **make.spent(burn), "look": []} for burn in (2.7, 3.3)],
        every=30,
        evaluated=120,
    )
    yield make.timeline(
        "over an hour",
        [
            {"minutes": 360, **make.spent(0), "look": []},
            *({"minutes": 72, **make.spent(burn), "look": []} for burn in (0.9 * 14.4, 1.1 * 14.4)),
            {"minutes": 36, **make.spent(60)},
            {"minutes": 36, **make.spent(5.4), "look": []},
        ],
        every=2,
        evaluated=12,
    )
    yield make.timeline(
        "over three days",
        [
            *({"minutes": 4560, **make.spent(burn), "look": []} for burn in (0.9, 1.1)),
            {"minutes": 720, **make.spent(20)},
            {"minutes": 480, **make.spent(0.9), "look": []},
        ],
        every=30,
        evaluated=240,
    )


def _of_a_backlog(promise: Promise, make: _Maker) -> Iterator[Timeline]:
    limit = promise.slo["waiting_seconds"]
    well = {"minutes": 60, **make.spent(0), "waiting": 40, "oldest": limit * 0.9}
    yield make.timeline(
        "what waits for long",
        [
            {**well, "look": []},
            {"minutes": 12, "oldest": limit * 1.1, "look": ["BacklogTooOld critical"]},
            {"minutes": 8, "oldest": limit * 0.9, "look": []},
            {"minutes": 8, "events": 0, "queue": False, "look": []},
            {"minutes": 12, "look": ["BacklogUnknown critical"]},
        ],
    )
    yield make.timeline(
        "what waits and grows",
        [well, {"minutes": 120, "waiting_more": 30, "look": ["BacklogGrows warning"]}],
        every=5,
    )
    yield make.timeline(
        "what waits and shrinks",
        [{**well, "waiting": 9000}, {"minutes": 120, "waiting_more": -60, "look": []}],
        every=5,
    )


class _Maker:
    """Makes timelines of one promise."""

    def __init__(self, promise: Promise) -> None:
        self._promise = promise

    def spent(self, burn: float) -> dict[str, float]:
        """A thousand events a minute that spend both budgets so many times too fast."""
        failed, slow = (1000 * min(burn * budget, 1) for budget in self._promise.budgets.values())
        return {"events": 1000, "failed": failed, "slow": slow}

    def objectives(self) -> dict[str, float]:
        """What is recorded of the promise while all is well."""
        return {
            f'{record}{{slo="{name}"}}': value
            for name, budget in self._promise.budgets.items()
            for record, value in {
                "slo:sli_error:ratio_rate5m": 0,
                "slo:objective:ratio": 1 - budget,
                "slo:error_budget:ratio": budget,
                "slo:time_period:days": 30,
                "slo:period_error_budget_remaining:ratio": 1,
            }.items()
        }

    def timeline(
        self,
        name: str,
        phases: Sequence[Mapping[str, Any]],
        every: int = 1,
        evaluated: int = 0,
        *,
        neighbours: bool = False,
    ) -> Timeline:
        """Looked at where a phase ends that has a `look`: alerts that fire besides those on budgets.

        If nothing else is said, some things wait, and not for long, and rules are evaluated with every sample.
        """
        if "backlog" in self._promise.signals:
            phases = [{"waiting": 40, "oldest": 0.5 * self._promise.slo["waiting_seconds"], **phases[0]}, *phases[1:]]
        ends = list(accumulate(phase["minutes"] for phase in phases))
        looks = [
            Look(
                end,
                frozenset(phase["look"]) | self._burning(phases[: number + 1], every),
                phase.get("records", {}),
            )
            for number, (phase, end) in enumerate(zip(phases, ends, strict=True))
            if "look" in phase
        ]
        return Timeline(name, phases, looks, every, evaluated or every, neighbours)

    def _burning(self, phases: Phases, every: int) -> set[str]:
        """Alerts on a budget that have to fire after these phases."""
        said = accumulate(phases, lambda before, phase: {**before, **phase})
        minutes = [phase for phase in said for _ in range(phase["minutes"]) if phase.get("events") is not None]
        return {
            f"{objective.capitalize()}BudgetBurns{how} {severity}"
            for objective, bad in (("availability", "failed"), ("latency", "slow"))
            for (how, severity), burns in BURNS.items()
            for factor, long, short in burns
            if self._over(minutes, bad, factor * self._promise.budgets[objective], long, short, every)
        }

    @staticmethod
    def _over(minutes: Sequence[Mapping[str, Any]], bad: str, limit: float, long: int, short: int, every: int) -> bool:
        for window in (long, short):
            samples = -(-window // every)  # those that lie within the window, not at its beginning
            seen = minutes[-(samples - 1) * every :] if samples > 1 else []
            events, wrong = (sum(minute.get(name, 0) for minute in seen) for name in ("events", bad))
            if not events or wrong / events <= limit or (window == long and wrong <= _ALONE):
                return False
        return True
