"""Where one workspace's state is, as a protocol: a folder in the home folder, or a backend of Terraform's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from platformctl.backends.terraform.plan_file import PlanFile
from platformctl.backends.terraform.state import State


class StateStore(Protocol):
    """One workspace's state. Who writes holds the workspace's lock."""

    def state(self) -> State:
        """The newest state there is, wherever it ended up. Writes nothing."""

    def settle(self, state: State, record: Mapping[str, Any]) -> None:
        """Put `state`, which was just read, in its place for good, and the workspace's record with it.

        Before Terraform touches anything, so that whose it is can be told after a kill. Raises `Moved`.
        """

    def change(self, plan: PlanFile, record: Mapping[str, Any], keep: Collection[int]) -> None:
        """Apply a plan, in a folder where a state that cannot be handed over survives; `keep` are locks to inherit.

        Raises `Moved` when the state is not the one that was planned on.
        """

    def remove(self) -> None:
        """Forget the workspace, which manages nothing any more."""
