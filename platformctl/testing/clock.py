"""A clock that can be put forward, for a process that begins with it."""

from __future__ import annotations

import datetime
import time
from typing import Any

_forward = 0.0
"""Seconds."""


def forward(*, days: int) -> None:
    """Put the clock forward."""
    global _forward  # noqa: PLW0603 - a process has one clock
    _forward += days * 86400.0


def install() -> None:
    """Replace the clock as Python code reads it. Call it before the code that reads it is imported."""
    read, local, universal, text = time.time, time.localtime, time.gmtime, time.strftime

    def now() -> float:
        return read() + _forward

    class Day(datetime.date):
        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(now())

    class Moment(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return super().now(tz) + datetime.timedelta(seconds=_forward)

        @classmethod
        def utcnow(cls) -> Any:
            return super().utcnow() + datetime.timedelta(seconds=_forward)

        @classmethod
        def today(cls) -> Any:
            return super().today() + datetime.timedelta(seconds=_forward)

    replaced: dict[str, Any] = {
        "time": now,
        "time_ns": lambda: int(now() * 1e9),
        "localtime": lambda seconds=None: local(now() if seconds is None else seconds),
        "gmtime": lambda seconds=None: universal(now() if seconds is None else seconds),
        "strftime": lambda form, when=None: text(form, local(now()) if when is None else when),
    }
    for name, function in replaced.items():
        setattr(time, name, function)
    for name, kind in {"date": Day, "datetime": Moment}.items():
        setattr(datetime, name, kind)
