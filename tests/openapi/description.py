"""The official description of GitHub's API, by operation.

GitHub publishes it at https://github.com/github/rest-api-description; the npm package @octokit/openapi has the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from tests import npm
from tests.openapi.schemas import Schema, Validator

HERE: Final = Path(__file__).parent
_PARAMETER: Final = re.compile(r"{(.+?)}")
_WORDS: Final = {"true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """A value in a path or a query."""

    required: bool
    kind: str
    """Its JSON type; empty where several are possible."""
    validator: Validator

    def problems(self, text: str) -> Iterator[str]:
        """What is wrong with the value as it was sent."""
        return self.validator.problems(self._value(text))

    def _value(self, text: str) -> Any:
        if self.kind == "integer" and re.fullmatch(r"-?\d+", text):
            return int(text)
        if self.kind == "boolean":
            return _WORDS.get(text, text)
        return text.split(",") if self.kind == "array" else text


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    name: str
    """Such as `GET /repos/{owner}/{repo}`."""
    path: Mapping[str, Parameter]
    query: Mapping[str, Parameter]
    body: Mapping[str, Validator]
    """What may be sent, by media type."""
    body_required: bool
    answers: Mapping[int, Mapping[str, Validator]]
    """What may be answered, by status and media type. A status without any has no body."""


class Description:
    """`api.github.com`, `ghec` for Enterprise Cloud, or `ghes-3.19` for Enterprise Server."""

    def __init__(self, name: str) -> None:
        generated = npm.installed(HERE, without="*.deref.json") / "@octokit" / "openapi" / "generated"
        self._document: dict[str, Any] = json.loads((generated / f"{name}.json").read_bytes())
        fixed = {path: {part for part in path.split("/") if "{" not in part} for path in self._document["paths"]}
        self._fixed = dict(sorted(fixed.items(), key=lambda one: -len(one[1])))
        self._operations: dict[tuple[str, str], Operation] = {}
        refusals = ("basic-error", "validation-error", "validation-error-simple")
        self.refusal = self._validator({"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in refusals]})
        """What a refusal looks like whose status is not described."""

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request is for and the values in its path; the one with most fixed parts."""
        parts = set(path.split("/"))
        for template, fixed in self._fixed.items():
            if fixed <= parts and method.lower() in self._document["paths"][template]:
                parameters = self._parameters(method, template)
                if found := re.fullmatch(_pattern(template, parameters), path):
                    values = zip(_PARAMETER.findall(template), map(unquote, found.groups()), strict=True)
                    return self._operation(method, template), dict(values)
        return None

    def _operation(self, method: str, template: str) -> Operation:
        key = (method, template)
        if key not in self._operations:
            described = self._document["paths"][template][method.lower()]
            body = described.get("requestBody", {})
            self._operations[key] = Operation(
                name=f"{method} {template}",
                path=self._in("path", self._parameters(method, template)),
                query=self._in("query", self._parameters(method, template)),
                body=self._content(body),
                body_required=body.get("required", False),
                answers={int(status): self._content(one) for status, one in described["responses"].items()},
            )
        return self._operations[key]

    def _parameters(self, method: str, template: str) -> list[dict[str, Any]]:
        described = self._document["paths"][template][method.lower()]
        return [self._resolved(one) for one in described.get("parameters", [])]

    def _in(self, where: str, parameters: list[dict[str, Any]]) -> dict[str, Parameter]:
        return {
            one["name"]: Parameter(
                required=one.get("required", False),
                kind=self._resolved(one["schema"]).get("type", ""),
                validator=self._validator(one["schema"]),
            )
            for one in parameters
            if one["in"] == where
        }

    def _content(self, described: dict[str, Any]) -> dict[str, Validator]:
        content = self._resolved(described).get("content", {})
        return {media: self._validator(one.get("schema", {})) for media, one in content.items()}

    def _resolved(self, described: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in described:
            return described
        _, _, kind, name = described["$ref"].split("/")
        found: dict[str, Any] = self._document["components"][kind][name]
        return found

    def _validator(self, schema: Schema) -> Validator:
        return Validator(schema, self._document)


def _pattern(template: str, parameters: list[dict[str, Any]]) -> str:
    several = {one["name"] for one in parameters if one.get("x-multi-segment")}
    pieces = _PARAMETER.split(template)
    names = {index: "(.+)" if pieces[index] in several else "([^/]+)" for index in range(1, len(pieces), 2)}
    return "".join(names.get(index, re.escape(piece)) for index, piece in enumerate(pieces))


@cache
def described(name: str) -> Description:
    """A description, read once."""
    return Description(name)
