"""What in requests and answers does not agree with GitHub's description of its API.

assert problems(github.exchanges) == []
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from platformctl.testing.wire.exchange import Exchange
from tests.openapi.allowed import ALLOWED
from tests.openapi.description import Description, Operation, described
from tests.openapi.schemas import Validator

_PREFIX: Final = "/api/v3"
"""Of every path of Enterprise Server."""
_JSON: Final = "application/json"
_REFUSED: Final = 400
"""From this status on, an answer is a refusal."""


def problems(exchanges: Iterable[Exchange], description: str = "ghec") -> list[str]:
    """What is wrong and not allowed, each once: the operation, its request or its answer, the place and the fault.

    `description` is a name that `Description` takes. What git sends and what was never answered are not judged.
    """
    return [found for found in _found(exchanges, description) if not any(fnmatchcase(found, one) for one in ALLOWED)]


def needless(exchanges: Iterable[Exchange], description: str = "ghec") -> list[str]:
    """What is allowed and does not occur."""
    found = _found(exchanges, description)
    return [pattern for pattern in ALLOWED if not any(fnmatchcase(one, pattern) for one in found)]


def _found(exchanges: Iterable[Exchange], name: str) -> list[str]:
    judge = described(name)
    return list(dict.fromkeys(problem for one in exchanges if not _is_git(one) for problem in _of(one, judge)))


def _is_git(exchange: Exchange) -> bool:
    return any(part.endswith(".git") for part in exchange.path.split("/")[2:3])


def _of(exchange: Exchange, description: Description) -> Iterator[str]:
    path = exchange.path.removeprefix(_PREFIX)
    found = description.find(exchange.method, path)
    if found is None:
        yield f"{exchange.method} {path}: there is no such operation"
        return
    operation, values = found
    for problem in (*_asked(operation, values, exchange.query), *_sent(operation, exchange.request_body)):
        yield f"{operation.name} request: {problem}"
    if exchange.status:
        for problem in _answered(operation, exchange, description):
            yield f"{operation.name} answer {exchange.status}: {problem}"


def _asked(operation: Operation, path: Mapping[str, str], query: Mapping[str, str]) -> Iterator[str]:
    for name, text in path.items():
        for problem in operation.path[name].problems(text):
            yield f"{name} in the path: {problem}"
    for name, text in query.items():
        if name not in operation.query:
            yield f"there is no parameter {name}"
        else:
            for problem in operation.query[name].problems(text):
                yield f"parameter {name}: {problem}"
    for name, parameter in operation.query.items():
        if parameter.required and name not in query:
            yield f"parameter {name} is missing"


def _sent(operation: Operation, body: bytes) -> Iterator[str]:
    if body and operation.body:
        yield from _judged(operation.body[_JSON], body)
    elif body:
        yield "a body is sent and none is described"
    elif operation.body_required:
        yield "the body is missing"


def _answered(operation: Operation, exchange: Exchange, description: Description) -> Iterator[str]:
    """What is wrong with an answer. A refusal without a described body has the one that all refusals have."""
    content = operation.answers.get(exchange.status)
    if content is None:
        yield "the status is not described"
    body = exchange.response_body
    if not content and exchange.status >= _REFUSED:
        content = {_JSON: description.refusal}
    if not content:
        if body:
            yield "a body is answered and none is described"
        return
    media = exchange.response_headers.get("Content-Type", "").partition(";")[0]
    if not body:
        yield "the body is missing"
    elif media not in content:
        yield f"the media type {media!r} is not described"
    else:
        yield from _judged(content[media], body)


def _judged(validator: Validator, body: bytes) -> Iterator[str]:
    try:
        value = json.loads(body)
    except ValueError:
        yield "the body is no JSON"
    else:
        yield from validator.problems(value)
