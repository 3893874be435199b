"""`uses: alert_rules`: a service's alerts are decided by these rules in one environment, and reach its team's pager."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.alerting import Alerting, Alerts
from platformctl.errors import BadRecipe, Moved
from platformctl.model import Address, Change, Difference, Drift, Json, Observed

_SHARED: Final = "shared configuration"
_DERIVED: Final = "what the routing of all services gives"


class AlertRules:
    """The rules and the routing of one service in one environment."""

    PORT: ClassVar = "alerting"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["files", "service", "environment"],
        "additionalProperties": False,
        "properties": {
            "files": {"description": "What `alerts` rendered: `rules.yml` and `routing.json`."},
            "service": {"type": "string", "description": "The service."},
            "environment": {"type": "string", "description": "The environment: `staging`."},
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {"rules": {"type": "string", "description": "Where the rules are, for people."}},
    }

    def __init__(self, port: Alerting) -> None:
        self._alerting = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        files = inputs["files"]
        if not isinstance(files, Mapping) or files.keys() != {"rules.yml", "routing.json"}:
            raise BadRecipe("`alert_rules` takes the output of `alerts`: ${{ steps.alerts.outputs.files }}")
        rules, routing = (files[name].content.decode() for name in ("rules.yml", "routing.json"))
        return {_address(inputs): {"rules": rules, "routing": json.loads(routing), _SHARED: _DERIVED}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        place = (inputs["service"], inputs["environment"])
        seen = self._alerting.alerts(*place)
        if seen and not seen.routed:
            # Where the routing is not what it should be, the shared configuration differs for that alone, unless
            # somebody has edited it too.
            (wanted,) = self.desired(inputs).values()
            follows = seen.routing != wanted["routing"]
            known = "shared" in seen.as_left or self._alerting.routes(*place, wanted["routing"])
            seen = replace(seen, routed=follows and known)
        return {_address(inputs): _observed(seen)}

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        part = "shared" if line.what == _SHARED else line.what.partition(".")[0]
        if part in seen.facts["absent"]:
            return Drift.MISSING
        return Drift.BEHIND if part in seen.facts["as_left"] else Drift.OUT_OF_BAND

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        return {"rules": self._alerting.url(inputs["service"], inputs["environment"])}

    def notes(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Sequence[str]:
        (wanted,) = self.desired(inputs).values()
        paging = wanted["routing"]["paging"]
        return [
            f"The paging key {paging} is expected {self._alerting.expects(paging)}; until it is there, nobody is paged."
        ]

    def texts(self, inputs: Inputs, change: Change, line: Difference) -> tuple[str, str] | None:
        part = line.what.partition(".")[0]
        if part == _SHARED:
            return None
        there, then = (_text((value or {}).get(part)) for value in (change.before, change.after))
        return there, then

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        assert change.owner is not None
        rules, routing = _parts(change.after)
        place = (inputs["service"], inputs["environment"])
        return Applied(_observed(self._alerting.put(*place, rules, routing, change.owner, change.revision)))

    def undo(self, change: Change) -> Undone | Left:
        assert change.owner is not None
        _, service, environment = change.address.split("/")
        seen = self._alerting.alerts(service, environment)
        if seen and seen.owner.service != change.owner.service:
            return Left("it belongs to somebody else")
        before, after = _parts(change.before), _parts(change.after)
        # A run or an undo that was killed leaves each part as it was before or as it was to be.
        now = (seen.rules, seen.routing) if seen else (None, None)
        if any(part not in known for part, *known in zip(now, before, after, strict=True)):
            return Left("it was changed since")
        if before == after:
            return Left("an edit of the shared configuration is not brought back")
        try:
            self._alerting.put(service, environment, *before, change.owner, seen.revision if seen else "")
        except Moved as moved:
            return Left(moved.what)
        return Undone()


def _observed(seen: Alerts | None) -> Observed:
    if seen is None:
        return Observed()
    value = {"rules": seen.rules, "routing": seen.routing, _SHARED: _DERIVED if seen.routed else "something else"}
    return Observed(value, seen.revision, seen.owner, {"as_left": seen.as_left, "absent": seen.absent})


def _parts(value: Json) -> tuple[Any, Any]:
    """Rules and routing of a change's `before` or `after`."""
    return (value["rules"], value["routing"]) if value else (None, None)


def _text(part: Json) -> str:
    """Rules, or routing, as people read them."""
    return part if isinstance(part, str) else json.dumps(part, indent=2) + "\n" if part else ""


def _address(inputs: Inputs) -> Address:
    return f"alerting/{inputs['service']}/{inputs['environment']}"
