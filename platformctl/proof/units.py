"""Values as Grafana writes them: `0.0042` of the unit `s` is `4.2 ms`.

Names and steps of the units are those of Grafana's packages/grafana-data/src/valueFormats. Three digits are shown, and
zero has the unit's own name, where Grafana would say `0 ns`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_DIGITS: Final = 3
_STEPS: Final = (1, 2, 2.5, 5, 10)
"""What ticks of an axis are multiples of, besides a power of ten."""


@dataclass(frozen=True)
class Scale:
    """One size of a unit: what a value is divided by, and what is written before and after it."""

    divisor: float = 1
    suffix: str = ""
    prefix: str = ""

    def text(self, value: float) -> str:
        """The value in this size."""
        return f"{self.prefix}{_digits(value / self.divisor)}{self.suffix}"


def shown(value: float, unit: str) -> str:
    """A value with its unit, in the size that suits it."""
    return scale(value, unit).text(value)


def scale(value: float, unit: str) -> Scale:
    """The size of a unit that suits a value. A unit that is not known is written behind the number, as Grafana does."""
    sizes = _sizes(unit)
    plain = next((size for size in sizes if size.divisor == 1), sizes[0])
    if value == 0:
        return plain
    return next((size for size in reversed(sizes) if abs(value) >= size.divisor), sizes[0])


def ticks(highest: float, unit: str, whole: bool = False) -> list[float]:
    """Round values from 0 to no less than `highest`, about four steps; `whole` where all values are integers."""
    divisor = scale(highest, unit).divisor
    step = round_step(highest / divisor / 4)
    if whole:
        step = max(1, step)
    return [number * step * divisor for number in range(math.ceil(highest / divisor / step - 1e-9) + 1)]


def round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5, 10, 20, 25… and their tenths that is no less than this."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next((step * power for step in _STEPS if step * power >= least * (1 - 1e-9)), 10 * power)


def _digits(value: float) -> str:
    if value == 0:
        return "0"
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scales(factor: float, names: Sequence[str], after: str = "") -> list[Scale]:
    return [Scale(factor**power, f"{name}{after}") for power, name in enumerate(names)]


_LONGER: Final = ((60.0, " min"), (3600.0, " hour"), (86400.0, " day"), (604800.0, " week"), (31556900.0, " year"))
_KNOWN: Final = {
    "none": [Scale()],
    "short": _scales(1000, ["", " K", " Mil", " Bil", " Tri"]),
    "percent": [Scale(1, "%")],
    "percentunit": [Scale(0.01, "%")],
    "s": [
        *(Scale(10.0**power, name) for power, name in ((-9, " ns"), (-6, " µs"), (-3, " ms"), (0, " s"))),
        *(Scale(seconds, name) for seconds, name in _LONGER),
    ],
    "ms": [Scale(1, " ms"), Scale(1000, " s"), *(Scale(seconds * 1000, name) for seconds, name in _LONGER)],
    "bytes": _scales(1024, [" B", " KiB", " MiB", " GiB", " TiB", " PiB"]),
    "decbytes": _scales(1000, [" B", " kB", " MB", " GB", " TB", " PB"]),
    "reqps": _scales(1000, ["", "K", "M", "B", "T"], " req/s"),
    "ops": _scales(1000, ["", "K", "M", "B", "T"], " ops/s"),
}


def _sizes(unit: str) -> list[Scale]:
    if unit in _KNOWN:
        return _KNOWN[unit]
    kind, _, name = unit.partition(":")
    if kind == "count" and name:
        return _scales(1000, ["", "K", "M", "B", "T"], f" {name.strip()}")
    if kind == "prefix" and name:
        return [Scale(prefix=name)]
    return [Scale(suffix=f" {name.strip() if kind == 'suffix' else unit}" if unit else "")]
