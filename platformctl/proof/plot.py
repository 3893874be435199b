"""A panel's data as the geometry of a picture: where on it things stand, and what is written beside them.

Along and up are percentages of the picture, up from its top; paths have thousandths instead. So the picture is as wide
as there is room, and what is written on it keeps its size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from platformctl.proof.evidence import Panel, Series
from platformctl.proof.units import round_step, scale, shown, ticks

Point = tuple[float, float]

COLOURS: Final = ("red", "orange", "yellow", "green", "blue", "purple")
"""Grafana's, each of which has five shades: `dark-red`."""
_HUES: Final = 8
"""Colours that lines have before they begin again."""
_FAR: Final = 5
"""How many times the highest value a line may be above it and still be drawn: beyond, the values would lie flat."""
_ROOM: Final = 9.0
"""Percent of the height that the value of a level takes when it is written."""
_LONGEST: Final = 4
"""Characters of a unit that has room beside a tick."""
_GAP: Final = 2.5
"""How many steps without a value end a line."""


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in percent, and what is written there."""

    at: float
    text: str


@dataclass(frozen=True)
class Window:
    """The time that all pictures of a report show, in Unix seconds; `zero` is when the proof began."""

    begin: float
    end: float
    zero: float

    def at(self, time: float) -> float:
        """Where a time is, in percent."""
        return round(100 * (time - self.begin) / (self.end - self.begin), 2)

    def ticks(self) -> list[Tick]:
        """Round times since the beginning of the proof."""
        step = round_step((self.end - self.begin) / 7)
        first, last = (math.ceil((self.begin - self.zero) / step), math.floor((self.end - self.zero) / step))
        times = [number * step for number in range(first, last + 1)]
        return [Tick(self.at(self.zero + time), f"{time:g} s") for time in times]


@dataclass(frozen=True)
class Drawn:
    """One line of a picture with its row in the legend."""

    name: str
    colour: str
    """A class of the style sheet."""
    line: str
    area: str
    end: Point
    """Where it ends, in percent."""
    least: str
    most: str
    last: str


@dataclass(frozen=True)
class Level:
    """A value that is drawn across: a threshold, with Grafana's colour for what is above it, or a limit."""

    name: str
    colour: str
    value: str
    at: float | None
    """In percent from the top; None when it is far above everything."""
    written: bool
    """Whether there is room for its value on the picture."""


@dataclass(frozen=True)
class Plot:
    """One picture."""

    row: str
    title: str
    unit: str
    """What all values are in, where that is too long to be written beside each."""
    up: Sequence[Tick]
    along: Sequence[Tick]
    drawn: Sequence[Drawn]
    levels: Sequence[Level]

    @property
    def words(self) -> str:
        """What there is to see, for those who do not see it."""
        lines = [f"{one.name}: {one.least} to {one.most}, at last {one.last}." for one in self.drawn]
        return " ".join([*lines, *(f"{level.name}: {level.value}." for level in self.levels)]) or "No data."


class _Axis:
    """The values of a picture, from 0 to the highest tick."""

    def __init__(self, ticks: Sequence[float], unit: str) -> None:
        self.top = ticks[-1]
        self._unit = unit
        self._size = scale(self.top, unit)
        self.caption = self._size.suffix if len(self._size.suffix) > _LONGEST else ""
        self.ticks = [Tick(self.height(tick), self._size.text(tick).removesuffix(self.caption)) for tick in ticks]

    def height(self, value: float) -> float:
        """Where a value is, in percent from the top."""
        return round(100 - 100 * min(max(value, 0), self.top) / self.top, 2)

    def text(self, value: float) -> str:
        """A value as the legend has it."""
        return self._size.text(value).removesuffix(self.caption) if self.caption else shown(value, self._unit)


