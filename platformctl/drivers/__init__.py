"""Drivers: who gives a service its events while it is proven or tried, found through the entry points of this name.

A recipe names one under `proof.driver`, with its settings under `proof.drive`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from platformctl.model import Json
from platformctl.stack.tools import Tools


class Driver(Protocol):
    """Gives a service events: good ones, and on purpose ones that fail."""

    TOOLS: ClassVar[Sequence[str]]
    """The programs that it starts, by the names that `Tools` has for them.

    A driver may have `SIGNS` too (`platformctl.adoption.signs.Signs`): by what `adopt` tells that the service of a
    repository gets its events in this way.
    """

    def __init__(self, settings: Mapping[str, Json]) -> None:
        """`settings` are the recipe's. Raises `BadRecipe` for ones that it cannot use."""

    def open(self, tools: Tools, folder: Path) -> Mapping[str, str]:
        """Start what the service takes its work from; gives what the service's environment has to say of it.

        `folder` is for files of its own. Raises `NoAccess` without a program, `ToolFailed` when one does not start.
        """

    def drive(self, service_url: str, fails: Sequence[bool], pace: float = 0, traceparent: str = "") -> None:
        """Give one event an item, in this order, at most `pace` a second; return when all were worked on.

        `traceparent` (W3C) is the trace that events are part of. Raises `ToolFailed` naming the event when it cannot
        be given, or is seen to end otherwise than it was meant to.
        """

    def close(self) -> None:
        """End what `open` has started; nothing when that was not called."""
