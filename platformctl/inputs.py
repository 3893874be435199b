"""A recipe's inputs: text from a command line becomes typed values, defaults are filled in, all is checked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from platformctl.document import first_problem
from platformctl.errors import BadInput
from platformctl.model import Json

Schema = Mapping[str, Any]


def read_setting(schema: Schema, setting: str) -> tuple[tuple[str, ...], Json]:
    """Read `key=value` or `key.part=value` with the type that the schema gives it.

    Lists are written `a,b` or as JSON, other structures as JSON. Raises `BadInput` naming the inputs there are.
    """
    key, equals, text = setting.partition("=")
    if not equals:
        raise BadInput(f"{setting!r} is not of the form key=value")
    name = tuple(key.strip().replace("-", "_").split("."))
    here = schema
    for part in name:
        properties = here.get("properties", {})
        if part not in properties:
            known = ", ".join(dotted for dotted, _ in leaves(schema))
            raise BadInput(f"there is no input {key.strip()!r}", hint=f"Inputs: {known}")
        here = properties[part]
    return name, _typed(key, here, text)


def _typed(key: str, schema: Schema, text: str) -> Json:
    wanted = schema.get("type", "string")
    if wanted == "string":
        return text
    if wanted == "array" and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadInput(f"{key}: {text!r} is not of type {wanted}") from None


def _no_number(text: str) -> Json:
    raise ValueError(text)


def put(answers: dict[str, Json], name: tuple[str, ...], value: Json) -> None:
    """Set a dotted name in nested answers."""
    for part in name[:-1]:
        inner = answers.setdefault(part, {})
        answers = inner if isinstance(inner, dict) else answers
    answers[name[-1]] = value


def leaves(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
    """Every input that can be set, with its dotted name and its schema."""
    for name, part in schema.get("properties", {}).items():
        dotted = f"{prefix}{name}"
        if part.get("type") == "object" and part.get("properties"):
            yield from leaves(part, f"{dotted}.")
        else:
            yield dotted, part


def missing(schema: Schema, answers: Mapping[str, Json]) -> list[str]:
    """The required inputs without an answer and without a default, in the schema's order."""
    required = schema.get("required", ())
    return [
        name
        for name, part in schema.get("properties", {}).items()
        if name in required and name not in answers and "default" not in part
    ]


def complete(schema: Schema, answers: Mapping[str, Json]) -> dict[str, Json]:
    """Fill in defaults and check. Raises `BadInput` for the first answer that the schema does not allow."""
    whole = _with_defaults(schema, answers)
    try:
        json.dumps(whole, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadInput("an answer is not UTF-8 text") from None
    if problem := first_problem(schema, whole):
        raise BadInput(problem[1])
    return whole


def problem_with(schema: Schema, name: str, value: Json) -> str:
    """Why one answer is not allowed, or an empty string."""
    problem = first_problem(schema["properties"][name], value)
    return problem[1] if problem else ""


def _with_defaults(schema: Schema, answers: Mapping[str, Json]) -> dict[str, Json]:
    whole: dict[str, Json] = {}
    for name, part in schema.get("properties", {}).items():
        if name not in answers and "default" not in part:
            continue
        value = answers.get(name, part.get("default"))
        nested = part.get("type") == "object" and isinstance(value, Mapping)
        whole[name] = _with_defaults(part, value) if nested else value
    return whole | {name: value for name, value in answers.items() if name not in whole}
