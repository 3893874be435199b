"""Actions that break one promise each, made from the example plug-in, which keeps all."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from platformctl_motd.banner import Banner
from platformctl_motd.board import Message
from platformctl_motd.contract import BANNER, MOTD
from platformctl_motd.motd import Motd

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.errors import Moved
from platformctl.model import Address, Change, Difference, File, Json, Kind, Observed, Owner, Tree
from platformctl.testing import RendererCase, ResourceCase

TOKEN = "MOTD_TOKEN"
CASE = replace(MOTD[0], secrets=[TOKEN])
SAID = {"text": {"type": "string", "description": "Said."}}


def token() -> str:
    """The planted secret; empty while there is none, so that nothing else is broken."""
    return os.environ.get(TOKEN, "")


class Undescribed(Motd):
    INPUTS: ClassVar = {**Motd.INPUTS, "properties": {"name": {"type": "string"}, **SAID}}


class WithoutPort(Motd):
    PORT: ClassVar[Any] = None


class Tolerant(Motd):
    INPUTS: ClassVar = {key: value for key, value in Motd.INPUTS.items() if key != "additionalProperties"}


class DesiredLooksAround(Motd):
    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        list(Path("/").iterdir())
        return super().desired(inputs)


class DesiredChangesItsInputs(Motd):
    def desired(self, inputs: Any) -> Mapping[Address, Json]:
        inputs["more"] = ""
        return super().desired(inputs)


class OutputsStartPrograms(Motd):
    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        subprocess.run(["true"], check=True)
        return super().outputs_of(inputs, observed)


class LookingWrites(Motd):
    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        seen = super().observe(inputs)
        if all(there.value is None for there in seen.values()):
            Path(self._board._folder, "looked").write_text("")
        return seen


class Deaf(Motd):
    """Says that it has updated and has not."""

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        if change.kind is Kind.UPDATE:
            return Applied(Observed(change.after, "new", change.owner))
        return super().apply(inputs, change)


class Forgetful(Motd):
    """Finds everything right that it has written itself."""

    wrote = False

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        self.wrote = True
        return super().apply(inputs, change)

    def differences(self, inputs: Inputs, address: Address, observed: Observed) -> Sequence[Difference]:
        return [] if self.wrote else [Difference("~", "text")]


class SaysMore(Motd):
    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {**super().outputs_of(inputs, observed), "more": ""}


class SaysLess(Motd):
    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {"name": inputs["name"]}


class DifferencesOfTuples(Motd):
    def differences(self, inputs: Inputs, address: Address, observed: Observed) -> Sequence[Difference]:
        same = observed.value == self.desired(inputs)[address]
        return [] if same else [Difference("~", "text", (1, 2))]  # type: ignore[arg-type]


class Reckless(Motd):
    """Writes whatever the world is at."""

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        there = self._board.read(inputs["name"])
        return super().apply(inputs, replace(change, revision=there.revision if there else ""))


class UndoMissesNothing(Motd):
    def undo(self, change: Change) -> Undone | Left:
        there = self._board.read(change.address.partition("/")[2])
        return super().undo(change) if there else Left("it is gone")


class UndoNeedsTheOutcome(Motd):
    def undo(self, change: Change) -> Undone | Left:
        return super().undo(change) if change.left else Left("it is not known how it ended")


class UndoAlwaysDeletes(Motd):
    def undo(self, change: Change) -> Undone | Left:
        return super().undo(replace(change, before=None))


class UndoKnowsItsRunOnly(Motd):
    def undo(self, change: Change) -> Undone | Left:
        there = self._board.read(change.address.partition("/")[2])
        return Left("it is another run's") if there and there.owner != change.owner else super().undo(change)


class UndoRemembersNothing(Motd):
    """Takes back what others have written since."""

    def undo(self, change: Change) -> Undone | Left:
        name = change.address.partition("/")[2]
        there = self._board.read(name)
        return super().undo(replace(change, left=there.revision)) if there else Undone()


class MarksLate(Motd):
    """Says whose it is in a second write."""

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        without = Message(inputs["text"], Owner("", ""))
        self._board.write(inputs["name"], without, change.revision)
        return super().apply(inputs, replace(change, revision=without.revision))


class LeaksIntoChange(Motd):
    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        return {f"motd/{inputs['name']}": {"text": inputs["text"] + token()}}


class LeaksIntoEvent(Motd):
    def apply(self, inputs: Inputs, change: Change) -> Applied:
        applied = super().apply(inputs, change)
        assert applied.observed is not None
        return Applied(replace(applied.observed, revision=token() or applied.observed.revision))


class LeaksIntoOutputs(Motd):
    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {**super().outputs_of(inputs, observed), "name": inputs["name"] + token()}


class LeaksIntoFailure(Motd):
    def apply(self, inputs: Inputs, change: Change) -> Applied:
        try:
            return super().apply(inputs, change)
        except Moved as moved:
            raise Moved(f"{moved.what} {token()}") from None


class LeaksIntoOutput(Motd):
    def apply(self, inputs: Inputs, change: Change) -> Applied:
        print(token())
        return super().apply(inputs, change)


class LeaksIntoErrorOutput(Motd):
    def apply(self, inputs: Inputs, change: Change) -> Applied:
        subprocess.run(["sh", "-c", f'echo "${TOKEN}" >&2'], check=True)
        return super().apply(inputs, change)


class LeaksIntoArguments(Motd):
    def apply(self, inputs: Inputs, change: Change) -> Applied:
        subprocess.run(["true", token()], check=True)
        return super().apply(inputs, change)


class LeaksIntoFile(Motd):
    def apply(self, inputs: Inputs, change: Change) -> Applied:
        Path(self._board._folder).mkdir(exist_ok=True)
        Path(self._board._folder, "log").write_text(repr(dict(os.environ)) if token() else "")
        return super().apply(inputs, change)


Row = tuple[type[Any], str, str]
"""A broken action, what it is reported to break (what follows from it after `+`), and how it is said."""

RESOURCES: list[Row] = [
    (Undescribed, "inputs and outputs are described", "name in INPUTS has no description"),
    (WithoutPort, "inputs and outputs are described", "PORT does not name a port"),
    (Tolerant, "inputs and outputs are described", "a misspelt input would pass"),
    (DesiredLooksAround, "desired and outputs are pure", "desired read /"),
    (DesiredChangesItsInputs, "desired and outputs are pure", "desired changes the inputs"),
    (OutputsStartPrograms, "desired and outputs are pure", "outputs_of started true"),
    (LookingWrites, "planning writes nothing", "after planning, looked is there"),
    (Deaf, "apply converges + undo leaves what was changed since + a kill", "still differs in text"),
    (Forgetful, "a second apply writes nothing + apply converges + a kill", "motd/svc was applied a second time"),
    (SaysMore, "outputs are as declared", "more is given before creation, and OUTPUTS does not declare it"),
    (SaysLess, "outputs are as declared", "OUTPUTS declares revision, which is not given"),
    (DifferencesOfTuples, "a change survives serialisation", "comes back from JSON as another"),
    (Reckless, "a stale change is refused", "was written from a plan made before"),
    (UndoMissesNothing, "undo of a creation leaves nothing + a kill", "undo left motd/svc: it is gone"),
    (UndoNeedsTheOutcome, "undo of a creation without its outcome + a kill", "it is not known how it ended"),
    (UndoAlwaysDeletes, "undo of an update restores + a kill", "after undo, svc is gone"),
    (UndoKnowsItsRunOnly, "undo of all runs leaves nothing + a kill", "undo left motd/svc: it is another run's"),
    (UndoRemembersNothing, "undo leaves what was changed since", "was taken back, although another run"),
    (MarksLate, "a kill between any two writes is recovered", "motd/svc is taken"),
    (LeaksIntoChange, "a secret stays secret", "is in a change"),
    (LeaksIntoEvent, "a secret stays secret", "is in an event"),
    (LeaksIntoOutputs, "a secret stays secret", "is in outputs"),
    (LeaksIntoFailure, "a secret stays secret", "or a failure"),
    (LeaksIntoOutput, "a secret stays secret", "is in what it prints"),
    (LeaksIntoErrorOutput, "a secret stays secret", "is in what it prints"),
    (LeaksIntoArguments, "a secret stays secret", "is in the command line of a program"),
    (LeaksIntoFile, "a secret stays secret", "is in a file"),
]


class BannerWithout(Banner):
    INPUTS: ClassVar = {**Banner.INPUTS, "properties": {**Banner.INPUTS["properties"], "text": {"type": "string"}}}


class AsksForMore(Banner):
    def render(self, inputs: Inputs) -> Tree:
        return super().render({**inputs, "frame": inputs.get("border", "*")})


class LeavesTheRepository(Banner):
    def render(self, inputs: Inputs) -> Tree:
        return {"../BANNER.txt": super().render(inputs)["BANNER.txt"]}


class GivesText(Banner):
    def render(self, inputs: Inputs) -> Any:
        return {"BANNER.txt": inputs["text"]}


class Counts(Banner):
    times = 0

    def render(self, inputs: Inputs) -> Tree:
        type(self).times += 1
        return {"BANNER.txt": File(str(self.times).encode())}


class FromFolder(Banner):
    def __init__(self, *folders: Path) -> None:
        self.folder = folders[0]


class WritesALog(FromFolder):
    def render(self, inputs: Inputs) -> Tree:
        Path(self.folder, "log").write_text("")
        return super().render(inputs)


class StartsPrograms(Banner):
    def render(self, inputs: Inputs) -> Tree:
        subprocess.run(["true"], check=True)
        return super().render(inputs)


class ReadsTheMachine(Banner):
    def render(self, inputs: Inputs) -> Tree:
        list(Path("/").iterdir())
        return super().render(inputs)


class FollowsTheHashSeed(Banner):
    def render(self, inputs: Inputs) -> Tree:
        return {"BANNER.txt": File(" ".join({f"word {number}" for number in range(50)}).encode())}


class FollowsTheLocale(FromFolder):
    def render(self, inputs: Inputs) -> Tree:
        return {"BANNER.txt": File(Path(self.folder, "text").read_text().encode())}


class FollowsTheClock(Banner):
    def render(self, inputs: Inputs) -> Tree:
        return {"BANNER.txt": File(f"{datetime.now():%Y}".encode())}


class FollowsTheEnvironment(Banner):
    def render(self, inputs: Inputs) -> Tree:
        return {"BANNER.txt": File(os.environ.get("MOTD_GREETING", "hello").encode())}


RENDERERS: list[Row] = [
    (BannerWithout, "inputs are described", "text in INPUTS has no description"),
    (AsksForMore, "inputs are described", "it asks for the input border"),
    (LeavesTheRepository, "what it gives is a tree of safe paths", "'../BANNER.txt' is outside"),
    (GivesText, "what it gives is a tree of safe paths + the same + nothing around", "'BANNER.txt' is str"),
    (Counts, "the same inputs give the same bytes + nothing around", "rendered again, BANNER.txt differs"),
    (WritesALog, "it touches nothing", "it wrote /"),
    (StartsPrograms, "it touches nothing", "it started true"),
    (ReadsTheMachine, "it reads golden paths only", "it read /"),
    (FollowsTheHashSeed, "nothing around it changes a byte", "with another hash seed"),
    (FollowsTheLocale, "nothing around it changes a byte", "it raises UnicodeDecodeError"),
    (FollowsTheClock, "nothing around it changes a byte", "with another date, BANNER.txt differs"),
    (FollowsTheEnvironment, "nothing around it changes a byte", "with other environment variables"),
]


def case_of(action: type[Any]) -> RendererCase | ResourceCase:
    """The case of the example, for an action that was made from it."""
    if issubclass(action, Motd):
        return replace(CASE, action=action)
    return replace(BANNER[0], action=action, files={"text": "é"})
