"""The judge of exchanges with GitHub lets right ones pass, and finds every kind of fault that was planted in them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from platformctl.testing.wire.exchange import Exchange
from tests.openapi.exchanges import needless, problems

_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
_REPOSITORY: Final = "/repos/acme/svc"
_VARIABLES: Final = f"{_REPOSITORY}/actions/variables"
_TIMES: Final = {"created_at": "2026-11-23T10:00:00Z", "updated_at": "2026-11-23T10:00:00Z"}


def exchange(method: str, path: str, sent: Any = None, status: int = 200, answered: Any = None) -> Exchange:
    """What is asked and what is answered; a body of None is none."""
    body = b"" if answered is None else json.dumps(answered).encode()
    asked = b"" if sent is None else json.dumps(sent).encode()
    return Exchange(method, path, {}, {}, asked, status, _JSON, body, "")


def refused(message: str, status: int) -> dict[str, str]:
    return {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}


def variable(**changes: Any) -> bytes:
    return json.dumps({"name": "A", "value": "b", **_TIMES} | changes).encode()


_REF: Final = {
    "ref": "refs/heads/a/b",
    "node_id": "x",
    "url": "https://api.github.com/x",
    "object": {"type": "commit", "sha": "a" * 40, "url": "https://api.github.com/x"},
}
RIGHT: Final = {
    "list": exchange("GET", "/orgs/acme/repos", answered=[]),
    "read": replace(exchange("GET", f"{_VARIABLES}/A"), response_body=variable()),
    "write": exchange("POST", _VARIABLES, {"name": "A", "value": "b"}, 201, {}),
    "update": exchange("PATCH", f"{_REPOSITORY}/git/refs/heads/a/b", {"sha": "a" * 40}, 200, _REF),
    "delete": exchange("DELETE", f"{_VARIABLES}/A", status=204),
    "absent": exchange("GET", f"{_REPOSITORY}/vulnerability-alerts", status=404, answered=refused("Not Found", 404)),
    "create": exchange("POST", "/orgs/acme/repos", {"name": "svc", "visibility": "private"}, 403, refused("No", 403)),
    "one": exchange("GET", f"{_REPOSITORY}/rulesets/7", status=404, answered=refused("Not Found", 404)),
    "fixed parts first": exchange("GET", f"{_REPOSITORY}/rulesets/rule-suites", answered=[]),
    "blame": exchange("GET", f"{_REPOSITORY}/codeowners/errors", answered={"errors": []}),
    "search": replace(exchange("GET", "/search/labels", status=304), query={"repository_id": "1", "q": "x"}),
    "lost": exchange("DELETE", f"{_VARIABLES}/A", status=0),
    "git": exchange("GET", "/acme/svc.git/info/refs", answered="git's own"),
}

FAULTS: Final[dict[str, tuple[str, dict[str, Any], str]]] = {
    "unknown path": ("read", {"path": f"{_REPOSITORY}/variables/A"}, "there is no such operation"),
    "unknown method": ("read", {"method": "PUT"}, "there is no such operation"),
    "path of another type": (
        "one",
        {"path": f"{_REPOSITORY}/rulesets/x"},
        'request: ruleset_id in the path: "x" is not',
    ),
    "unknown parameter": ("list", {"query": {"size": "1"}}, "request: there is no parameter size"),
    "parameter of another type": (
        "list",
        {"query": {"per_page": "all"}},
        'request: parameter per_page: "all" is not of',
    ),
    "parameter outside its words": (
        "list",
        {"query": {"type": "mine"}},
        'request: parameter type: "mine" is not one of',
    ),
    "parameter missing": ("search", {"query": {"q": "x"}}, "request: parameter repository_id is missing"),
    "body missing": ("write", {"request_body": b""}, "request: the body is missing"),
    "body no JSON": ("write", {"request_body": b"{"}, "request: the body is no JSON"),
    "body where none is": ("delete", {"request_body": b"{}"}, "request: a body is sent and none is described"),
    "field missing": ("write", {"request_body": b'{"name": "A"}'}, 'request: "value" is a required property'),
    "field unknown": (
        "write",
        {"request_body": b'{"name": "A", "value": "b", "x": 1}'},
        "request: Unevaluated * 'x' was",
    ),
    "field of another type": (
        "write",
        {"request_body": b'{"name": "A", "value": 1}'},
        "request: value: 1 is not of type",
    ),
    "field outside its words": (
        "create",
        {"request_body": b'{"name": "svc", "visibility": "secret"}'},
        'request: visibility: "secret" is not one of',
    ),
    "status unknown": ("write", {"status": 202}, "answer 202: the status is not described"),
    "answer missing": ("read", {"response_body": b""}, "answer 200: the body is missing"),
    "answer no JSON": ("read", {"response_body": b"<html>"}, "answer 200: the body is no JSON"),
    "answer where none is": (
        "delete",
        {"response_body": b"{}"},
        "answer 204: a body is answered and none is described",
    ),
    "answer of another media type": (
        "read",
        {"response_headers": {"Content-Type": "text/html"}},
        "answer 200: the media type 'text/html' is not described",
    ),
    "answer's field missing": (
        "read",
        {"response_body": b'{"name": "A"}'},
        'answer 200: "value" is a required property',
    ),
    "answer's field unknown": ("read", {"response_body": variable(x=1)}, "answer 200: Unevaluated * 'x' was"),
    "answer's field of another type": (
        "read",
        {"response_body": variable(value=1)},
        "answer 200: value: 1 is not of type",
    ),
    "answer's field null": ("read", {"response_body": variable(value=None)}, "answer 200: value: null is not of type"),
    "answer's date no date": (
        "read",
        {"response_body": variable(created_at="today")},
        'answer 200: created_at: "today" is',
    ),
    "answer's field missing, deep": (
        "blame",
        {"response_body": b'{"errors": [{"line": 1}]}'},
        'answer 200: errors/0: "column" is a required property',
    ),
    "refusal of another shape": (
        "absent",
        {"response_body": b'{"error": "x"}'},
        "answer 404: Unevaluated properties are not allowed ('error' was",
    ),
}
"""By the kind of fault: in which right exchange, what it is replaced by, and a part of what must be said."""


@pytest.mark.parametrize("name", RIGHT)
def test_right_exchanges_pass(name: str) -> None:
    assert problems([RIGHT[name]]) == []


@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_are_found(name: str) -> None:
    right, changes, said = FAULTS[name]
    wrong = replace(RIGHT[right], **changes)
    found = problems([RIGHT[right], wrong, wrong])
    assert len(found) == len(set(found))
    assert any(all(part in problem for part in said.split(" * ")) for problem in found), found


def test_internal_repositories_are_for_enterprises() -> None:
    asked = replace(RIGHT["create"], request_body=b'{"name": "svc", "visibility": "internal"}')
    assert problems([asked], "ghec") == problems([asked], "ghes-3.19") == []
    assert problems([asked], "api.github.com") != []


def test_what_is_allowed_and_does_not_occur_is_told() -> None:
    bad = "* answer 401: the status is not described"
    assert bad in needless([])
    assert bad not in needless(
        [replace(RIGHT["read"], status=401, response_body=json.dumps(refused("x", 401)).encode())]
    )
