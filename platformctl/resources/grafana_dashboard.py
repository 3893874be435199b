"""`uses: grafana_dashboard`: a service's dashboard stands in Grafana, in its team's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.grafana import DashboardState, Grafana, digest
from platformctl.errors import BadRecipe, Moved
from platformctl.model import Address, Change, Difference, Drift, File, Json, Observed, Owner, differences
from platformctl.resources.dashboard_parts import said_differently, text_of

_FILE: Final = "dashboard.json"
_TOLD: Final = "provisioning"


class GrafanaDashboard:
    """One dashboard, known by its uid."""

    PORT: ClassVar = "grafana"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["files", "team"],
        "additionalProperties": False,
        "properties": {
            "files": {"type": "object", "description": f"A render with `{_FILE}` in it, from `dashboard`."},
            "service": {
                "type": "string",
                "description": "The service, from which the uid follows; that of the dashboard in `files`.",
            },
            "team": {
                "type": "string",
                "pattern": "^[a-z]([a-z0-9-]{0,37}[a-z0-9])?$",
                "description": "The team's slug; its folder is `team-SLUG`.",
            },
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {
            "uid": {"type": "string", "description": "The dashboard's identifier, for ever."},
            "url": {"type": "string", "description": "Where a person looks at it."},
            "link": {
                "type": "string",
                "description": "The same for what is shared; empty where it is a file of this machine alone.",
            },
        },
    }

    def __init__(self, port: Grafana) -> None:
        self._grafana = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        return {_address(inputs): {"folder": _folder(inputs), "sha256": digest(_dashboard(inputs))}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        return {_address(inputs): _observed(self._grafana.dashboard(_uid(inputs)))}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        uid, folder = _uid(inputs), _folder(inputs)
        return {"uid": uid, "url": self._grafana.url(uid, folder), "link": self._grafana.link(uid, folder)}

    def differences(self, inputs: Inputs, address: Address, observed: Observed) -> Sequence[Difference]:
        if observed.value is None:
            return []
        wanted, found = self.desired(inputs)[address], observed.value
        lines = differences({"folder": wanted["folder"]}, {"folder": found["folder"]})
        if wanted["sha256"] != found["sha256"]:
            lines += said_differently(_dashboard(inputs), found["dashboard"])
        if not observed.facts["served"]:
            lines.append(Difference("~", _TOLD, "Grafana is not told where to find it"))
        return lines

    def texts(self, inputs: Inputs, change: Change, line: Difference) -> tuple[str, str] | None:
        if change.before is None or line.what in ("folder", _TOLD, "owner"):
            return None
        return text_of(change.before["dashboard"], line.what), text_of(_dashboard(inputs), line.what)

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        if line.what == _TOLD:
            return Drift.OUT_OF_BAND if seen.facts["told"] else Drift.MISSING
        return Drift.BEHIND if seen.facts["as_left"] else Drift.OUT_OF_BAND

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        assert change.owner is not None
        state = self._grafana.put(_uid(inputs), _dashboard(inputs), _folder(inputs), change.owner, change.revision)
        return Applied(_observed(state))

    def undo(self, change: Change) -> Undone | Left:
        assert change.owner is not None
        uid, before = change.address.rpartition("/")[2], change.before
        seen = _observed(self._grafana.dashboard(uid))
        if change.left and seen.value == before and before is not None:
            return Undone()
        if why := _not_ours(change, seen):
            return Left(why)
        try:
            if before is None:
                self._grafana.delete(uid, seen.revision)
            else:
                owner = Owner(change.owner.service, before["run"])
                dashboard, folder = before["dashboard"], before["folder"]
                self._grafana.put(uid, dashboard, folder, owner, seen.revision, before["sha256"])
        except Moved as moved:
            return Left(moved.what)
        return Undone()


def _not_ours(change: Change, seen: Observed) -> str:
    """Why what stands there is not what this change left, or empty.

    While its outcome is not known, what was before and nothing at all are traces of a kill in the middle of it.
    """
    if change.left:
        # Nothing at all is what a killed undo leaves, with marks of its own that have to go.
        gone = change.before is None and seen.value is None
        return "" if gone or seen.revision == change.left else "it was changed since"
    if seen.value is None or seen.value == change.before:
        return ""
    here = {key: seen.value[key] for key in change.after}
    if here != change.after and (change.before is None or here != {key: change.before[key] for key in change.after}):
        return "it was changed since"
    return "" if seen.owner == change.owner else "it was not made by this run"


def _observed(state: DashboardState | None) -> Observed:
    """The value has the dashboard in full, so that it can be put back."""
    if state is None:
        return Observed()
    value = {
        "folder": state.folder,
        "sha256": state.sha256,
        "dashboard": dict(state.dashboard),
        "run": state.owner.run,
    }
    facts = {"served": state.served, "told": state.told, "as_left": state.as_left}
    return Observed(value, state.revision, state.owner, facts)


def _dashboard(inputs: Inputs) -> Mapping[str, Any]:
    file = inputs["files"].get(_FILE)
    if not isinstance(file, File):
        raise BadRecipe(f"`files` takes an output of `dashboard`, which has {_FILE}: ${{{{ steps.ID.outputs.files }}}}")
    dashboard: Mapping[str, Any] = json.loads(file.content)
    return dashboard


def _uid(inputs: Inputs) -> str:
    """Where the service is said, nothing has to be rendered for it."""
    if "service" not in inputs:
        return str(_dashboard(inputs)["uid"])
    from platformctl.renderers.dashboard import uid

    return uid(inputs["service"])


def _folder(inputs: Inputs) -> str:
    return f"team-{inputs['team']}"


def _address(inputs: Inputs) -> Address:
    return f"grafana/dashboard/{_uid(inputs)}"
