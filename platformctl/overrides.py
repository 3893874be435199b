"""Overrides: what a service does otherwise than its golden path, on purpose, with a reason and an end.

They stand in `.platformctl.yaml` and are delivered like everything else: checked by the same schemas, applied by the
same actions. One is of a step's input, of a file, or of a whole step that the team has taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Any, Final

from platformctl.errors import BadConfig
from platformctl.model import Json

KINDS: Final = ("input", "file", "step")
"""What can be overridden; each is a field of an entry, and one entry has one of them."""


@dataclass(frozen=True)
class Override:
    """One entry. What it is of: `input` is `STEP.INPUT` and may go deeper, `file` a path or a glob, `step` a step's id.

    In a glob `*` is any text, slashes included, as in a recipe's `managed`.
    """

    why: str
    decided_by: str
    since: date
    until: date | None = None
    """The last day on which it holds; None: until it is dropped."""
    input: str = ""
    file: str = ""
    step: str = ""
    value: Json = None
    """What the input is instead."""
    where: str = ""
    """`file:line`, for errors."""

    @property
    def target(self) -> str:
        """What it is of, as people write it: `branch_protection.reviews`, `file:Dockerfile`, `step:dashboard`."""
        return self.input or (f"file:{self.file}" if self.file else f"step:{self.step}")

    @property
    def of_step(self) -> str:
        """The step that an override of an input is about."""
        return self.input.partition(".")[0]

    @property
    def place(self) -> tuple[str, ...]:
        """Where in that step's inputs the value goes."""
        return tuple(self.input.split(".")[1:])

    def covers(self, path: str) -> bool:
        """Whether it is of this file."""
        return covers(self.file, path)

    def holds(self, day: date) -> bool:
        """Whether it has not expired."""
        return self.until is None or day <= self.until

    def to_record(self) -> dict[str, Json]:
        """As it stands in the record."""
        kind = next(kind for kind in KINDS if getattr(self, kind))
        return {
            kind: getattr(self, kind),
            **({"value": self.value} if kind == "input" else {}),
            "why": self.why,
            "decided_by": self.decided_by,
            "since": self.since.isoformat(),
            **({"until": self.until.isoformat()} if self.until else {}),
        }

    @classmethod
    def from_record(cls, entry: Mapping[str, Any], where: str = "") -> Override:
        """Read an entry that the schema allows. Raises `BadConfig` for a day that there is not."""
        days: dict[str, date | None] = {"since": None, "until": None}
        for name in days:
            try:
                days[name] = date.fromisoformat(entry[name]) if name in entry else None
            except ValueError:
                raise BadConfig(f"{name}: there is no day {entry[name]}", where=where) from None
        since = days["since"]
        assert since is not None
        kept = {name: entry[name] for name in (*KINDS, "value", "why", "decided_by") if name in entry}
        return cls(**kept, since=since, until=days["until"], where=where)


def read(
    entries: Sequence[Mapping[str, Any]], source: str, place: Callable[[int], str] | None = None
) -> tuple[Override, ...]:
    """The entries of a record; `place` says where one stands. Raises `BadConfig` when two are of the same thing."""
    found = tuple(Override.from_record(entry, place(at) if place else source) for at, entry in enumerate(entries))
    for one, other in combinations(found, 2):
        if overlap(one, other):
            raise BadConfig(
                f"two overrides of one thing: {one.target} and {other.target}",
                where=other.where,
                hint=f"The first one is at {one.where}. Drop one of them",
            )
    return found


def covers(file: str, path: str) -> bool:
    """Whether the `file` of an override, a path or a glob, is of this file."""
    return file == path or fnmatchcase(path, file)


def overlap(one: Override, other: Override) -> bool:
    """Whether two overrides say something about the same thing."""
    if one.file or other.file:
        return bool(one.file and other.file) and (one.covers(other.file) or other.covers(one.file))
    steps = {override.step or override.of_step for override in (one, other)}
    if len(steps) > 1:
        return False
    shorter, longer = sorted((one.place, other.place), key=len)
    return longer[: len(shorter)] == shorter


def with_values(inputs: Mapping[str, Any], overrides: Iterable[Override]) -> dict[str, Any]:
    """A step's inputs with these overrides of them in place."""
    whole = dict(inputs)
    for override in overrides:
        here = whole
        for name in override.place[:-1]:
            inner = here.get(name)
            here[name] = dict(inner) if isinstance(inner, Mapping) else {}
            here = here[name]
        here[override.place[-1]] = override.value
    return whole


def value_at(inputs: Json, place: Sequence[str]) -> Json:
    """What stands at a place; None where there is nothing."""
    for name in place:
        if not isinstance(inputs, Mapping) or name not in inputs:
            return None
        inputs = inputs[name]
    return inputs
