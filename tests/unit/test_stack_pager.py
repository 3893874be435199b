"""The stand-in for PagerDuty refuses what PagerDuty's documentation says it refuses, and nothing else.

Pages of developer.pagerduty.com: "Send an Alert Event" (A), "Events API v2 Overview" (O), and the OpenAPI description
`events-v2/openapiv3.json` (D).
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from platformctl.stack.pager import Event, Pager

PAYLOAD: Final = {"summary": "disk is full", "source": "db-1", "severity": "critical"}
TRIGGER: Final[Mapping[str, Any]] = {
    "routing_key": "k" * 32,
    "event_action": "trigger",
    "dedup_key": "d",
    "payload": PAYLOAD,
}
RESOLVE: Final = {"routing_key": "k" * 32, "event_action": "resolve", "dedup_key": "d"}
GONE: Final = object()
"""Stands for a field that is not there."""


@pytest.fixture
def pager() -> Iterator[Pager]:
    with Pager() as one:
        yield one


def changed(event: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {name: value for name, value in {**event, **fields}.items() if value is not GONE}


def paying(**fields: Any) -> dict[str, Any]:
    """A trigger with another payload."""
    return changed(TRIGGER, payload=changed(PAYLOAD, **fields))


def send(pager: Pager, body: bytes, path: str = "/v2/enqueue") -> tuple[int, Any]:
    connection = HTTPConnection(urlsplit(pager.url).netloc, timeout=5)
    connection.request("POST", path, body)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


TAKEN: Final[Mapping[str, Any]] = {
    "a trigger": TRIGGER,
    "a resolve": RESOLVE,
    "an acknowledge (A: event_action)": changed(RESOLVE, event_action="acknowledge"),
    "a trigger without a dedup_key (A: it is made)": changed(TRIGGER, dedup_key=GONE),
    "a dedup_key of 255 characters (A)": changed(TRIGGER, dedup_key="d" * 255),
    "a summary of 1024 characters (A)": paying(summary="s" * 1024),
    **{f"severity {name} (A)": paying(severity=name) for name in ("critical", "error", "warning", "info")},
    "a timestamp (O: ISO 8601)": paying(timestamp="2015-07-17T08:42:58.315+0000"),
    "everything that is optional (D)": {
        **paying(component="mysql", group="db", custom_details={"load": 0.75}, **{"class": "disk"}),
        "links": [{"href": "https://a.example", "text": "more"}],
        "images": [{"src": "https://a.example/a.png"}],
        "client": "it",
        "client_url": "https://a.example",
    },
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_pagerduty_takes_is_taken(case: str, pager: Pager) -> None:
    status, said = send(pager, json.dumps(TAKEN[case]).encode())
    assert (status, said["status"], said["message"]) == (202, "success", "Event processed")
    assert said["dedup_key"]
    ((_, event),) = pager.events
    assert event == TAKEN[case]
    assert pager.refused == []


REFUSED: Final[Mapping[str, tuple[Any, str]]] = {
    "no key (A: required)": (changed(TRIGGER, routing_key=GONE), "32 characters"),
    "a key of 31 characters (A: 32)": (changed(TRIGGER, routing_key="k" * 31), "32 characters"),
    "a key with a line end (A: 32)": (changed(TRIGGER, routing_key="k" * 32 + "\n"), "32 characters"),
    "a key that is a number (A: String)": (changed(TRIGGER, routing_key=10**31), "32 characters"),
    "no action (A: required)": (changed(TRIGGER, event_action=GONE), "event_action None"),
    "another action (A)": (changed(TRIGGER, event_action="page"), "event_action 'page'"),
    "a resolve without a dedup_key (D: required)": (changed(RESOLVE, dedup_key=GONE), "nothing can be resolved"),
    "a resolve with an empty one (D)": (changed(RESOLVE, dedup_key=""), "nothing can be resolved"),
    "an acknowledge without one (D)": (
        changed(RESOLVE, event_action="acknowledge", dedup_key=GONE),
        "nothing can be acknowledged",
    ),
    "a dedup_key of 256 characters (A: 255)": (changed(TRIGGER, dedup_key="d" * 256), "more than 255"),
    "a trigger without payload (A: its fields are required)": (changed(TRIGGER, payload=GONE), "no payload"),
    "no summary (A: required)": (paying(summary=GONE), "payload.summary is missing"),
    "an empty summary (A: required)": (paying(summary=""), "payload.summary is missing"),
    "a summary of 1025 characters (A: 1024)": (paying(summary="s" * 1025), "more than 1024"),
    "no source (A: required)": (paying(source=GONE), "payload.source is missing"),
    "no severity (A: required)": (paying(severity=GONE), "payload.severity None is none of critical, error"),
    "an empty severity (A)": (paying(severity=""), "payload.severity '' is none of"),
    "another severity (A)": (paying(severity="page"), "payload.severity 'page' is none of"),
    "a severity in capitals (D: enum)": (paying(severity="Critical"), "payload.severity 'Critical' is none of"),
    "another timestamp (O: ISO 8601)": (paying(timestamp="yesterday"), "payload.timestamp 'yesterday'"),
    "a component that is no text (A: String)": (paying(component=1), "payload.component is no text"),
    "details that are no object (A: Object)": (paying(custom_details="x"), "custom_details is no object"),
    "a link without href (A: required)": (changed(TRIGGER, links=[{"text": "x"}]), "links is no list"),
    "an image without src (A: required)": (changed(TRIGGER, images=[{}]), "images is no list"),
    "a list (D: object)": ([], "no object"),
    "more than 512 KB (O: Size Limits)": (paying(custom_details={"x": "x" * 512 * 1024}), "more than 512 KB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_pagerduty_refuses_is_refused(case: str, pager: Pager) -> None:
    event, why = REFUSED[case]
    status, said = send(pager, json.dumps(event).encode())
    assert (status, said["status"], said["message"]) == (400, "invalid event", "Event object is invalid")
    assert len(said["errors"]) == 1
    assert why in said["errors"][0]
    assert [reason for _, reason in pager.refused] == said["errors"]
    assert pager.events == []


def test_all_that_is_wrong_is_said_at_once(pager: Pager) -> None:
    status, said = send(pager, json.dumps({"event_action": "trigger", "payload": {}}).encode())
    assert (status, len(said["errors"])) == (400, 4)


def test_what_is_no_json_is_refused(pager: Pager) -> None:
    assert send(pager, b"{")[0] == 400


def test_another_path_is_not_found(pager: Pager) -> None:
    assert send(pager, json.dumps(TRIGGER).encode(), "/v1/enqueue")[0] == 404
    assert pager.events == []


def test_waiting_ends_when_enough_came_and_not_before(pager: Pager) -> None:
    assert not pager.wait(lambda events: len(events) == 1, 0.05)
    threading.Timer(0.05, send, (pager, json.dumps(TRIGGER).encode())).start()
    assert pager.wait(lambda events: len(events) == 1, 5)


def test_who_listens_hears_of_each_with_its_refusal() -> None:
    heard: list[tuple[Event, str]] = []
    with Pager(lambda event, refused: heard.append((event, refused))) as pager:
        send(pager, json.dumps(TRIGGER).encode())
        send(pager, json.dumps(changed(RESOLVE, dedup_key=GONE)).encode())
    assert [(event["event_action"], bool(refused)) for event, refused in heard] == [
        ("trigger", False),
        ("resolve", True),
    ]


def test_afterwards_nobody_listens() -> None:
    with Pager() as pager:
        pass
    with pytest.raises(ConnectionRefusedError):
        send(pager, b"{}")


def test_who_goes_before_the_answer_leaves_no_noise(capfd: pytest.CaptureFixture[str]) -> None:
    """Alertmanager is ended like this at the end of every proof."""
    gone = threading.Event()
    with Pager(lambda *_: gone.wait(5) and None) as pager:
        place = urlsplit(pager.url)
        body = json.dumps(TRIGGER).encode()
        with socket.create_connection((place.hostname, place.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(f"POST {place.path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            assert pager.wait(bool, 5)
        gone.set()
        send(pager, body)
    assert capfd.readouterr().err == ""
