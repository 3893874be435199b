"""Whether alerts fire at the burn rates that are promised, and not below: on the rules as they stand, unhurried.

promtool plays days of a service to the rules: its counters, as they were measured, grow by events of which a share is
bad. A little below each threshold the alert has to be silent, a little above it has to fire, and soon afterwards, while
half as many events go on being bad, it has to be silent again. Burn rates and windows are those of the Site Reliability
Workbook (chapter 5, "Alerting on SLOs", table 5-8), the objectives those that the service was made with; no renderer is
asked.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from platformctl.errors import ToolFailed
from platformctl.model import Json
from platformctl.proof.measured import Counter
from platformctl.stack.tools import Tools

_BELOW: Final = 0.9
_ABOVE: Final = 1.1
"""Shares of a threshold at which an alert is silent, and fires."""
_EVENTS: Final = 10**8
"""A minute: so many that even a budget of 0.00001 is a whole number of events, which floats add up exactly."""
_TIMEOUT: Final = 60.0
"""Seconds; measured: under three for all that a service has."""


@dataclass(frozen=True)
class Burn:
    """The budget is spent `factor` times as fast as would use it up, over a long window and a short one."""

    factor: float
    long: str
    short: str
    before: tuple[int, int]
    """Minutes of good events before it, and how many times as many a minute: so that no other burn is reached."""
    minutes: int
    """How long it goes on: the long window."""
    after: int
    """Minutes of a last, steeper burn, and then of half a burn: the short window is below it, the long one is not."""


PAGE: Final = (Burn(14.4, "1h", "5m", (300, 1), 60, 10), Burn(6, "6h", "30m", (60, 1), 360, 40))
TICKET: Final = (Burn(3, "1d", "2h", (2880, 3), 1440, 180), Burn(1, "3d", "6h", (180, 1), 4320, 540))
_STEPS: Final = {PAGE: (1, 20), TICKET: (10, 180)}
"""Minutes between two samples, of which the shortest window holds enough, and between two evaluations: promtool's time
goes there, and every moment that is looked at is one of them."""
_STEEPER: Final = 3
"""How many times."""
_GOES_ON: Final = 0.5
"""The share of a threshold at which events go on being bad afterwards: what the short window is for."""


@dataclass(frozen=True)
class Objective:
    """A promise about a share of events, and the alerts that watch it."""

    percent: float
    page: str
    ticket: str
    seconds: float | None = None
    """Events are bad that take longer; None: events are bad that fail."""

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return (100 - self.percent) / 100


@dataclass(frozen=True)
class Claim:
    """One thing that has to be so."""

    alert: str
    fires: bool
    what: str
    """When: `at 0.9 times a burn of 14.4 over 1h and 5m (1.3 % of events are bad)`."""

    @property
    def broken(self) -> str:
        """What is to be said when it is not so."""
        return f"{self.alert} {'is silent' if self.fires else 'fires'} {self.what}"


def reachable(budget: float, burns: Sequence[Burn]) -> list[Burn]:
    """Without those for which more than all events would have to be bad."""
    return [burn for burn in burns if burn.factor * budget < 1]


def prove(
    tools: Tools, folder: Path, rules: str, objectives: Sequence[Objective], counters: Sequence[Counter]
) -> Mapping[str, Sequence[str]]:
    """What is not as promised, by alert; an alert with nothing is right. `folder` is for promtool's files.

    Raises `NoAccess` without promtool, and `ToolFailed` when it cannot work with the rules.
    """
    program = tools.find("promtool")
    (folder / "rules.yml").write_text(rules, encoding="utf-8")
    claims: list[Claim] = []
    files = []
    for name, burns in (("page", PAGE), ("ticket", TICKET)):
        step, every = _STEPS[burns]
        tests = [
            _test(
                name,
                [one for one in objectives if burn in reachable(one.budget, burns)],
                burn,
                level,
                step,
                counters,
                claims,
            )
            for burn in burns
            for level in (_BELOW, _ABOVE)
        ]
        whole = {"rule_files": ["rules.yml"], "evaluation_interval": f"{every}m", "tests": tests}
        (folder / f"{name}.json").write_text(json.dumps(whole), encoding="utf-8")
        files.append(f"{name}.json")
    broken = _run([program, "test", "rules", *files], folder)
    found: dict[str, list[str]] = {claim.alert: [] for claim in claims}
    for number in broken:
        found[claims[number].alert].append(claims[number].broken)
    return found


def _run(command: Sequence[str], folder: Path) -> list[int]:
    """The claims that promtool names."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise ToolFailed(f"promtool gave no answer within {_TIMEOUT:g} seconds") from None
    broken = sorted({int(number) for number in re.findall(r"claim-(\d+)", done.stdout + done.stderr)})
    if done.returncode and not broken:
        raise ToolFailed(f"promtool cannot test the rules: {' '.join((done.stdout + done.stderr).split())}")
    return broken


