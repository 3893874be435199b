"""The two kinds of action that a recipe's steps can use, as protocols.

Plug-ins implement one of them and name it in the entry-point group `platformctl.actions`. An action declares

* `INPUTS` and `OUTPUTS`: JSON Schemas of objects; recipes are checked against both when they are loaded;
* a resource also `PORT`: the one port it works through (`forge`, `terraform`, …), which its constructor is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from platformctl.model import Address, Change, Difference, Drift, Json, Observed, Trace, Tree, Unreadable

Inputs = Mapping[str, Any]
"""Resolved arguments of a step. JSON, except that rendered files travel as a `Tree`."""


@dataclass(frozen=True)
class Applied:
    """The change is in the world. `observed` is evidence as good as a second look, or None when there is none."""

    observed: Observed | None = None


@dataclass(frozen=True)
class Proposed:
    """The change waits for somebody else's consent, at `url`."""

    url: str


@dataclass(frozen=True)
class Undone:
    """The change was taken back, or was never in the world."""


@dataclass(frozen=True)
class Left:
    """The change was not taken back, because `why`."""

    why: str


class Renderer(Protocol):
    """Pure: the same inputs give the same bytes for ever; a changed rendering is a new action (`dashboard@2`)."""

    INPUTS: ClassVar[Mapping[str, Json]]

    def __init__(self, *folders: Path) -> None:
        """`folders` are the recipe's own and those of the recipes that it extends; from them templates are read."""

    def render(self, inputs: Inputs) -> Tree:
        """The files that these inputs give."""


class Resource(Protocol):
    """Makes something in the world so."""

    INPUTS: ClassVar[Mapping[str, Json]]
    OUTPUTS: ClassVar[Mapping[str, Json]]
    PORT: ClassVar[str]

    def __init__(self, port: Any) -> None:
        """`port` is the backend that wiring chose."""

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        """What should stand at each address. Deterministic, without I/O."""

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed | Unreadable]:
        """What stands there now. Reads only."""

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        """What later steps may refer to. Pure: predicted before creation where it can be, else `UNKNOWN`."""

    def apply(self, inputs: Inputs, change: Change) -> Applied | Proposed:
        """Make one change by compare-and-swap on `change.revision`.

        Raises `Moved` when the world is not at that revision, `Taken` when the address is somebody else's.
        """

    def undo(self, change: Change) -> Undone | Left:
        """Take one change of a run back where the world still equals what the run left (`change.left`).

        `change.left` is empty when the run died before it could say; then the owner's mark decides.
        """


@runtime_checkable
class OwnDiff(Protocol):
    """A resource that knows better than a comparison of values what differs."""

    def differences(self, inputs: Inputs, address: Address, observed: Observed) -> Sequence[Difference]:
        """How the world differs from what is asked for; empty when it does not. Pure."""


@runtime_checkable
class Notes(Protocol):
    """A resource that has something to say to the person who reads the plan."""

    def notes(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Sequence[str]:
        """Facts that the plan should show and that no change carries."""


@runtime_checkable
class Adopting(Protocol):
    """A resource that can take over what was there before: `apply` marks it when the change is `adopted`."""

    ADOPTS: ClassVar[bool]


@runtime_checkable
class Proposing(Protocol):
    """A resource whose changes may have to wait for somebody's consent."""

    def proposed(self, inputs: Inputs) -> Mapping[Address, str]:
        """What is proposed and not accepted yet, with the URL where it is. Reads only."""


@dataclass(frozen=True)
class Branches:
    """Where something is proposed: a repository's branch, and the one that the change comes from."""

    repository: str
    branch: str
    head: str


@runtime_checkable
class Upgrading(Protocol):
    """A resource that can be brought to another version of its golden path by a proposal."""

    def upgrade_proposed(self, inputs: Inputs) -> str:
        """Where that is proposed and not accepted yet; empty where it is not. Reads only."""

    def upgrade_branches(self, inputs: Inputs) -> Branches:
        """Where that is, or would be, proposed on the forge. Pure."""


@runtime_checkable
class Keeping(Protocol):
    """A resource of several files that are not all kept in the same way."""

    def kinds(self, inputs: Inputs) -> Mapping[str, str]:
        """How each file is kept: `managed`, `merged`, `seeded` or `overridden`. Pure."""


@runtime_checkable
class Diagnosing(Protocol):
    """A resource that can tell how one of its things came to differ."""

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        """The class of one difference of a change, where this was seen. Reads only."""


@runtime_checkable
class Seeing(Protocol):
    """A resource that cannot always tell what is not there from what may not be seen."""

    def unseen(self, inputs: Inputs) -> str:
        """Why what seems not to be there may only not be seen; empty when it is not there. Reads only."""


@runtime_checkable
class Tracing(Protocol):
    """A resource that can tell who changed one of its things last."""

    def trace(self, inputs: Inputs, change: Change, line: Difference) -> Trace | None:
        """Who and when, where somebody keeps that; asked for what is shown. Reads only."""


@runtime_checkable
class Diffing(Protocol):
    """A resource whose differences are best seen as text."""

    def texts(self, inputs: Inputs, change: Change, line: Difference) -> tuple[str, str] | None:
        """What stands there and what would, as text; None where it is none. Reads only."""


@runtime_checkable
class Irreversible(Protocol):
    """A resource some of whose changes cannot be taken back."""

    def irreversible(self, change: Change) -> str:
        """Why this change cannot be taken back, or an empty string."""
