"""A plan in a file: which addresses would change, how, and fingerprints of the world that it was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from platformctl.errors import BadInput, Moved
from platformctl.model import Json, Observed, Plan

SCHEMA: Final = 1


def to_json(plan: Plan, platformctl: str) -> dict[str, Json]:
    """What a plan file holds. No file contents and no secrets: applying it plans again and compares."""
    return {
        "schema": SCHEMA,
        "platformctl": platformctl,
        "service": plan.service,
        "path": plan.path,
        "version": plan.version,
        "answers": dict(plan.answers),
        "observed": _observed(plan),
        "changes": _changes(plan),
    }


def read(text: str, source: str) -> Mapping[str, Any]:
    """Read a plan file. Raises `BadInput` when it is not one, or a newer platformctl's."""
    try:
        data = json.loads(text)
        found = data["schema"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput("this is not a plan", where=source, hint="Make one with platformctl plan … -o FILE") from None
    if found != SCHEMA:
        raise BadInput(f"a plan of format {found}; this platformctl knows {SCHEMA}", where=source)
    fields = {"service": str, "path": str, "version": str, "answers": dict, "observed": dict, "changes": list}
    for name, kind in fields.items():
        if not isinstance(data.get(name), kind):
            raise BadInput(f"this plan is damaged: {name!r} is not right", where=source)
    if (name := data["answers"].get("name")) != data["service"]:
        raise BadInput(f"this plan is damaged: it is for {data['service']!r}, its answers for {name!r}", where=source)
    if not all(_is_change(change) for change in data["changes"]):
        raise BadInput("this plan is damaged: 'changes' is not right", where=source)
    result: Mapping[str, Any] = data
    return result


def _is_change(change: Json) -> bool:
    return isinstance(change, dict) and set(change) == {"step", "address", "kind", "after"}


def check(saved: Mapping[str, Any], plan: Plan, source: str) -> None:
    """Raise `Moved`, naming the addresses, unless the plan made now is the one that was saved."""
    now = _observed(plan)
    moved = sorted(at for at in {*now, *saved["observed"]} if now.get(at) != saved["observed"].get(at))
    if not moved and _changes(plan) != saved["changes"]:
        known = {change["address"]: change for change in saved["changes"]}
        fresh = {change["address"]: change for change in _changes(plan)}
        moved = sorted(at for at in {*known, *fresh} if known.get(at) != fresh.get(at))
    if moved:
        raise Moved(
            f"the world is not what this plan was made from; changed since: {', '.join(moved)}",
            where=source,
            hint="Nothing was written. Make a new plan",
        )


def _observed(plan: Plan) -> dict[str, Json]:
    return {
        address: seen.revision if isinstance(seen, Observed) else "unreadable"
        for step in plan.steps
        for address, seen in step.observed.items()
    }


def _changes(plan: Plan) -> list[Json]:
    return [
        {
            "step": change.step,
            "address": change.address,
            "kind": change.kind.value,
            "after": hashlib.sha256(json.dumps(change.after, sort_keys=True).encode()).hexdigest(),
        }
        for change in plan.changes
    ] + [{"step": step.step.id, "address": "", "kind": "deferred", "after": ""} for step in plan.steps if step.deferred]
