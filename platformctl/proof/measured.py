"""What one event does to the counters that a service exposes: measured on the live service, not taken from a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from platformctl.stack.prometheus import Sample

Labels = tuple[tuple[str, str], ...]
Snapshot = Mapping[Labels, float]
"""The value of every series at one moment."""

_BUCKET: Final = "_bucket"


@dataclass(frozen=True)
class Counter:
    """A series that grows with events: by how much for a good one, and for a failing one."""

    labels: Mapping[str, str]
    """With its name as `__name__`."""
    good: int
    failing: int

    @property
    def series(self) -> str:
        """As PromQL writes it."""
        pairs = (f'{name}="{_escaped(value)}"' for name, value in self.labels.items() if name != "__name__")
        return f"{self.labels['__name__']}{{{','.join(pairs)}}}"

    def holds(self, seconds: float) -> bool:
        """Whether an event counts here that takes longer; it does not in buckets of at most so many seconds."""
        bound = self.labels.get("le") if self.labels["__name__"].endswith(_BUCKET) else None
        return bound is None or float(bound) > seconds


def snapshot(samples: Sequence[Sample]) -> Snapshot:
    """The series that were scraped; what rules have recorded is left out."""
    return {
        tuple(sorted(sample.labels.items())): sample.value
        for sample in samples
        if isfinite(sample.value) and ":" not in (name := sample.labels["__name__"]) and not name.startswith("ALERTS")
    }


def counters(before: Snapshot, between: Snapshot, after: Snapshot, good: int, failing: int) -> list[Counter]:
    """The counters that grew by a whole number with each of `good` events, and then with each of `failing` ones.

    All buckets of a histogram grow as its count does: how fast these very events were does not matter.
    """
    grown = {}
    for labels, last in after.items():
        steps = between.get(labels, 0) - before.get(labels, 0), last - between.get(labels, 0)
        each = [step / number for step, number in zip(steps, (good, failing), strict=True)]
        if any(each) and all(step >= 0 and step.is_integer() for step in each):
            grown[labels] = int(each[0]), int(each[1])
    found = []
    for labels in after:
        named = dict(labels)
        kept = {key: value for key, value in named.items() if key != "le"}
        if named["__name__"].endswith(_BUCKET) and "le" in named:
            kept["__name__"] = named["__name__"].removesuffix(_BUCKET) + "_count"
        elif kept != named:
            continue
        if each_count := grown.get(tuple(sorted(kept.items()))):
            found.append(Counter(named, *each_count))
    return found


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
