"""Durations as Prometheus and Alertmanager write them: `1h30m`, `500ms`."""

from __future__ import annotations

import re
from typing import Final

_SECONDS: Final = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}
_PART: Final = re.compile(r"([0-9]+)(ms|[ywdhms])")
_WHOLE: Final = re.compile(rf"0|({_PART.pattern})+")


def seconds(text: str) -> float:
    """How long a duration is. Raises ValueError when it is none."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is no duration")
    return sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(text))


def duration(seconds: float) -> str:
    """The same as text, in whole milliseconds and at least one, unless it is nothing."""
    return f"{max(1, round(seconds * 1000))}ms" if seconds else "0s"