def plot(panel: Panel, window: Window) -> Plot:
    """The picture of a panel that is a graph."""
    measured = [series for asked in panel.asked if not asked.limit for series in asked.series if series.points]
    layers = list(_stacked(measured) if panel.stacked else _flat(measured))
    wanted = sorted([*_limits(panel), *_thresholds(panel)], key=lambda level: -level[2])
    whole = panel.unit in ("short", "none") and all(
        float(value).is_integer() for series in measured for _, value in series.points
    )
    highest = _highest(layers, [value for _, _, value in wanted])
    axis = _Axis(ticks(highest, panel.unit, whole), panel.unit)
    return Plot(
        row=panel.row,
        title=panel.title,
        unit=axis.caption.strip(),
        up=axis.ticks,
        along=window.ticks(),
        drawn=list(_drawn(measured, layers, panel.stacked, axis, window)),
        levels=_levels(wanted, axis),
    )


def colour(name: str) -> str:
    """The class for one of Grafana's colours, whatever its shade; a colour that is not known is `other`."""
    return next((f"colour-{known}" for known in COLOURS if name.endswith(known)), "colour-other")


Layer = Sequence[tuple[float, float, float]]
"""Time, where the area begins and where it ends."""


def _flat(measured: Sequence[Series]) -> Iterator[Layer]:
    for series in measured:
        yield [(at, 0.0, value) for at, value in series.points]


def _stacked(measured: Sequence[Series]) -> Iterator[Layer]:
    reached: dict[float, float] = {}
    for series in measured:
        layer = [(at, reached.get(at, 0.0), reached.get(at, 0.0) + value) for at, value in series.points]
        reached |= {at: high for at, _, high in layer}
        yield layer


def _highest(layers: Sequence[Layer], levels: Sequence[float]) -> float:
    """What the picture has to reach."""
    highest = max((high for layer in layers for _, _, high in layer), default=0.0)
    if highest <= 0:
        return min((level for level in levels if level > 0), default=1.0)
    return max(highest, *(level for level in levels if level <= highest * _FAR), 0.0)


def _drawn(
    measured: Sequence[Series], layers: Sequence[Layer], stacked: bool, axis: _Axis, window: Window
) -> Iterator[Drawn]:
    def path(points: Iterable[tuple[float, float]]) -> str:
        return " ".join(f"{window.at(time) * 10:.1f},{axis.height(value) * 10:.1f}" for time, value in points)

    gap = _GAP * min((b - a for one in measured for (a, _), (b, _) in pairwise(one.points) if b > a), default=1.0)
    filled = stacked or len(measured) == 1
    for number, (series, layer) in enumerate(zip(measured, layers, strict=True)):
        above = [path((at, high) for at, _, high in run) for run in _runs(layer, gap)]
        below = [path((at, low) for at, low, _ in reversed(run)) for run in _runs(layer, gap)]
        hidden = not stacked and any(series.points == other.points for other in measured[:number])
        values = [value for _, value in series.points]
        yield Drawn(
            name=series.name,
            colour=f"hue-{number % _HUES}{' dashed' if hidden else ''}",
            line="".join(f"M{run}h0" for run in above),
            area="".join(f"M{run} {back}z" for run, back in zip(above, below, strict=True)) if filled else "",
            end=(window.at(layer[-1][0]), axis.height(layer[-1][2])),
            least=axis.text(min(values)),
            most=axis.text(max(values)),
            last=axis.text(values[-1]),
        )


def _runs(layer: Layer, gap: float) -> Iterator[Layer]:
    """The parts of a line between its gaps."""
    begin = 0
    for number, (before, after) in enumerate(pairwise(layer), start=1):
        if after[0] - before[0] > gap:
            yield layer[begin:number]
            begin = number
    yield layer[begin:]


_Wanted = tuple[str, str, float]
"""A level's name, the class of its colour, and its value."""


def _limits(panel: Panel) -> Iterator[_Wanted]:
    for asked in panel.asked:
        for series in asked.series if asked.limit else ():
            if series.points:
                yield series.name, "colour-red limit", series.points[-1][1]


def _thresholds(panel: Panel) -> Iterator[_Wanted]:
    for name, value in panel.steps:
        if value is not None:
            yield f"{name} from", colour(name), value


def _levels(wanted: Sequence[_Wanted], axis: _Axis) -> list[Level]:
    found: list[Level] = []
    for name, shade, value in wanted:
        at = axis.height(value) if value <= axis.top else None
        room = at is not None and all(abs(at - other.at) > _ROOM for other in found if other.at is not None)
        found.append(Level(name, shade, axis.text(value), at, room))
    return found
