"""Service level objectives: how much may go wrong, how fast that may be spent, and the PromQL that tells.

An alert compares the share of events that went wrong with a multiple of the budget, over a long window, which says
that it matters, and a short one, which says that it has not stopped. Windows and multiples are those of the SRE
Workbook (chapter 5, "Alerting on SLOs"); for 30 days, 14.4 times spends 2 % of the budget in an hour, 6 times 5 % in
six hours, 3 times 10 % in a day and 1 time 10 % in three days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from platformctl.errors import BadInput
from platformctl.model import Json
from platformctl.renderers.signals import Function

PERIOD_DAYS: Final = 30
"""Days over which the budget is given."""
WINDOWS: Final = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
"""Windows whose error ratio is recorded from the series themselves."""
_PERIOD: Final = f"{PERIOD_DAYS}d"


class Burn(NamedTuple):
    """The budget is spent `factor` times as fast as would use it up, over both windows."""

    factor: Decimal
    long: str
    short: str

    @property
    def days(self) -> str:
        """Days that a whole budget lasts at this speed."""
        return plain((PERIOD_DAYS / self.factor).quantize(Decimal("0.1")))


FAST: Final = (Burn(Decimal("14.4"), "1h", "5m"), Burn(Decimal(6), "6h", "30m"))
"""Worth waking somebody for."""
SLOW: Final = (Burn(Decimal(3), "1d", "2h"), Burn(Decimal(1), "3d", "6h"))
"""Worth a ticket."""

_MORE_THAN_ONE: Final = "2.5"
"""Prometheus extrapolates: on a series of two or three samples, one event counts as up to 2.5."""


@dataclass(frozen=True)
class Objective:
    """One promise about a share of all events."""

    name: str
    """`availability`: the label `slo`."""
    percent: Decimal
    """How many of a hundred events are good."""
    good: str
    """What good events do, after "99 % of requests": `succeed`."""
    bad: str
    """What the others did, after "of requests": `failed`."""
    traffic: Callable[[str], str]
    """PromQL for events a second over a window."""
    errors: Callable[[str, Function], str]
    """PromQL for those that were not good, over a window: `rate` of them a second, `increase` in all."""
    labels: Mapping[str, str]
    """What tells the service's recorded series from others'; without the team, so that history outlives a move."""

    @property
    def budget(self) -> Decimal:
        """The share of events that may go wrong; exact, so that 99.9 leaves 0.001."""
        return (100 - self.percent) / 100

    def check(self, field: str, event: str, events_per_day: float) -> None:
        """Raise `BadInput` for a promise that no alert could watch; `field` names where it was given.

        `events_per_day` is the traffic that is expected, 0 when it is not known.
        """
        if self.percent >= 100:
            raise BadInput(
                f"{field}: {plain(self.percent)} % leaves no budget to alert on", hint="Promise less, such as 99.9"
            )
        if self.percent <= self._least:
            raise BadInput(
                f"{field}: {plain(self.percent)} % is so little that not even a full outage would page",
                hint=f"Promise more than {plain(self._least)}",
            )
        expected = Decimal(str(events_per_day)) * PERIOD_DAYS
        if 0 < expected * self.budget < 1:
            most = (100 * (1 - 1 / max(expected, Decimal(1)))).quantize(Decimal("0.001"), "ROUND_FLOOR")
            sensible = self._least < most
            raise BadInput(
                f"{field}: {plain(self.percent)} % of the {plain(expected)} {event} that are expected in "
                f"{PERIOD_DAYS} days leaves a budget of {plain(expected * self.budget)}: less than one",
                hint=f"Promise at most {plain(most)}" if sensible else f"So few {event} cannot be promised about",
            )

    def recordings(self) -> list[dict[str, Json]]:
        """Rules that record the error ratio of every window, the objective and what is left of the budget."""
        ratio = "slo:sli_error:ratio_rate"
        records = {"slo:sli_event:rate5m": self.traffic("5m"), "slo:sli_error:rate5m": self.errors("5m", "rate")}
        for window in WINDOWS:
            records[f"{ratio}{window}"] = f"({self.errors(window, 'rate')}) / ({self.traffic(window)} > 0)"
        # Events over 30 days, not ratios: an hour without traffic weighs nothing. From recorded rates, because
        # the series themselves would be read over 30 days at each evaluation.
        errors, events = (self._recorded(f"slo:sli_{noun}:rate5m") for noun in ("error", "event"))
        records[f"{ratio}{_PERIOD}"] = f"sum_over_time({errors}[{_PERIOD}]) / (sum_over_time({events}[{_PERIOD}]) > 0)"
        budget = plain(self.budget)
        records["slo:objective:ratio"] = f"vector({plain(1 - self.budget)})"
        records["slo:error_budget:ratio"] = f"vector({budget})"
        records["slo:time_period:days"] = f"vector({PERIOD_DAYS})"
        records["slo:current_burn_rate:ratio"] = f"{self._recorded(f'{ratio}5m')} / {budget}"
        records["slo:period_error_budget_remaining:ratio"] = f"1 - {self._recorded(f'{ratio}{_PERIOD}')} / {budget}"
        return [{"record": name, "expr": expr, "labels": self._labels} for name, expr in records.items()]

    def condition(self, burns: Sequence[Burn]) -> str:
        """PromQL that holds while the budget is spent as fast as any of these; its value is the long window's ratio.

        One event alone never makes it hold, however little traffic there is.
        """
        return "\nor\n".join(self._exceeded(burn) for burn in self._reachable(burns))

    def limits(self, burns: Sequence[Burn]) -> str:
        """The same for people: `more than 1.44 % over 1h and 5m (…)`."""
        return ", or ".join(
            f"more than {plain(self._threshold(burn) * 100)} % over {burn.long} and {burn.short} "
            f"(a whole budget lasts {burn.days} days)"
            for burn in self._reachable(burns)
        )

    def _exceeded(self, burn: Burn) -> str:
        ratios = (self._recorded(f"slo:sli_error:ratio_rate{window}") for window in (burn.long, burn.short))
        long, short = (f"{ratio} > {plain(self._threshold(burn))}" for ratio in ratios)
        several = f"({self.errors(burn.long, 'increase')}) > {_MORE_THAN_ONE}"
        return f"({long} and {short} and on () ({several}))"

    @property
    def _least(self) -> Decimal:
        """The percentage up to which no share of bad events could page."""
        return (100 * (1 - 1 / min(burn.factor for burn in FAST))).quantize(Decimal("0.01"), "ROUND_CEILING")

    def _threshold(self, burn: Burn) -> Decimal:
        return burn.factor * self.budget

    def _reachable(self, burns: Sequence[Burn]) -> list[Burn]:
        """Without those for which more than all events would have to go wrong."""
        return [burn for burn in burns if self._threshold(burn) < 1]

    def _recorded(self, record: str) -> str:
        matchers = ",".join(f'{label}="{value}"' for label, value in self._labels.items())
        return f"{record}{{{matchers}}}"

    @property
    def _labels(self) -> Mapping[str, str]:
        return {**self.labels, "slo": self.name}


def plain(number: Decimal) -> str:
    """A number without an exponent and without zeros at its end, as PromQL and people read it."""
    return f"{number.normalize():f}"
