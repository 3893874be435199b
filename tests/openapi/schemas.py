"""OpenAPI 3.0 schemas as JSON Schema, closed: a property that a schema does not name is a problem.

What differs between the two: https://spec.openapis.org/oas/v3.0.3.html#schema-object
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import jsonschema_rs

Schema = Mapping[str, Any]

_KEPT: Final = {
    *("enum", "format", "pattern", "required", "type", "uniqueItems"),
    *("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "minimum", "maximum"),
}
_COMBINED: Final = {"allOf": "allOf", "anyOf": "anyOf", "oneOf": "anyOf"}
"""`oneOf` is taken as `anyOf`: many of its branches in GitHub's description allow the same values."""
_SHAPED: Final = {"properties", "additionalProperties", *_COMBINED}
_LONG: Final = 200
"""Characters of a message that are shown; some hold a whole repository."""


class Validator:
    """Judges values by one schema of an OpenAPI document."""

    def __init__(self, schema: Schema, document: Mapping[str, Any]) -> None:
        self._schema = schema
        self._document = document

    def problems(self, value: Any) -> Iterator[str]:
        """What is wrong with a value, each with its place."""
        for error in self._compiled.iter_errors(value):
            yield from _told(error)

    @cached_property
    def _compiled(self) -> jsonschema_rs.Draft202012Validator:
        schema = _closed(self._schema)
        definitions: dict[str, Schema] = {}
        missing = set(_references(schema))
        while missing:
            name = missing.pop()
            definitions[name] = _open(self._document["components"]["schemas"][name])
            missing |= set(_references(definitions[name])) - definitions.keys()
        return jsonschema_rs.Draft202012Validator({**schema, "$defs": definitions}, validate_formats=True)


def _closed(schema: Schema) -> dict[str, Any]:
    """A schema that alone describes a value."""
    return {**_open(schema), "unevaluatedProperties": False}


def _open(schema: Schema) -> dict[str, Any]:
    """A schema beside which others may name properties of the same value."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{_name(schema)}"}
    found = {key: value for key, value in schema.items() if key in _KEPT}
    for theirs, ours in _COMBINED.items():
        if theirs in schema:
            found[ours] = [_open(one) for one in schema[theirs]]
    if "items" in schema:
        found["items"] = _closed(schema["items"])
    if "properties" in schema:
        found["properties"] = {name: _closed(one) for name, one in schema["properties"].items()}
    rest = schema.get("additionalProperties")
    if rest is not None:
        found["additionalProperties"] = _closed(rest) if isinstance(rest, dict) else rest
    elif not schema.keys() & _SHAPED and ("type" in schema or "required" not in schema):
        found["additionalProperties"] = True  # any object
    return {"anyOf": [{"type": "null"}, found]} if schema.get("nullable") else found


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _references(one)
    elif isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield _name(schema)
        for one in schema.values():
            yield from _references(one)


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _told(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    """What an error says; where alternatives were open, what the one says that came nearest."""
    branches = getattr(error.kind, "context", None)
    if branches:
        for nearest in min(branches, key=lambda errors: _distance(error, errors)):
            yield from _told(nearest)
        return
    place = "/".join(str(step) for step in error.instance_path)
    message = error.message
    if len(message) > _LONG:
        message = f"{message[: _LONG // 2]} … {message[-_LONG // 2 :]}"
    yield f"{place}: {message}" if place else message


def _distance(whole: jsonschema_rs.ValidationError, errors: list[jsonschema_rs.ValidationError]) -> tuple[bool, int]:
    """Far off is what is of another kind, then what has more errors."""
    other = any(error.schema_path[-1] == "type" and error.instance_path == whole.instance_path for error in errors)
    return other, len(errors)
