"""`platformctl runs stats`: how often runs succeed, how long they take, and how soon a service is proven."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from platformctl import journal
from platformctl.commands import histories
from platformctl.commands.histories import History
from platformctl.commands.session import Session
from platformctl.errors import BadConfig, BadInput, Cause
from platformctl.model import Json

COUNTED: Final = (Cause.RECIPE, Cause.PLATFORM, Cause.THIRD_PARTY)
"""Failures that count against the success rate. What a user can mend, and what was stopped, says nothing of it."""

_NO_WORK: Final = ("rendered", "unchanged", "skipped", "waiting", "left out", "failed")
"""Steps that ended so took no time that is worth knowing."""


@dataclass(frozen=True)
class Options:
    """Which runs count; all of them where nothing is said."""

    service: str = ""
    path: str = ""
    since: str = ""
    """`30d`, or the day in UTC from which on, as ISO 8601 writes it."""


@dataclass(frozen=True)
class Spread:
    """How long something took, in seconds.

    Percentiles are of the nearest rank: the smallest of the measured values that so many per cent do not exceed.
    """

    values: tuple[float, ...]
    """Ascending."""

    def percentile(self, per_cent: int) -> float:
        """The value that so many per cent of the values do not exceed."""
        return self.values[-(-len(self.values) * per_cent // 100) - 1]

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        if not self.values:
            return {"count": 0}
        named = {"p50": self.percentile(50), "p95": self.percentile(95), "best": self.values[0]}
        shown = {name: round(value, 3) for name, value in {**named, "worst": self.values[-1]}.items()}
        return {"count": len(self.values), **shown}


@dataclass(frozen=True)
class Success:
    """How attempts ended."""

    succeeded: int
    failed: Mapping[str, int]
    """By cause."""
    interrupted: int
    unfinished: int
    """Killed, or still at work."""

    @property
    def counted(self) -> int:
        """The attempts that the rate is made from."""
        return self.succeeded + sum(self.failed.get(cause, 0) for cause in COUNTED)

    def rate(self, causes: Iterable[Cause] = COUNTED) -> float | None:
        """What part succeeded of the attempts that succeeded or failed by these causes; None when there were none."""
        of = self.succeeded + sum(self.failed.get(cause, 0) for cause in causes)
        return self.succeeded / of if of else None

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        rates = {cause.value: self.rate((cause,)) for cause in Cause}
        return {
            "rate": _rounded(self.rate()),
            "rate_by_cause": {cause: _rounded(rate) for cause, rate in rates.items()},
            "succeeded": self.succeeded,
            "failed": {cause.value: self.failed.get(cause, 0) for cause in Cause},
            "interrupted": self.interrupted,
            "unfinished": self.unfinished,
        }


@dataclass(frozen=True)
class Stats:
    """What the journals say, taken together."""

    ended: Mapping[str, Mapping[str, int]]
    """Runs by command and by how they stand now."""
    success: Success
    runs: Mapping[str, Spread]
    """By command: runs that were done at the first attempt."""
    steps: Mapping[str, Mapping[tuple[str, str], Spread]]
    """By command, then by step and plane: every time the step had something to do and did it. The slowest first."""
    made: int
    """Services that runs have made, without those taken back before they were proven."""
    proven: Spread
    """From the start of the run that made a service to the end of the first proof that held."""
    damaged: tuple[str, ...]
    """Journals that could not be read, with the line."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        seconds = {
            command: {
                "run": self.runs[command].to_json(),
                "steps": [
                    {"step": step, "plane": plane, **spread.to_json()}
                    for (step, plane), spread in self.steps[command].items()
                ],
            }
            for command in self.ended
        }
        return {
            "runs": {command: dict(statuses) for command, statuses in self.ended.items()},
            "success": self.success.to_json(),
            "seconds": seconds,
            "services": {"made": self.made, "proven": self.proven.to_json()},
            "damaged": list(self.damaged),
        }


def stats(options: Options, session: Session) -> Stats:
    """Read this organisation's journals, each once. Raises `BadInput` for a `since` that is no time."""
    since = _since(options.since, datetime.now(UTC))
    damaged: list[str] = []
    found: list[History] = []
    for history in journal.outlines(session.home.runs, options.service):
        if isinstance(history, BadConfig):
            damaged.append(history.where)
            continue
        first = history[0]
        if since and first.at < since:
            continue
        if first.data.get("organisation") == session.organisation and options.path in ("", first.path):
            found.append(history)
    return _of(found, tuple(damaged))


def _of(found: Sequence[History], damaged: tuple[str, ...]) -> Stats:
    ended: defaultdict[str, Counter[str]] = defaultdict(Counter)
    runs: defaultdict[str, list[float]] = defaultdict(list)
    steps: defaultdict[str, defaultdict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    tries: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for history in found:
        command = histories.command(history)
        ended[command][histories.status(history)] += 1
        for number, attempt in enumerate(histories.attempts(history)):
            tries["succeeded" if attempt.status in histories.WELL else attempt.status] += 1
            if attempt.status == "failed":
                failed[attempt.cause] += 1
            if attempt.status == "done" and number == 0 and attempt.seconds is not None:
                runs[command].append(attempt.seconds)
            for step in attempt.steps:
                if step.status not in _NO_WORK and step.duration is not None:
                    steps[command][step.step, str(step.plane or "")].append(step.duration)
    made, proven = histories.made_and_proven(found)
    return Stats(
        {command: ended[command] for command in sorted(ended)},
        Success(tries["succeeded"], failed, tries["interrupted"], tries["unfinished"]),
        {command: _spread(runs[command]) for command in ended},
        {command: _slowest_first(steps[command]) for command in ended},
        made,
        _spread(proven),
        damaged,
    )


def _spread(values: Iterable[float]) -> Spread:
    return Spread(tuple(sorted(values)))


def _slowest_first(steps: Mapping[tuple[str, str], Sequence[float]]) -> Mapping[tuple[str, str], Spread]:
    spreads = {step: _spread(values) for step, values in steps.items()}
    return dict(sorted(spreads.items(), key=lambda item: (-item[1].percentile(95), item[0])))


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)


def _since(text: str, now: datetime) -> datetime | None:
    """The moment that is meant; None for none. Raises `BadInput`."""
    try:
        if days := re.fullmatch(r"([0-9]+)d", text):
            return now - timedelta(days=int(days[1]))
        return datetime.combine(date.fromisoformat(text), time.min, UTC) if text else None
    except (ValueError, OverflowError):
        raise BadInput(
            f"since: {text!r} is no time", hint="Give days, such as 30d, or a date, such as 2026-11-01"
        ) from None
