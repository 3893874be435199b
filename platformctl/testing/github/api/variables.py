"""Actions variables of a repository: https://docs.github.com/rest/actions/variables."""

from __future__ import annotations

import re
from typing import Any

from platformctl.testing.github.errors import Refused, not_found
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_PATH = "/repos/{owner}/{repo}/actions/variables"
_SIZE = 48 * 1024
"""Bytes that a value may have: https://docs.github.com/actions/reference/workflows-and-actions/variables."""


def checked_name(name: str) -> str:
    """A name of a variable or secret, in capitals as GitHub keeps it.

    https://docs.github.com/actions/reference/workflows-and-actions/variables#naming-conventions-for-configuration-variables;
    for secrets the status is recorded in https://github.com/millylee/anyrouter-check-in/issues/126.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name.upper().startswith("GITHUB_"):
        said = f"{name} is no valid name: letters, digits and underscores, without GITHUB_ or a digit at its start"
        raise Refused(422, said, page="actions/variables")
    return name.upper()


@route("GET", _PATH, "actions_variables:read")
def list_variables(call: Call) -> dict[str, Any]:
    """Ten on a page, unless said otherwise."""
    names = sorted(call.repository.variables)
    shown = [_fields(call, name) for name in call.page(names, 10)]
    return {"total_count": len(names), "variables": shown}


@route("POST", _PATH, "actions_variables:write")
def create(call: Call) -> Response:
    """The refusal of a taken name is in no source that was found: the status is that of a conflict."""
    name, value = checked_name(call.body.text("name")), _value(call.body.text("value"))
    if name in call.repository.variables:
        raise Refused(409, "Already exists - Variable already exists", page="actions/variables")
    now = call.site.now()
    call.repository.variables[name] = {"value": value, "created": now, "updated": now}
    return Response(201, {})


@route("GET", _PATH + "/{name}", "actions_variables:read")
def get(call: Call) -> dict[str, Any]:
    return _fields(call, _found(call))


@route("PATCH", _PATH + "/{name}", "actions_variables:write")
def update(call: Call) -> Response:
    there = _found(call)
    name = checked_name(call.body.text("name", there))
    if name != there and name in call.repository.variables:
        raise Refused(409, "Already exists - Variable already exists", page="actions/variables")
    variable = call.repository.variables.pop(there)
    variable |= {"value": _value(call.body.text("value", variable["value"])), "updated": call.site.now()}
    call.repository.variables[name] = variable
    return Response(204)


@route("DELETE", _PATH + "/{name}", "actions_variables:write")
def delete(call: Call) -> Response:
    del call.repository.variables[_found(call)]
    return Response(204)


def _found(call: Call) -> str:
    name = call["name"].upper()
    if name not in call.repository.variables:
        raise not_found()
    return name


def _value(value: str) -> str:
    if len(value.encode()) > _SIZE:
        raise Refused(422, "Variable value is too large", page="actions/variables")
    return value


def _fields(call: Call, name: str) -> dict[str, Any]:
    variable = call.repository.variables[name]
    times = {"created_at": variable["created"], "updated_at": variable["updated"]}
    return {"name": name, "value": variable["value"], **times}
