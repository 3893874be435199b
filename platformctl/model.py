"""The words of the domain as frozen data. Standard library only; no behaviour that touches the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of them."""

Address = str
"""The name of one thing in the world, environment included: `terraform/payments-api/staging`."""


class Plane(StrEnum):
    """The five planes of an internal developer platform; every step belongs to one."""

    DEVELOPER = "developer"
    DELIVERY = "delivery"
    RESOURCE = "resource"
    MONITORING = "monitoring"
    SECURITY = "security"


class Kind(StrEnum):
    """What a change does to its address."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Drift(StrEnum):
    """How something came to differ from what was asked for."""

    EDITED = "edited"
    """Somebody has changed a managed thing in git."""
    BEHIND = "behind"
    """It stands as platformctl left it, and by now something else is asked for."""
    OUT_OF_BAND = "out-of-band"
    """Somebody has changed it where it stands, outside git."""
    MISSING = "missing"
    """It is not there."""
    FOREIGN = "foreign"
    """Something else has its address."""
    UNREADABLE = "unreadable"
    """It could not be looked at: neither drift nor fine."""


class Severity(StrEnum):
    """How much it matters: SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Trace:
    """Who changed something last."""

    by: str
    """A name, as who keeps the history has it; empty when it has none."""
    at: datetime | None
    """When, in UTC."""
    ours: bool = False
    """Whether that was platformctl."""


class _Unknown:
    """The value of an output that exists only after something has been created."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class File:
    """One rendered file."""

    content: bytes
    executable: bool = False

    @property
    def mode(self) -> str:
        """Git's file mode."""
        return "100755" if self.executable else "100644"


Tree = Mapping[str, File]
"""Rendered files by their path in the repository, with `/` between folders."""


@dataclass(frozen=True)
class Owner:
    """The mark that a created thing carries, so that another machine can tell whose it is."""

    service: str
    run: str


@dataclass(frozen=True)
class Observed:
    """What stands at an address now.

    `value` is None when nothing is there. `revision` is what compare-and-swap compares. `facts` are read along
    with the value but are not part of the comparison (a URL, a tool's own plan).
    """

    value: Json = None
    revision: str = ""
    owner: Owner | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unreadable:
    """An address that could not be looked at: neither fine nor drift."""

    reason: str


@dataclass(frozen=True)
class Foreign:
    """An address that belongs to something else."""

    reason: str


@dataclass(frozen=True)
class Difference:
    """One line of a diff: `sign` is `+`, `~` or `-`; `what` names the part; `text` says how it differs."""

    sign: str
    what: str
    text: str = ""


@dataclass(frozen=True)
class Change:
    """One intended create, update or delete of one address, complete enough to be found again from a journal."""

    address: Address
    kind: Kind
    step: str
    plane: Plane
    uses: str
    before: Json = None
    after: Json = None
    revision: str = ""
    """The revision that was observed; the swap is refused when it is no longer there."""
    differences: tuple[Difference, ...] = ()
    irreversible: str = ""
    """Why it cannot be taken back, or empty."""
    owner: Owner | None = None
    left: str = ""
    """The revision that the run left behind; empty while that is not known."""
    adopted: bool = False
    """Whether what stands there is nobody's and is taken over."""

    def to_json(self) -> dict[str, Json]:
        """The form that journals and saved plans keep."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Change:
        """Read back what `to_json` wrote."""
        return cls(
            **{
                **data,
                "kind": Kind(data["kind"]),
                "plane": Plane(data["plane"]),
                "differences": tuple(Difference(**line) for line in data["differences"]),
                "owner": Owner(**data["owner"]) if data["owner"] else None,
            }
        )


@dataclass(frozen=True)
class Step:
    """One use of an action in a recipe."""

    id: str
    uses: str
    plane: Plane
    title: str
    arguments: Mapping[str, Json]
    needs: tuple[str, ...] = ()
    when: str = ""
    folders: tuple[Path, ...] = ()
    """Where templates are: the recipe's own folder, then those of the recipes that it extends."""
    where: str = ""
    """`file:line`, for errors."""


@dataclass(frozen=True)
class Planned:
    """One step of a plan: what it was given, what it found, what it would change, what it gives to later steps."""

    step: Step
    inputs: Mapping[str, Json] = field(default_factory=dict)
    observed: Mapping[Address, Observed | Unreadable] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    foreign: Mapping[Address, Foreign] = field(default_factory=dict)
    """Addresses that something else has; only a tolerant plan gets past them."""
    desired: Mapping[Address, Json] = field(default_factory=dict)
    """What should stand at each address."""
    deviations: tuple[Change, ...] = ()
    """What would be changed, if the team had not taken the step over."""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """Those of the notes that are about what waits for somebody's consent."""
    skipped: bool = False
    deferred: bool = False
    """It waits for an output that exists only after an earlier step was applied."""
    left_alone: bool = False
    """It is on a plane that is not looked at; what it gives is known all the same, as far as others need it."""


@dataclass(frozen=True)
class Plan:
    """What is asked for against what is there, over all planes. An empty `changes` means that all is right."""

    service: str
    path: str
    version: str
    answers: Mapping[str, Json]
    steps: Sequence[Planned]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, in the order of the steps."""
        return tuple(change for step in self.steps for change in step.changes)

    @property
    def unreadable(self) -> tuple[tuple[Planned, Address, str], ...]:
        """Every address that could not be looked at, with the reason."""
        return tuple(
            (step, address, seen.reason)
            for step in self.steps
            for address, seen in step.observed.items()
            if isinstance(seen, Unreadable)
        )

    @property
    def pending(self) -> bool:
        """Whether applying it would do anything."""
        return bool(self.changes) or any(step.deferred and not step.left_alone for step in self.steps)


def differences(wanted: Json, found: Json, what: str = "") -> list[Difference]:
    """Compare two JSON values leaf by leaf; an empty list means equal."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        lines: list[Difference] = []
        for key in sorted({*wanted, *found}):
            name = f"{what}.{key}" if what else str(key)
            if key not in found:
                lines.append(Difference("+", name, _short(wanted[key])))
            elif key not in wanted:
                lines.append(Difference("-", name, _short(found[key])))
            else:
                lines += differences(wanted[key], found[key], name)
        return lines
    if wanted == found:
        return []
    return [Difference("~", what or "value", _both(found, wanted))]


def _both(found: Json, wanted: Json) -> str:
    """Two values side by side; long ones without the beginning that they share."""
    before, after = _short(found, 10**6), _short(wanted, 10**6)
    if len(before) > _LONG and len(after) > _LONG:
        shared = next(at for at, pair in enumerate(zip_longest(before, after)) if len(set(pair)) > 1)
        if shared > _CONTEXT:
            before, after = (f"…{text[shared - _CONTEXT :]}" for text in (before, after))
    return f"{_short(before)} → {_short(after)}"


_LONG: Final = 60
"""Characters of a value that are shown."""
_CONTEXT: Final = 10
"""Characters that are shown before the first one that differs."""


def _short(value: Json, longest: int = _LONG) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = " ".join(text.split()) or "(empty)"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
