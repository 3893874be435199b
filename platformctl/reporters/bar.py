"""How far a look at many services is, for people at a terminal: a bar that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Shown

from platformctl.commands.doctor import Progress, Told


@contextmanager
def bar() -> Iterator[Told]:
    """Shows what it is told on standard error while it is open."""
    columns = (TextColumn("looking"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[counted]}"))
    with Shown(*columns, console=Console(stderr=True, highlight=False), transient=True) as shown:
        task = shown.add_task("", total=None, counted="")

        def told(progress: Progress) -> None:
            counted = f"{progress.counted} {progress.what}" if progress.counted else ""
            shown.update(task, completed=progress.done, total=progress.of, counted=counted)

        yield told
