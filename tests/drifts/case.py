"""What a case is: a service that stands, what somebody does to it, and what has to be told of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final

from platformctl.model import Drift, Plane

if TYPE_CHECKING:
    from tests.drifts.stand import Stand

Name = tuple[str, str]
"""An address and a part of it; the whole where the part is empty."""
Truth = Mapping[Name, Drift]
"""What has to be told, and nothing else."""

_PLANES: Final = {
    "repository": Plane.DEVELOPER,
    "files": Plane.DEVELOPER,
    "catalog": Plane.DEVELOPER,
    "service": Plane.DEVELOPER,
    "pipeline_settings": Plane.DELIVERY,
    "deployment_environment": Plane.DELIVERY,
    "terraform": Plane.RESOURCE,
    "manifests": Plane.RESOURCE,
    "manifests for staging": Plane.RESOURCE,
    "grafana": Plane.MONITORING,
    "alerting": Plane.MONITORING,
    "alerts for staging": Plane.MONITORING,
    "branch_protection": Plane.SECURITY,
}


def plane_of(address: str) -> Plane:
    """The plane that an address is on."""
    return _PLANES[address.partition("/")[0]]


@dataclass(frozen=True)
class Move:
    """Something else is asked for, and nothing was applied: the record moves on, or the platform's settings do."""

    name: str
    answers: tuple[str, ...] = ()
    """`key=value`, as `configure --set` takes them."""
    platform: Mapping[str, Any] = field(default_factory=dict)
    """Sections of platform.yaml, each in place of the one that is there."""
    prepared: bool = True
    """Whether `init` has run since platform.yaml was changed."""


@dataclass(frozen=True)
class Planted:
    """What a kind says itself of what it has done, where that cannot be read off what stands there."""

    truth: Truth = field(default_factory=dict)
    hides: tuple[str, ...] = ()
    """Addresses of which nothing else is to be told."""
    moved: bool = True
    """Whether what the case's move asks for is asked for in the end."""


@dataclass(frozen=True)
class Kind:
    """One way in which a world changes. `plant` does it; by chance, where there is something to choose."""

    name: str
    plant: Callable[[Stand, Random], Planted | None]
    area: str
    """What it touches: kinds of one area are not planted together. Empty: it is planted alone."""
    drift: Drift | None = None
    """The class of what changes; None for what nobody has to be told of."""
    gone: Drift = Drift.MISSING
    """The class of what is no longer there."""
    move: Callable[[Random], Move] | None = None
    """What is asked for from then on."""
    times: int = 4
    """Cases of it alone."""
    stand: str = "embedded"
    """Where it can be planted."""
    short: str = ""
    """Why doctor cannot tell it as it is; empty for what it has to get right."""

    @property
    def harmless(self) -> bool:
        """Whether nobody has to be told of it."""
        return self.drift is None


@dataclass(frozen=True)
class Case:
    """Kinds that are planted together, with a seed for their choices."""

    number: int
    kinds: tuple[Kind, ...]
    seed: int

    @property
    def harmless(self) -> bool:
        """Whether nothing is to be told."""
        return all(kind.harmless for kind in self.kinds)

    @property
    def short(self) -> str:
        """Why doctor cannot get it right; empty where it has to."""
        return next((kind.short for kind in self.kinds if kind.short), "")

    @property
    def stand(self) -> str:
        """Where it is planted."""
        return self.kinds[0].stand

    def __str__(self) -> str:
        return f"{self.number}: {' + '.join(kind.name for kind in self.kinds)}"
