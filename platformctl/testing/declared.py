"""Whether what an action declares about itself is whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformctl.document import first_problem, schema_problem
from platformctl.testing.case import Broken, Case


def check_inputs(case: Case) -> None:
    """Raise `Broken` unless the inputs are described, all of them, and those of the case are allowed."""
    check_schema("INPUTS", getattr(case.action, "INPUTS", None))
    schema = case.action.INPUTS
    if schema.get("additionalProperties") is not False:
        raise Broken("INPUTS has no `additionalProperties: False`, so that a misspelt input would pass")
    if problem := first_problem(schema, dict(case.inputs)):
        raise Broken(f"INPUTS does not allow the inputs of the case: {problem[1]}")


def check_schema(name: str, schema: Any) -> None:
    """Raise `Broken` unless this is a JSON Schema of an object in which every property is described."""
    if not isinstance(schema, Mapping) or schema.get("type") != "object" or "properties" not in schema:
        raise Broken(f"{name} is not a JSON Schema of an object with properties")
    if problem := schema_problem(schema):
        raise Broken(f"{name} is not a JSON Schema: {problem[1]}")
    for key, part in schema["properties"].items():
        if not part.get("description"):
            raise Broken(f"{key} in {name} has no description")
    for key in schema.get("required", ()):
        if key not in schema["properties"]:
            raise Broken(f"{name} requires {key}, which is none of its properties")
