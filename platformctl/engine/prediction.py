"""What a step gives to others, as far as that does not depend on what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from platformctl.action import Resource
from platformctl.errors import Failure
from platformctl.model import UNKNOWN, Address, Observed
from platformctl.recipe import outputs_of_class


class Asked(Failure):
    """No error: the outputs of an action depend on what stands there."""


class Unseen(Mapping[Address, Observed]):
    """Where nobody has looked. Whoever wants to know what stands at an address learns that it is not known."""

    def __getitem__(self, address: Address) -> Observed:
        raise Asked("nobody has looked")

    def __iter__(self) -> Iterator[Address]:
        raise Asked("nobody has looked")

    def __len__(self) -> int:
        raise Asked("nobody has looked")


def predicted(action: Resource, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a step gives, as far as that does not depend on what stands there."""
    try:
        return action.outputs_of(inputs, Unseen())
    except Asked:
        return unknown(action)


def unknown(action: Any) -> dict[str, Any]:
    """The outputs of a step of which nothing is known yet."""
    return dict.fromkeys(outputs_of_class(action), UNKNOWN)
