"""`uses: infrastructure`: a Terraform workspace calls the organisation's module with four variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.terraform import ASIDE, Terraform, Workspace, WorkspaceState
from platformctl.errors import Moved, ToolFailed
from platformctl.model import UNKNOWN, Address, Change, Difference, Drift, Json, Kind, Observed, differences

_VARIABLES = ("name", "team", "environment", "tier")


class Infrastructure:
    """The resources of one service in one environment."""

    PORT: ClassVar = "terraform"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["module", *_VARIABLES],
        "additionalProperties": False,
        "properties": {
            "module": {
                "type": "string",
                "description": "The module's address as Terraform takes it, version included.",
            },
            "name": {"type": "string", "description": "The service."},
            "team": {"type": "string", "description": "The team's slug."},
            "environment": {"type": "string", "description": "Where it runs: `staging`."},
            "tier": {"type": "string", "description": "How much it gets and how it is kept up."},
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {
            "workspace": {"type": "string", "description": "The workspace's name."},
            "manifests": {"type": "object", "description": "Kubernetes manifests: file name to YAML text."},
            "namespace": {"type": "string", "description": "The Kubernetes namespace."},
            "iam_role": {"type": "string", "description": "The cloud role that the service assumes."},
            "module_version": {"type": "string", "description": "The module's version."},
            "limits": {"type": "object", "description": "The tier's processor, memory and replicas."},
        },
    }

    def __init__(self, port: Terraform) -> None:
        self._terraform = port
        self._known: dict[tuple[Address, str], Sequence[Difference]] = {}

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        workspace = _workspace(inputs)
        return {_address(workspace): {"module": workspace.source, "variables": dict(workspace.variables)}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        workspace = _workspace(inputs)
        return {_address(workspace): _observed(self._terraform.plan(workspace))}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        workspace = _workspace(inputs)
        given = observed[_address(workspace)].facts["outputs"]
        named = {name: given.get(name, UNKNOWN) for name in self.OUTPUTS["properties"] if name != "workspace"}
        return {"workspace": workspace.name, **named}

    def differences(self, inputs: Inputs, address: Address, observed: Observed) -> Sequence[Difference]:
        pending: tuple[Difference, ...] = observed.facts["pending"]
        if observed.value is None:
            return pending
        return [*differences(self.desired(inputs)[address], observed.value), *pending]

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        recorded = change.before or {}
        if line not in seen.facts["pending"]:
            # What was asked for last. Where that is not known, somebody has removed the record.
            return Drift.BEHIND if recorded.get("module") else Drift.OUT_OF_BAND
        if line.what == ASIDE:
            return Drift.BEHIND
        caused = seen.facts["pending"]
        if recorded != change.after and recorded.get("module"):
            caused = self._caused(change)
        for one in caused:
            if one.what == line.what:
                return Drift.MISSING if one.text == "create" else Drift.OUT_OF_BAND
        return Drift.BEHIND

    def _caused(self, change: Change) -> Sequence[Difference]:
        """What Terraform would do if nothing else were asked for than before: that somebody has caused."""
        key = (change.address, change.revision)
        if key not in self._known:
            _, service, environment = change.address.split("/")
            before = Workspace(service, environment, change.before["module"], change.before["variables"])
            try:
                self._known[key] = self._terraform.plan(before).pending
            except ToolFailed:
                self._known[key] = ()  # the module of before is not to be had any more
        return self._known[key]

    def notes(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Sequence[str]:
        given = observed[_address(_workspace(inputs))].facts["outputs"]
        return [str(note) for note in given.get("notes", ())]

    def irreversible(self, change: Change) -> str:
        lost = [line.what for line in change.differences if line.text in ("delete", "replace")]
        managed = [name for name in lost if ".terraform_data." not in name]
        return f"it destroys {', '.join(managed)}" if managed else ""

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        assert change.owner is not None
        return Applied(_observed(self._terraform.apply(_workspace(inputs), change.revision, change.owner)))

    def undo(self, change: Change) -> Undone | Left:
        _, service, environment = change.address.split("/")
        state = self._terraform.state(service, environment)
        nothing = not state.exists and state.owner is None
        if change.left and not nothing and state.revision != change.left:
            return Left("its Terraform state was written since")
        if change.kind is Kind.CREATE and not nothing and state.owner != change.owner:
            return Left("it was not made by this run")
        try:
            if nothing or change.kind is Kind.CREATE:
                self._terraform.destroy(service, environment, state.revision)
            elif state.revision != change.revision or _observed(state).value != change.before:
                assert change.owner is not None
                before = Workspace(service, environment, change.before["module"], change.before["variables"])
                planned = self._terraform.plan(before)
                self._terraform.apply(before, planned.revision, change.owner)
        except Moved as moved:
            return Left(moved.what)
        return Undone()


def _workspace(inputs: Inputs) -> Workspace:
    variables = {name: inputs[name] for name in _VARIABLES}
    return Workspace(inputs["name"], inputs["environment"], inputs["module"], variables)


def _address(workspace: Workspace) -> Address:
    return f"terraform/{workspace.service}/{workspace.environment}"


def _observed(state: WorkspaceState) -> Observed:
    value = {"module": state.source, "variables": dict(state.variables)} if state.exists else None
    facts = {"outputs": state.outputs, "pending": state.pending}
    return Observed(value, state.revision, state.owner, facts)
