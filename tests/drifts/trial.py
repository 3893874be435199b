"""One case tried out: what there is to tell, and what doctor tells."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from platformctl.commands.diagnosis import Diagnosis
from platformctl.model import Drift, Plane
from tests.drifts.case import Case, Kind, Name, Truth
from tests.drifts.inventory import SHARED, Inventory, differing
from tests.drifts.stand import SERVICE, Stand


@dataclass(frozen=True)
class Told:
    """One finding."""

    name: Name
    plane: Plane
    drift: Drift
    by: str = ""


@dataclass(frozen=True)
class Trial:
    """What came of a case."""

    case: Case
    truth: Truth
    told: tuple[Told, ...]
    seconds: float

    @property
    def perfect(self) -> bool:
        """Whether everything was told, with its class, and nothing else."""
        return len(self.told) == len(self.truth) and {one.name: one.drift for one in self.told} == dict(self.truth)

    def __str__(self) -> str:
        told = {one.name: one.drift for one in self.told}
        lines = [f"{self.case}"]
        for name, drift in sorted(self.truth.items()):
            if name not in told:
                lines.append(f"  not told: {' '.join(name)} ({drift})")
            elif told[name] is not drift:
                lines.append(f"  told as {told[name]}: {' '.join(name)} ({drift})")
        lines += [f"  told: {' '.join(name)} ({drift})" for name, drift in told.items() if name not in self.truth]
        return "\n".join(lines)


def attempt(case: Case, stand: Stand) -> Trial:
    """Plant a case in the stand as it was made, and let doctor look."""
    truth = planted(case, stand)
    began = time.monotonic()
    # Every third service is looked at as one of a fleet: by other ways through the backends.
    found = stand.look_in_fleet() if case.number % 3 == 2 else stand.look()
    return Trial(case, truth, told(found), time.monotonic() - began)


def told(found: Diagnosis) -> tuple[Told, ...]:
    """The findings of a diagnosis."""
    return tuple(
        Told((one.address, one.part), one.plane, one.drift, one.trace.by if one.trace else "") for one in found.findings
    )


def planted(case: Case, stand: Stand) -> Truth:
    """Plant a case; gives what there is to tell."""
    chance = Random(case.seed)
    stand.move = next((kind.move(chance) for kind in case.kinds if kind.move), None)
    wanted = _wanted(stand)
    stand.restore()
    changed_by: dict[Name, Kind] = {}
    explicit: dict[Name, Drift] = {}
    hidden: set[str] = set()
    before = stand.pristine
    for kind in case.kinds:
        about = kind.plant(stand, chance)
        now = stand.inventory()
        changed = differing(before, now)
        whole = {address for address, part in changed if not part}  # what was said of it before is so no longer
        explicit = {name: drift for name, drift in explicit.items() if name[0] not in whole}
        hidden -= whole
        if about is not None:
            said = {name: drift for name, drift in about.truth.items() if name[0] not in hidden}
            explicit = {name: drift for name, drift in explicit.items() if name[0] not in about.hides} | said
            hidden |= set(about.hides)
            wanted = wanted if about.moved else stand.pristine
        alone = len(case.kinds) == 1
        assert changed or kind.harmless or kind.move or about or not alone, f"{kind.name} changes nothing"
        changed_by |= dict.fromkeys(changed, kind)
        before = now
    truth = {}
    for name in differing(wanted, before):
        kind_of = changed_by.get(name)
        drift = Drift.BEHIND if kind_of is None else _class(kind_of, name, before)
        if drift is not None and name[0] not in hidden and not _follows(name, before):
            truth[name] = drift
    return {**truth, **explicit}


def _follows(name: Name, found: Inventory) -> bool:
    """Whether it is told with something else: without a service's routing, all services' is right to be without it."""
    address, part = SHARED
    alerts = found.get(address)
    return name == SHARED and alerts is not None and "routing" not in alerts and SERVICE not in alerts.get(part, "")


def _wanted(stand: Stand) -> Inventory:
    """What should stand there. Where the routing moves on, the shared configuration follows from it."""
    if stand.move is None:
        return stand.pristine
    address, part = SHARED
    wanted, before = stand.after(stand.move).inventory, stand.pristine[address]
    follows = wanted[address]["routing"] != before["routing"]
    return {**wanted, address: {**wanted[address], part: before[part] if follows else wanted[address][part]}}


def _class(kind: Kind, name: Name, found: Inventory) -> Drift | None:
    address, part = name
    there = address in found and (not part or _has(found[address], part))
    return kind.drift if kind.harmless or there else kind.gone


def _has(value: Any, part: str) -> bool:
    """Whether there is a part; names of parts may have dots in them."""
    if not isinstance(value, Mapping):
        return False
    if part in value:
        return value[part] is not None
    first = (part[:at] for at, sign in enumerate(part) if sign == ".")
    return any(_has(value[key], part[len(key) + 1 :]) for key in first if key in value)
