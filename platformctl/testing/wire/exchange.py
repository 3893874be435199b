"""What goes over the wire: a request, an answer, and both as they were recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Request:
    """A request as it came in. Header names are in lower case."""

    method: str
    path: str
    """Below the API's base for requests to it, still percent-encoded."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    query_string: str = ""


@dataclass
class Response:
    """An answer. A body that is not bytes is sent as JSON; None is no body."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def content(self) -> bytes:
        """The body's bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, in the order in which they were answered."""

    method: str
    path: str
    query: Mapping[str, str]
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    """0 when the connection was dropped instead of an answer."""
    response_headers: Mapping[str, str]
    response_body: bytes
    template: str
    """The endpoint's path in GitHub's OpenAPI description; empty for git over HTTP and for unknown paths."""
