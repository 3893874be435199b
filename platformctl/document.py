"""A YAML file with the line of everything in it, so that an error can say where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from platformctl.errors import BadConfig, Failure
from platformctl.model import Json

Position = tuple[str | int, ...]
Problem = tuple[Position, str]

_LARGEST: Final = 100_000
"""Nodes; aliases make a short text as large as one likes."""
_DEEPEST: Final = 100
"""Levels."""


class Document:
    """Parsed YAML (safe types only, no duplicate keys) that remembers its lines.

    Raises `error` (a class of `Failure`) for anything that cannot be used.
    """

    def __init__(self, text: str, source: str, error: type[Failure] = BadConfig) -> None:
        self.source = source
        self.error = error
        self._lines: dict[Position, int] = {}
        self._above: list[yaml.Node] = []
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        try:
            node = loader.get_single_node()
            self.data: Json = self._read(loader, node, ()) if node is not None else None
        except yaml.MarkedYAMLError as problem:
            mark = problem.problem_mark or problem.context_mark
            where = f"{source}:{mark.line + 1}" if mark else source
            raise error(f"not valid YAML: {problem.problem}", where=where) from None
        except RecursionError:
            raise error("this YAML is nested too deeply", where=source) from None
        except yaml.YAMLError as problem:
            raise error(f"not valid YAML: {' '.join(str(problem).split())}", where=source) from None
        finally:
            loader.dispose()

    @classmethod
    def load(cls, path: Path, error: type[Failure] = BadConfig) -> Document:
        """Read a file; raises `error` when it is not UTF-8 text or not YAML."""
        try:
            return cls(path.read_text(encoding="utf-8"), str(path), error)
        except UnicodeDecodeError:
            raise error("not UTF-8 text", where=str(path)) from None

    def _read(self, loader: Any, node: yaml.Node, at: Position) -> Json:
        self._lines[at] = node.start_mark.line + 1
        where = f"{self.source}:{node.start_mark.line + 1}"
        if any(node is other for other in self._above):
            raise self.error("this YAML contains itself", where=where)
        if len(self._lines) > _LARGEST or len(at) > _DEEPEST:
            raise self.error("this YAML is larger than anything that makes sense here", where=where)
        self._above.append(node)
        try:
            return self._value(loader, node, at)
        finally:
            self._above.pop()

    def _value(self, loader: Any, node: yaml.Node, at: Position) -> Json:
        if isinstance(node, yaml.SequenceNode):
            return [self._read(loader, item, (*at, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            result: dict[str, Json] = {}
            for key_node, value_node in node.value:
                key = loader.construct_object(key_node, deep=True)
                line = key_node.start_mark.line + 1
                if not isinstance(key, str):
                    raise self.error(f"key {key!r} is not text; put it in quotes", where=f"{self.source}:{line}")
                if key in result:
                    raise self.error(f"{key!r} stands here a second time", where=f"{self.source}:{line}")
                result[key] = self._read(loader, value_node, (*at, key))
                self._lines[(*at, key)] = line
            return result
        try:
            value = loader.construct_object(node, deep=True)
        except ValueError:  # what looks like a day that there is not is a text
            return str(node.value)
        return value if isinstance(value, None | bool | int | float | str) else str(node.value)

    def where(self, *at: str | int) -> str:
        """`file:line` of the deepest known part of a position."""
        position: Position = at
        while position and position not in self._lines:
            position = position[:-1]
        return f"{self.source}:{self._lines.get(position, 1)}"

    def knows(self, *at: str | int) -> bool:
        """Whether something stands at a position."""
        return at in self._lines

    def check(self, schema: Mapping[str, Json]) -> None:
        """Raise `error` with the line of the first thing that the JSON Schema does not allow."""
        if problem := first_problem(schema, self.data):
            at, message = problem
            raise self.error(message, where=self.where(*at))


def every_problem(schema: Mapping[str, Json], data: Json) -> Iterator[Problem]:
    """Every violation of a JSON Schema (draft 2020-12), each as its position and one readable line."""
    if not is_valid(schema, data):
        yield from map(_problem, _validator()(schema).iter_errors(data))


def first_problem(schema: Mapping[str, Json], data: Json) -> Problem | None:
    """The same for the most telling violation alone.

    What is right is recognised by jsonschema-rs; jsonschema, which tells better what is wrong, takes longer to load.
    """
    if is_valid(schema, data):
        return None
    from jsonschema.exceptions import best_match

    found = best_match(_validator()(schema).iter_errors(data))
    return None if found is None else _problem(found)


def _problem(found: Any) -> Problem:
    at: Position = tuple(found.absolute_path)
    if found.validator == "additionalProperties":
        at += tuple(key for key in found.instance if key not in found.schema.get("properties", {}))[:1]
    return at, _sentence(found)


def is_valid(schema: Mapping[str, Json], data: Json) -> bool:
    """Whether a JSON Schema allows this; no, too, for what is not JSON at all."""
    try:
        return bool(_recogniser(schema).is_valid(data))
    except ValueError:
        return False


_recognisers: dict[int, tuple[Mapping[str, Json], Any]] = {}
"""Compiled schemas by identity, with the schema itself, so that no other one can take its place in memory."""
_MOST: Final = 512


def _recogniser(schema: Mapping[str, Json]) -> Any:
    """A compiled schema. Those of actions and recipes are asked again for every service of a fleet."""
    from jsonschema_rs import Draft202012Validator

    kept = _recognisers.get(id(schema))
    if kept is None:
        if len(_recognisers) >= _MOST:
            _recognisers.clear()
        kept = _recognisers[id(schema)] = (schema, Draft202012Validator(dict(schema), retriever=_nothing))
    return kept[1]


def schema_problem(schema: Mapping[str, Json]) -> Problem | None:
    """What is wrong with a JSON Schema itself, as its position and one line; nothing is ever fetched for a `$ref`."""
    from jsonschema_rs import Draft202012Validator, ValidationError

    try:
        Draft202012Validator(dict(schema), retriever=_nothing)
    except ValidationError as problem:
        return tuple(problem.instance_path), problem.message
    return None


def _nothing(uri: str) -> Json:
    raise LookupError(uri)


@cache
def _validator() -> Any:
    """JSON Schema draft 2020-12, with `$` at the end of a pattern meaning the end.

    Python's `$` also matches before a last newline, which ECMA-262, the language of JSON Schema's patterns, does not.
    """
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    def pattern(_: Any, wanted: str, value: Json, __: Json) -> Any:
        exact = f"{wanted[:-1]}\\Z" if wanted.endswith("$") else wanted
        if isinstance(value, str) and not re.search(exact, value):
            yield ValidationError(f"{value!r} does not match {wanted!r}")

    return extend(Draft202012Validator, {"pattern": pattern})  # type: ignore[no-untyped-call]


def _sentence(found: Any) -> str:
    name = ".".join(str(part) for part in found.absolute_path)
    prefix = f"{name}: " if name else ""
    if found.schema.get("writeOnly"):
        return f"{prefix}this value is not allowed, and not repeated here: {found.schema.get('description', '')}"
    match found.validator:
        case "enum":
            return f"{prefix}{found.instance!r} is not one of {', '.join(map(str, found.validator_value))}"
        case "pattern" | "not":
            said = found.schema.get("description") or f"the rule is {found.validator_value}"
            return f"{prefix}{found.instance!r} is not allowed: {said}"
        case "required":
            missing = next((key for key in found.validator_value if key not in found.instance), "?")
            return f"{prefix}{missing!r} is missing"
        case "additionalProperties":
            known = found.schema.get("properties", {})
            extra = next((key for key in found.instance if key not in known), "?")
            return f"{prefix}{extra!r} is not known; known: {', '.join(known)}"
        case "maxLength":
            return f"{prefix}{len(found.instance)} characters are too long; at most {found.validator_value}"
        case "minLength":
            return f"{prefix}it must not be empty"
        case "type":
            return f"{prefix}{found.instance!r} is not of type {found.validator_value}"
        case _:
            return f"{prefix}{found.message}"
