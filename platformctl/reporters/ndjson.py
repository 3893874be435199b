"""One JSON object a line on standard output, for machines. The first says which schema the rest follows."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import IO

from platformctl import __version__
from platformctl.events import SCHEMA, Event
from platformctl.model import Json
from platformctl.reporters.lines import Line


class Ndjson:
    """Every event as it happens."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self._out = out or sys.stdout
        self._write({"type": "schema", "version": SCHEMA, "platformctl": __version__})

    def __call__(self, event: Event) -> None:
        """Write an event; who stopped reading does not stop a run."""
        with suppress(BrokenPipeError):
            self._write(event.to_json())

    def _write(self, form: Json) -> None:
        self._out.write(json.dumps(form) + "\n")
        self._out.flush()

    def show(self, lines: Iterable[Line]) -> None:
        """Lines are for people."""

    def ask(self, lines: Iterable[Line]) -> None:
        """Machines are not asked."""

    def close(self) -> None:
        """Nothing is left open."""
