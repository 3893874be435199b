"""Who depends on whom, what breaks when one is down, and who depends on itself by a way around."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from platformctl.model import Json


class Dependencies:
    """A directed graph: each name with the names that it depends on, which need not be known themselves."""

    def __init__(self, depends_on: Mapping[str, Iterable[str]]) -> None:
        self.depends_on = {name: tuple(sorted(set(others))) for name, others in sorted(depends_on.items())}

    @cached_property
    def dependents(self) -> Mapping[str, Sequence[str]]:
        """Each name, known or not, with those that depend on it directly."""
        found: dict[str, list[str]] = {name: [] for name in self.depends_on}
        for name, others in self.depends_on.items():
            for other in others:
                found.setdefault(other, []).append(name)
        return found

    @property
    def missing(self) -> Sequence[str]:
        """Names that are depended on and not known."""
        return sorted(self.dependents.keys() - self.depends_on.keys())

    def needs(self, name: str) -> Mapping[str, str]:
        """Everything that this one cannot do without, nearest first, each with the one that needs it."""
        return _reached(name, self.depends_on)

    def breaks(self, name: str) -> Mapping[str, str]:
        """Everything that breaks when this one is down, nearest first, each with the one through which it breaks."""
        return _reached(name, self.dependents)

    @cached_property
    def cycles(self) -> Sequence[Sequence[str]]:
        """Those that depend on one another, one ring for each such group: `[a, b, a]`."""
        rings: list[list[str]] = []
        seen: set[str] = set()
        for name in self.depends_on:
            needed = self.needs(name)
            if name not in seen and name in needed:
                rings.append(_way(name, needed))
                seen |= {other for other in needed if name in self.needs(other)}
        return rings

    def around(self, name: str) -> Dependencies:
        """The part that matters for one name: what it needs and what breaks without it."""
        part = {name, *self.needs(name), *self.breaks(name)}
        return Dependencies({own: part & {*others} for own, others in self.depends_on.items() if own in part})

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "components": {
                name: {"depends_on": list(others), "breaks": sorted(self.breaks(name).keys() - {name})}
                for name, others in self.depends_on.items()
            },
            "missing": {name: sorted(self.breaks(name)) for name in self.missing},
            "cycles": [list(ring) for ring in self.cycles],
        }


def _reached(start: str, edges: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Everything that edges lead to, nearest first, each with the one before it; the start itself if one leads back."""
    found: dict[str, str] = {}
    near = [start]
    while near:
        further = []
        for name in near:
            for other in edges.get(name, ()):
                if other not in found:
                    found[other] = name
                    further.append(other)
        near = further
    return found


def _way(name: str, needed: Mapping[str, str]) -> list[str]:
    """The shortest way from a name back to itself."""
    way = [name]
    while len(way) == 1 or way[0] != name:
        way.insert(0, needed[way[0]])
    return way
