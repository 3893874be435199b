"""A small world in memory, with actions on it, for the engine to work on."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from platformctl.action import Applied, Inputs, Left, Proposed, Undone
from platformctl.engine.request import Request
from platformctl.errors import Moved, ToolFailed
from platformctl.events import Event, Stream
from platformctl.model import UNKNOWN, Address, Change, File, Observed, Owner, Plane, Step, Tree, Unreadable
from platformctl.recipe import Recipe

TEXT: Mapping[str, Any] = {"type": "string"}


@dataclass
class World:
    """Things by address, with whose they are; `writes` counts every change."""

    things: dict[str, tuple[Any, str, Owner | None]] = field(default_factory=dict)
    writes: int = 0
    fail: list[Exception] = field(default_factory=list)
    deaf: bool = False
    """Takes changes and does not keep them."""
    blind: bool = False
    broken: Exception | None = None
    """What becomes of every look, or of that at one name."""
    broken_at: str = ""
    consent: str = ""
    """Where consent is asked for, instead of changing anything."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, address: str, value: Any, revision: str, owner: Owner | None) -> None:
        """Compare and swap."""
        with self.lock:
            if self.fail:
                raise self.fail.pop(0)
            found = self.things.get(address, (None, "", None))
            if found[1] != revision:
                raise Moved(f"{address} has moved")
            self.writes += 1
            if self.deaf:
                return
            if value is None:
                self.things.pop(address, None)
            else:
                self.things[address] = (value, f"r{self.writes}", owner)


class Thing:
    """A resource: `name` has `value`. It says its `id` only when it is there."""

    PORT: ClassVar = "world"
    INPUTS: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {"name": TEXT, "value": {}, "after": {}},
    }
    OUTPUTS: ClassVar[Mapping[str, Any]] = {"type": "object", "properties": {"name": TEXT, "id": TEXT}}

    def __init__(self, port: World) -> None:
        self._world = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Any]:
        return {f"thing/{inputs['name']}": {"value": inputs.get("value")}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed | Unreadable]:
        address = f"thing/{inputs['name']}"
        if self._world.broken and self._world.broken_at in ("", inputs["name"]):
            raise self._world.broken
        if self._world.blind:
            return {address: Unreadable("it is dark")}
        return {address: Observed(*self._world.things.get(address, (None, "", None)))}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Any]:
        seen = observed[f"thing/{inputs['name']}"]
        return {"name": inputs["name"], "id": f"id-{inputs['name']}" if seen.value is not None else UNKNOWN}

    def apply(self, inputs: Inputs, change: Change) -> Applied | Proposed:
        if self._world.consent:
            return Proposed(self._world.consent)
        self._world.put(change.address, change.after, change.revision, change.owner)
        return Applied()

    def undo(self, change: Change) -> Undone | Left:
        value, revision, owner = self._world.things.get(change.address, (None, "", None))
        if value is None and change.before is None:
            return Undone()
        if change.left and change.left != revision:
            return Left("it moved")
        self._world.put(change.address, change.before, revision, owner)
        return Undone()


class Named(Thing):
    """A thing that gives nothing but its name, which is known whatever stands there."""

    OUTPUTS: ClassVar[Mapping[str, Any]] = {"type": "object", "properties": {"name": TEXT}}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Any]:
        return {"name": inputs["name"]}


class Words:
    """A renderer: `text` in one file."""

    INPUTS: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["text"],
        "additionalProperties": False,
        "properties": {"text": TEXT},
    }

    def __init__(self, *folders: Path) -> None:
        pass

    def render(self, inputs: Inputs) -> Tree:
        return {"words": File(inputs["text"].encode())}


ACTIONS = {"thing": Thing, "named": Named, "words": Words}


def step(id_: str, *needs: str, uses: str = "thing", when: str = "", **arguments: Any) -> Step:
    """One step of a recipe."""
    return Step(id_, uses, Plane.DEVELOPER, id_, arguments, needs, when)


def request(world: World, *steps: Step, **answers: Any) -> Request:
    """A request for a recipe with these steps, which must stand in order."""
    recipe = Recipe("path", "1.0.0", "for a test", {"type": "object", "properties": {}}, steps)

    def action(uses: str, folders: tuple[Path, ...]) -> Any:
        kind = ACTIONS[uses]
        return kind(*folders) if kind is Words else kind(world)

    return Request(recipe, {"name": "svc", **answers}, {"colour": "red"}, action)


def stream() -> tuple[Stream, list[Event]]:
    """A stream and what was said on it."""
    heard: list[Event] = []
    return Stream([heard.append], run="r", service="svc"), heard


def flaky(times: int) -> list[Exception]:
    """Failures that pass."""
    return [ToolFailed("busy", transient=True) for _ in range(times)]
