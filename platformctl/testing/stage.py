"""A small world on disk with one resource in it, and the real engine and journal to work on it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from platformctl import journal
from platformctl.action import Inputs
from platformctl.engine import plan as planning
from platformctl.engine.apply import apply
from platformctl.engine.request import Request
from platformctl.engine.undo import undo
from platformctl.events import Event, Reader, Stream, Type
from platformctl.journal import Journal, Run
from platformctl.model import Change, Observed, Owner, Plane, Planned, Step, Unreadable
from platformctl.recipe import Recipe
from platformctl.testing.case import SERVICE, Broken, ResourceCase
from platformctl.testing.process import Countdown

FIRST, SECOND = "20260101-000000000-svc-0001", "20260101-000000000-svc-0002"
"""Names of runs."""


class Stage:
    """The world of one case, in `folder`, which has to be empty."""

    def __init__(self, case: ResourceCase, folder: Path) -> None:
        self.case = case
        self.folder = folder
        self.heard: list[Event] = []
        for part in (self.world, self.runs):
            part.mkdir(parents=True)
        case.before(self.port())

    @property
    def world(self) -> Path:
        """The folder that the backend has to itself."""
        return self.folder / "stage" / "world"

    @property
    def runs(self) -> Path:
        """Journals."""
        return self.folder / "stage" / "runs"

    def port(self) -> Any:
        """The backend, as another process would make it."""
        return self.case.port(self.world)

    def action(self) -> Any:
        """The action, as another process would make it."""
        return self.case.action(self.port())

    def request(self, inputs: Inputs) -> Request:
        """A request for a recipe of one step. The inputs come in by reference, so that nothing in them is one."""
        action = self.action()
        arguments = {name: f"${{{{ platform.{name} }}}}" for name in inputs}
        step = Step("step", self.case.action.__name__, Plane.DEVELOPER, "step", arguments)
        recipe = Recipe("contract", "1.0.0", "one step", {}, (step,))
        return Request(recipe, {"name": SERVICE}, inputs, lambda uses, folder: action)

    def plan(self, inputs: Inputs) -> Planned:
        """Plan as a new process."""
        return planning.make(self.request(inputs)).steps[0]

    def apply(self, inputs: Inputs, run: str = FIRST, countdown: Countdown | None = None) -> tuple[Change, ...]:
        """Plan and apply as a new process; the changes of the run so far, as its journal has them.

        The countdown starts when the plan is made, and passes one moment more before each outcome is journalled.
        """
        request = self.request(inputs)
        plan = planning.make(request)
        if plan.pending:
            with closing(Journal(self.runs, run)) as written:
                readers: list[Reader] = [written, self.heard.append]
                if countdown is not None:
                    countdown.start()
                    readers.insert(0, partial(_tick, countdown))
                stream = Stream(readers, run=run)
                stream.emit(Type.RUN_STARTED, service=SERVICE, data={"answers": {}})
                done = apply(plan, request, stream, run)["step"]
                stream.emit(Type.RUN_FINISHED, status="done")
            if done.status != "applied":
                raise Broken(f"the step ended {done.status}, and not applied")
        return self.run(run).changes

    def run(self, run: str) -> Run:
        """A run, read from its journal; one without a journal did nothing."""
        file = self.runs / f"{run}.ndjson"
        return (journal.read(file) if file.exists() else None) or Run(run, ())

    def undo(self, run: Run) -> None:
        """Take a run back as a new process. Raises `Broken` when something is left."""
        if left := self.undo_what_stands(run):
            change, why = left[0]
            raise Broken(f"undo left {change.address}: {why}")

    def undo_what_stands(self, run: Run) -> Sequence[tuple[Change, str]]:
        """Take a run back as a new process; what was left, with the reasons."""
        action = self.action()
        return undo(run, lambda uses, folder: action, Stream([self.heard.append], run=run.id))

    def observed(self, inputs: Inputs) -> Mapping[str, Observed]:
        """What a new process sees. Raises `Broken` when something cannot be read."""
        seen: Mapping[str, Observed | Unreadable] = self.action().observe(inputs)
        for address, there in seen.items():
            if isinstance(there, Unreadable):
                raise Broken(f"{address} cannot be read: {there.reason}")
        return {address: there for address, there in seen.items() if isinstance(there, Observed)}

    def look(self) -> Any:
        """What there is, to be compared."""
        if self.case.world is not None:
            return self.case.world(self.port())
        return {path: digest for path, (digest, _) in self.files().items()}

    def files(self) -> dict[str, tuple[str, int]]:
        """Every file of the world that counts: its digest and its time of change."""
        found = {}
        for file in sorted(self.world.rglob("*")):
            path = file.relative_to(self.world).as_posix()
            if file.is_file() and not any(fnmatchcase(path, glob) for glob in self.case.noise):
                found[path] = (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns)
        return found

    def keep(self, name: str) -> None:
        """Keep world and journals as they are now."""
        shutil.copytree(self.folder / "stage", self.folder / name, symlinks=True)

    def restore(self, name: str) -> None:
        """Bring back what was kept, in the same place."""
        shutil.rmtree(self.folder / "stage")
        shutil.copytree(self.folder / name, self.folder / "stage", symlinks=True)


def _tick(countdown: Countdown, event: Event) -> None:
    if event.type is Type.CHANGE_APPLIED:
        countdown.tick()


def without_outcome(run: Run) -> Run:
    """The run as its journal would have it, had it been killed before the first outcome was written."""
    return Run(run.id, tuple(event for event in run.events if event.type is not Type.CHANGE_APPLIED))


def differing(wanted: Any, found: Any) -> str:
    """In which part two worlds differ."""
    if not (isinstance(wanted, Mapping) and isinstance(found, Mapping)):
        return f"{found!r}, not {wanted!r}"
    for part in sorted({*wanted, *found}, key=str):
        if part not in found:
            return f"{part} is gone"
        if part not in wanted:
            return f"{part} is there"
        if wanted[part] != found[part]:
            return f"{part} differs"
    return "nothing"


def owned(change: Change, run: str) -> Change:
    """The change with the mark that the engine gives it."""
    return replace(change, owner=Owner(SERVICE, run))
