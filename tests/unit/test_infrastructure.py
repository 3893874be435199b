"""How a Terraform workspace came to differ: what somebody has caused, and what is asked for by now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from platformctl.backends.terraform import ASIDE, Workspace, WorkspaceState
from platformctl.errors import ToolFailed
from platformctl.model import Change, Difference, Drift, Kind, Owner, Plane
from platformctl.resources.infrastructure import Infrastructure

RECORDED = {"name": "svc", "team": "payments", "environment": "staging", "tier": "standard"}
CREATE = Difference("+", "module.service.a", "create")
UPDATE = Difference("~", "module.service.b", "update")
DELETE = Difference("-", "module.service.c", "delete")


@dataclass
class Workspaces:
    """A Terraform that would do this, by the tier that is asked for."""

    pending: dict[str, tuple[Difference, ...]]
    module: str = "m?ref=v1"
    variables: dict[str, Any] = field(default_factory=lambda: dict(RECORDED))
    gone: bool = False
    """Whether the recorded module is not to be had any more."""
    plans: int = 0

    def plan(self, workspace: Workspace) -> WorkspaceState:
        self.plans += 1
        if self.plans > 1 and self.gone:
            raise ToolFailed("terraform init: there is no such tag")
        pending = self.pending.get(str(workspace.variables["tier"]), ())
        return WorkspaceState(True, "r", Owner("svc", "run"), self.module, self.variables, pending, {"manifests": {}})


def classes(terraform: Workspaces, **asked: str) -> dict[str, Drift]:
    """Every difference, with its class."""
    action = Infrastructure(terraform)  # type: ignore[arg-type]
    inputs = {"module": "m?ref=v1", **RECORDED, **asked}
    ((address, seen),) = action.observe(inputs).items()
    after = action.desired(inputs)[address]
    change = Change(address, Kind.UPDATE, "s", Plane.RESOURCE, "infrastructure", seen.value, after, seen.revision)
    return {line.what: action.drift(inputs, change, line, seen) for line in action.differences(inputs, address, seen)}


def test_what_terraform_would_do_without_being_asked_for_more_somebody_has_caused() -> None:
    terraform = Workspaces({"standard": (CREATE, UPDATE, DELETE)})
    away = Drift.OUT_OF_BAND
    assert classes(terraform) == {CREATE.what: Drift.MISSING, UPDATE.what: away, DELETE.what: away}
    assert terraform.plans == 1


def test_what_it_would_do_because_more_is_asked_for_is_told_from_that() -> None:
    terraform = Workspaces({"standard": (CREATE,), "batch": (CREATE, UPDATE, DELETE)})
    assert classes(terraform, tier="batch") == {
        "variables.tier": Drift.BEHIND,
        CREATE.what: Drift.MISSING,
        UPDATE.what: Drift.BEHIND,
        DELETE.what: Drift.BEHIND,
    }
    assert terraform.plans == 2


def test_a_module_of_before_that_is_gone_leaves_everything_behind() -> None:
    terraform = Workspaces({"standard": (CREATE,)}, gone=True)
    assert set(classes(terraform, module="m?ref=v2").values()) == {Drift.BEHIND}


@pytest.mark.parametrize("line", [Difference("~", ASIDE, "kept aside on this machine")])
def test_a_state_that_a_killed_run_left_aside_is_as_platformctl_left_it(line: Difference) -> None:
    assert classes(Workspaces({"standard": (line,)})) == {ASIDE: Drift.BEHIND}


def test_a_record_that_is_gone_was_removed() -> None:
    terraform = Workspaces({}, module="", variables={})
    assert set(classes(terraform).values()) == {Drift.OUT_OF_BAND}
