"""Custom properties.

https://docs.github.com/rest/orgs/custom-properties and https://docs.github.com/rest/repos/custom-properties
"""

from __future__ import annotations

from typing import Any, Final

from platformctl.testing.github import access
from platformctl.testing.github.body import Body
from platformctl.testing.github.errors import Refused, not_found, validation_failed
from platformctl.testing.github.routes import Call, route
from platformctl.testing.wire.exchange import Response

_TYPES: Final = ("string", "single_select", "multi_select", "true_false", "url")


def check(call: Call, wanted: dict[str, Any]) -> None:
    """Raise GitHub's 422 for values that do not fit the organisation's properties."""
    for name, value in wanted.items():
        definition = call.world.properties.get(name)
        if definition is None:
            raise validation_failed("CustomProperty", name, "invalid", f"property '{name}' does not exist")
        allowed = definition.get("allowed_values")
        chosen = value if isinstance(value, list) else [value]
        if value is not None and allowed and (wrong := [item for item in chosen if item not in allowed]):
            said = f"'{wrong[0]}' is not an allowed value of property '{name}'"
            raise validation_failed("CustomProperty", name, "invalid", said)


def initial(call: Call, wanted: dict[str, Any]) -> dict[str, Any]:
    """What a new repository has: the values it is made with, and defaults."""
    check(call, wanted)
    defaults = {name: definition.get("default_value") for name, definition in call.world.properties.items()}
    return {name: value for name, value in {**defaults, **wanted}.items() if value is not None}


def _pairs(items: list[Any]) -> dict[str, Any]:
    return {item["property_name"]: item["value"] for item in items}


@route("GET", "/repos/{owner}/{repo}/properties/values")
def get_values(call: Call) -> list[Any]:
    return [{"property_name": name, "value": value} for name, value in sorted(call.repository.properties.items())]


@route("PATCH", "/repos/{owner}/{repo}/properties/values", "repository_custom_properties:write")
def patch_values(call: Call) -> Response:
    wanted = _pairs(call.body.items("properties"))
    check(call, wanted)
    _put(call, call.repository.name, wanted)
    return Response(204)


def _put(call: Call, name: str, wanted: dict[str, Any]) -> None:
    values = call.world.repositories[name.lower()].properties
    for key, value in wanted.items():
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value


@route("GET", "/orgs/{org}/properties/schema", "organization_custom_properties:read", "read:org")
def list_schema(call: Call) -> list[Any]:
    return [call.world.properties[name] for name in sorted(call.world.properties)]


@route("PATCH", "/orgs/{org}/properties/schema", "organization_custom_properties:admin", "admin:org")
def patch_schema(call: Call) -> list[Any]:
    return [_define(call, item.get("property_name", ""), item) for item in call.body.items("properties")]


@route("GET", "/orgs/{org}/properties/schema/{custom_property_name}", "organization_custom_properties:read", "read:org")
def get_schema(call: Call) -> dict[str, Any]:
    if call["custom_property_name"] not in call.world.properties:
        raise not_found()
    return call.world.properties[call["custom_property_name"]]


@route(
    "PUT", "/orgs/{org}/properties/schema/{custom_property_name}", "organization_custom_properties:admin", "admin:org"
)
def put_schema(call: Call) -> dict[str, Any]:
    return _define(call, call["custom_property_name"], call.body.fields)


@route(
    "DELETE",
    "/orgs/{org}/properties/schema/{custom_property_name}",
    "organization_custom_properties:admin",
    "admin:org",
)
def delete_schema(call: Call) -> Response:
    if call.world.properties.pop(call["custom_property_name"], None) is None:
        raise not_found()
    for name in call.world.repositories:
        call.world.repositories[name] = call.world.repositories[name].copy()
        call.world.repositories[name].properties.pop(call["custom_property_name"], None)
    return Response(204)


def _define(call: Call, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    body = Body(fields)
    definition = {
        "property_name": name,
        "url": f"{call.site.url}/orgs/{call.site.organisation}/properties/schema/{name}",
        "source_type": "organization",
        "value_type": body.choice("value_type", _TYPES),
        "required": body.flag("required", False),
        "description": fields.get("description"),
        "allowed_values": fields.get("allowed_values"),
        "values_editable_by": body.choice("values_editable_by", ("org_actors", "org_and_repo_actors"), "org_actors"),
    }
    if fields.get("default_value") is not None:
        definition["default_value"] = fields["default_value"]
    elif definition["required"]:
        raise validation_failed("CustomProperty", "default_value", "missing_field")
    call.world.properties[name] = definition
    return definition


@route("GET", "/orgs/{org}/properties/values", "organization_custom_properties:read", "read:org")
def list_values(call: Call) -> list[Any]:
    return [
        {
            "repository_id": repository.id,
            "repository_name": repository.name,
            "repository_full_name": repository.full_name,
            "properties": [{"property_name": name, "value": value} for name, value in repository.properties.items()],
        }
        for repository in call.page([call.world.repositories[name] for name in sorted(call.world.repositories)])
        if access.has_role(call.world, call.token, repository, "pull")
    ]


@route("PATCH", "/orgs/{org}/properties/values", "organization_custom_properties:write", "admin:org")
def patch_organisation_values(call: Call) -> Response:
    names = [str(name) for name in call.body.items("repository_names")]
    wanted = _pairs(call.body.items("properties"))
    check(call, wanted)
    if len(names) > 30:
        raise Refused(422, "At most 30 repositories can be updated at once.")
    for name in names:
        repository = call.world.repository(call.site.organisation, name)
        call.world.repositories[repository.name.lower()] = repository.copy()
        _put(call, name, wanted)
    return Response(204)
