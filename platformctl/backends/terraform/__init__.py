"""The port to Terraform: one workspace for one service in one environment, behind the organisation's module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from platformctl.model import Difference, Json, Owner

ASIDE: Final = "state"
"""What is pending while a state that a killed run could not store is kept aside."""


@dataclass(frozen=True)
class Workspace:
    """What a workspace should be: a module with its variables."""

    service: str
    environment: str
    source: str
    """A module address as Terraform takes it, with its version."""
    variables: Mapping[str, Json]

    @property
    def name(self) -> str:
        """The workspace's name: `payments-api-staging`."""
        return f"{self.service}-{self.environment}"


@dataclass(frozen=True)
class WorkspaceState:
    """What a workspace is, and what Terraform's own plan would do to it."""

    exists: bool
    revision: str
    """Changes with what the state holds; empty while there is none."""
    owner: Owner | None = None
    source: str = ""
    variables: Mapping[str, Json] = field(default_factory=dict)
    pending: tuple[Difference, ...] = ()
    """What Terraform's plan would change."""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    """The module's outputs as they are, or, while `pending`, as they would be."""


class Terraform(Protocol):
    """What platformctl needs of Terraform. A state that was written once is never lost."""

    def check(self) -> None:
        """Raise `NoAccess` when a tool or a credential is missing."""

    def plan(self, workspace: Workspace) -> WorkspaceState:
        """Look, and ask Terraform for its plan. Writes nothing that stays."""

    def apply(self, workspace: Workspace, revision: str, owner: Owner) -> WorkspaceState:
        """Carry out the plan last made for this workspace. Raises `Moved` when the state is not at `revision`."""

    def destroy(self, service: str, environment: str, revision: str) -> None:
        """Destroy what the workspace manages and remove it. Raises `Moved`. An empty revision: the state is unborn."""

    def state(self, service: str, environment: str) -> WorkspaceState:
        """The state as it is stored, without a plan."""
