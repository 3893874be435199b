"""What a defect is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

Edit = Callable[[str], str]
BOTH: Final = ("service", "worker")
Named = Mapping[str, tuple[Edit, str]]
"""An edit and the culprit, by the defect's name."""


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong."""

    name: str
    artefact: str
    """`dashboard`, `rules`, `alertmanager` or `service`."""
    plant: Edit
    culprit: str
    """Words that are all in one finding about it: whoever reads that knows where to look."""
    layer: str
    """Who sees it: a layer of the checker, or `proof`: it shows in a service that runs and nowhere else."""
    paths: tuple[str, ...] = BOTH
    """Golden paths whose services can have it."""
    at: str = ""
    """Of a service: the file in its repository. Of rules in the layer `scenarios`: the timeline in which it is seen."""

    def __str__(self) -> str:
        return f"{self.artefact}: {self.name}"

    def named_in(self, finding: object) -> bool:
        """Whether a finding says who is to blame."""
        return all(word in str(finding) for word in self.culprit.split())


def all_of(artefact: str, layers: Mapping[str, Named]) -> Iterator[Defect]:
    """The defects of an artefact, by the layer that sees them."""
    for layer, defects in layers.items():
        for name, (edit, culprit) in defects.items():
            yield Defect(name, artefact, edit, culprit, layer)
