"""`uses: motd`: the board shows the service's message of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.model import UNKNOWN, Address, Change, Json, Observed
from platformctl_motd.board import Board, Message


class Motd:
    """One message on the board."""

    PORT: ClassVar = "motd"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["name", "text"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "description": "The message's name."},
            "text": {"type": "string", "description": "What it says."},
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "The message's name."},
            "revision": {"type": "string", "description": "What changes with the text."},
        },
    }

    def __init__(self, port: Board) -> None:
        self._board = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        return {f"motd/{inputs['name']}": {"text": inputs["text"]}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        return {f"motd/{inputs['name']}": _observed(self._board.read(inputs["name"]))}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {"name": inputs["name"], "revision": observed[f"motd/{inputs['name']}"].revision or UNKNOWN}

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        assert change.owner is not None
        message = Message(change.after["text"], change.owner)
        self._board.write(inputs["name"], message, change.revision)
        return Applied(_observed(message))

    def undo(self, change: Change) -> Undone | Left:
        assert change.owner is not None
        name = change.address.partition("/")[2]
        there = _observed(self._board.read(name))
        if there.value == change.before:
            return Undone()
        ours = there.owner is not None and there.owner.service == change.owner.service
        unmoved = there.revision == change.left if change.left else there.value == change.after
        if not (ours and unmoved):
            return Left("it was changed since")
        before = Message(change.before["text"], change.owner) if change.before else None
        self._board.write(name, before, there.revision)
        return Undone()


def _observed(message: Message | None) -> Observed:
    if message is None:
        return Observed()
    return Observed({"text": message.text}, message.revision, message.owner)
