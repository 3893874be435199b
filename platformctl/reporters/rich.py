"""For people at a terminal: steps by plane with spinners and durations, results in colour."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from platformctl.events import Event, Type
from platformctl.model import Plane
from platformctl.reporters.lines import Line
from platformctl.reporters.plain import event_text
from platformctl.reporters.visible import visible

_STYLES: Final = {
    "good": "green",
    "bad": "bold red",
    "change": "yellow",
    "strong": "bold",
    "quiet": "dim",
    "": "",
}
_MARKS: Final = {
    "applied": ("✓", "green"),
    "unchanged": ("✓", "dim"),
    "rendered": ("✓", "green"),
    "skipped": ("-", "dim"),
    "proposed": ("…", "yellow"),
    "waiting": ("…", "yellow"),
    "left alone": ("-", "dim"),
    "failed": ("✗", "bold red"),
    "passed": ("✓", "green"),
    "left out": ("-", "dim"),
}


class Rich:
    """Progress on standard error, results on standard output; colours only by name, for light and dark alike."""

    def __init__(self) -> None:
        self._progress = Console(stderr=True, highlight=False)
        self._out = Console(highlight=False, soft_wrap=True)
        self._live: Live | None = None
        self._countdown: _Countdown | None = None
        self._steps: dict[Plane, dict[str, tuple[Event, Event | None, Spinner]]] = {}

    def __call__(self, event: Event) -> None:
        """Show an event, if it is one that people want to see."""
        match event.type:
            case Type.STEP_STARTED if event.plane:
                spinner = Spinner("dots", style="yellow")
                self._steps.setdefault(event.plane, {})[event.step] = (event, None, spinner)
                self._refresh()
            case Type.STEP_FINISHED if event.plane:
                started, _, spinner = self._steps[event.plane][event.step]
                self._steps[event.plane][event.step] = (started, event, spinner)
                self._refresh()
            case Type.NOTE if event.status == "planning":
                self._show_live(Spinner("dots", Text(event.message, style="dim"), style="yellow"), transient=True)
            case Type.WAITING:
                self._countdown = _Countdown(event.message, event.duration or 0.0)
                self._show_live(self._table(), transient=not self._steps)
            case Type.RUN_FINISHED:
                self.close()
            case _:
                if text := event_text(event):
                    self._console().print(Text(visible(text), style="dim"))

    def show(self, lines: Iterable[Line]) -> None:
        """Print a result."""
        self._print(self._out, lines)

    def ask(self, lines: Iterable[Line]) -> None:
        """Print what a question is about."""
        self._print(self._progress, lines)

    def close(self) -> None:
        """Stop everything that moves."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._steps = {}

    def _print(self, console: Console, lines: Iterable[Line]) -> None:
        shown = [Text.assemble(*((visible(text), _STYLES[style]) for style, text in line)) for line in lines]
        self.close()
        for line in shown:
            console.print(line)

    def _console(self) -> Console:
        return self._live.console if self._live is not None else self._progress

    def _refresh(self) -> None:
        if self._live is not None and self._live.transient:
            self.close_live()
        self._show_live(self._table(), transient=False)

    def close_live(self) -> None:
        """Take the planning spinner away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _show_live(self, what: RenderableType, *, transient: bool) -> None:
        if self._live is None:
            self._live = Live(what, console=self._progress, transient=transient, refresh_per_second=12)
            self._live.start()
        else:
            self._live.update(what)

    def _table(self) -> Group:
        parts: list[RenderableType] = []
        for plane in Plane:
            if plane not in self._steps:
                continue
            parts.append(Text(plane.value, style="bold"))
            table = Table.grid(padding=(0, 1))
            for started, finished, spinner in self._steps[plane].values():
                mark: RenderableType = spinner
                took = Text("")
                if finished is not None:
                    sign, style = _MARKS[finished.status]
                    mark = Text(sign, style=style)
                    took = Text(_seconds(finished.duration or 0.0), style="dim")
                word = "unchanged" if finished is not None and finished.status == "unchanged" else ""
                table.add_row(" ", mark, Text(started.message), took, Text(word, style="dim"))
            parts.append(table)
        if self._countdown is not None and self._countdown.left > 0:
            parts.append(self._countdown)
        return Group(*parts)


class _Countdown:
    """How long something still waits, and why; nothing once it is over."""

    def __init__(self, why: str, seconds: float) -> None:
        self._why = why
        self._until = time.monotonic() + seconds
        self._spinner = Spinner("dots", style="yellow")

    @property
    def left(self) -> float:
        return self._until - time.monotonic()

    def __rich__(self) -> RenderableType:
        if self.left <= 0:
            return Text("")
        self._spinner.update(text=Text(f"{visible(self._why)}: {self.left:.0f} s", style="yellow"))
        return self._spinner


def _seconds(duration: float) -> str:
    return f"{duration:.1f} s" if duration >= 0.05 else ""