def _test(
    name: str,
    objectives: Sequence[Objective],
    burn: Burn,
    level: float,
    step: int,
    counters: Sequence[Counter],
    claims: list[Claim],
) -> Mapping[str, Json]:
    """A history in which all objectives burn at one level of a threshold; `claims` gets what has to be so in it."""
    clean, times = burn.before
    end = clean + burn.minutes
    checked = []
    for objective in objectives:
        share = _share(burn, objective, level)
        alert, about = getattr(objective, name), f"a burn of {burn.factor:g} over {burn.long} and {burn.short}"
        at = f"at {level:g} times {about}: {share * 100:.4g} % of events are bad"
        checked.append((end, Claim(alert, level > 1, at)))
        if level > 1:
            ended = f"{burn.after} minutes after {about} has fallen to half of it"
            checked.append((end + 2 * burn.after, Claim(alert, False, ended)))
    numbered = list(enumerate(checked, start=len(claims)))
    claims += [claim for _, claim in checked]
    levels = [(clean, times, 0.0), (burn.minutes, 1, level)]
    if level > 1:
        levels += [(burn.after, 1, level * _STEEPER), (burn.after, 1, _GOES_ON)]
    return {
        "interval": f"{step}m",
        "input_series": [
            {"series": counter.series, "values": _values(counter, objectives, burn, levels, step)}
            for counter in counters
        ],
        "promql_expr_test": [_tested(claim, minute, number) for number, (minute, claim) in numbered],
    }


def _tested(claim: Claim, minute: int, number: int) -> Mapping[str, Any]:
    """PromQL that is 1 while the alert fires; the claim's number is in whatever promtool says about it."""
    firing = f'count(ALERTS{{alertname={json.dumps(claim.alert)},alertstate="firing"}}) > bool 0 or vector(0)'
    return {
        "expr": f'label_replace({firing}, "claim", "claim-{number}", "", "")',
        "eval_time": f"{minute}m",
        "exp_samples": [{"labels": f'{{claim="claim-{number}"}}', "value": int(claim.fires)}],
    }


def _values(
    counter: Counter,
    objectives: Sequence[Objective],
    burn: Burn,
    levels: Sequence[tuple[int, int, float]],
    step: int,
) -> str:
    """The counter from minute 0 on, as promtool takes it: `start+growthxtimes` for each of minutes, traffic, level."""
    value, parts = 0, []
    for number, (minutes, times, level) in enumerate(levels):
        each = _growth(counter, {one: _share(burn, one, level) for one in objectives})
        growth, steps = round(each * times * _EVENTS * step), minutes // step
        parts.append(f"{value}+{growth}x{steps}" if number == 0 else f"{value + growth}+{growth}x{steps - 1}")
        value += growth * steps
    return " ".join(parts)


def _growth(counter: Counter, shares: Mapping[Objective, float]) -> float:
    """By how much one event moves a counter on average. Events are slow whether they fail or not."""
    growth = float(counter.good)
    for objective, share in shares.items():
        if objective.seconds is None:
            growth += share * (counter.failing - counter.good)
    for objective, share in shares.items():
        if objective.seconds is not None and not counter.holds(objective.seconds):
            growth *= 1 - share
    return growth


def _share(burn: Burn, objective: Objective, level: float) -> float:
    """The share of events that is bad."""
    return min(1.0, burn.factor * objective.budget * level)
