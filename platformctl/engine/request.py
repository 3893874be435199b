"""What is asked for: a recipe with answers and overrides, on a platform."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from platformctl.model import Json, Step
from platformctl.overrides import Override, with_values
from platformctl.recipe import Recipe
from platformctl.references import resolve

MakeAction = Callable[[str, tuple[Path, ...]], Any]
"""Gives the action named in `uses`, with its port or the recipe's folders."""


@dataclass(frozen=True)
class Request:
    """What is asked for: a recipe with answers, on a platform."""

    recipe: Recipe
    answers: Mapping[str, Json]
    platform: Mapping[str, Any]
    action: MakeAction
    previous: Request | None = None
    """What was asked for before, when that may differ."""
    stop: threading.Event = field(default_factory=threading.Event)
    adopt: bool = False
    """Whether what is nobody's may be taken over."""
    overrides: tuple[Override, ...] = ()
    """What the service does otherwise, expired entries among it."""
    proposal: Mapping[str, str] | None = None
    """`title` and `text` of what is only proposed: nothing else is looked at, nothing made before its consent."""
    upgrade: Mapping[str, Json] | None = None
    """How what `previous` made comes to this version: `from`, `to`, `moves` of files, …; None where it stays on one."""
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    """The day by which overrides expire."""

    @property
    def service(self) -> str:
        """The service's name."""
        return str(self.answers["name"])

    def in_force(self) -> tuple[Override, ...]:
        """The overrides that hold today."""
        return tuple(one for one in self.overrides if one.holds(self.today))

    def roots(self, outputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """What references can start from."""
        return {
            "inputs": self.answers,
            "platform": self.platform,
            "recipe": self.recipe.facts,
            "overrides": [override.to_record() for override in self.overrides],
            "steps": {id_: {"outputs": given} for id_, given in dict(outputs).items()},  # other steps add to it
        }

    def expired(self) -> tuple[Override, ...]:
        """The overrides that have ended."""
        return tuple(one for one in self.overrides if not one.holds(self.today))


def inputs_of(request: Request, step: Step, action: Any, outputs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a step is given: what its recipe says, and what is overridden."""
    given: dict[str, Any] = resolve(step.arguments, request.roots(outputs))
    in_force = request.in_force()
    given = with_values(given, (one for one in in_force if one.input and one.of_step == step.id))
    if "overridden" in action.INPUTS["properties"] and (files := [one.file for one in in_force if one.file]):
        given["overridden"] = files
    if request.proposal is not None and takes_proposal(action):
        given["proposal"] = dict(request.proposal)
    if request.upgrade is not None and takes_upgrade(action):
        given["upgrade"] = dict(request.upgrade)
    return given


def takes_proposal(action: Any) -> bool:
    """Whether what it changes can be proposed instead, wherever it is."""
    return "proposal" in action.INPUTS["properties"]


def takes_upgrade(action: Any) -> bool:
    """Whether it brings what it keeps to another version of the golden path."""
    return "upgrade" in action.INPUTS["properties"]
