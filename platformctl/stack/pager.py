"""A stand-in for PagerDuty's Events API v2 on this machine, which refuses what PagerDuty's documentation says it does.

Sources: developer.pagerduty.com, Events API v2, pages "Overview" and "Send an Alert Event", and the OpenAPI description
that they link, `events-v2/openapiv3.json`.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast

from platformctl.model import Json
from platformctl.stack.loopback import HOST
from platformctl.stack.running import Running

Event = Mapping[str, Json]

PATH: Final = "/v2/enqueue"
SEVERITIES: Final = ("critical", "error", "warning", "info")
ACTIONS: Final = ("trigger", "acknowledge", "resolve")
_KEY: Final = 32
"""Characters of a routing key. ("Send an Alert Event", `routing_key`)"""
_DEDUP_KEY: Final = 255
"""Characters of a deduplication key at most. (the same, `dedup_key`)"""
_SUMMARY: Final = 1024
"""Characters of a summary at most. (the same, `payload.summary`)"""
_LARGEST: Final = 512 * 1024
"""Bytes of an event at most. ("Overview", Size Limits)"""


class Pager(Running):
    """Takes events from the moment that it is made until `stop`.

    `events` and `refused` have what came, in order, each with the Unix seconds at which it did; `told` hears of each
    as it comes, from another thread: the event, and why it was refused or an empty string.
    """

    def __init__(self, told: Callable[[Event, str], None] = lambda event, refused: None) -> None:
        self.events: list[tuple[float, Event]] = []
        self.refused: list[tuple[float, str]] = []
        self._told = told
        self._came = threading.Condition()
        self._server = _Server(self)
        self.url = f"http://{HOST}:{self._server.server_address[1]}{PATH}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="pager", daemon=True).start()

    def take(self, body: bytes) -> tuple[int, Json]:
        """Status and answer to one event, which is kept, or refused for a reason."""
        event, problems = _parsed(body)
        with self._came:
            if problems:
                self.refused.append((time.time(), "; ".join(problems)))
            else:
                self.events.append((time.time(), event))
            self._came.notify_all()
        self._told(event, "; ".join(problems))
        if problems:
            return 400, {"status": "invalid event", "message": "Event object is invalid", "errors": problems}
        return 202, {
            "status": "success",
            "message": "Event processed",
            "dedup_key": event.get("dedup_key") or uuid.uuid4().hex,
        }

    def wait(self, enough: Callable[[Sequence[tuple[float, Event]]], bool], seconds: float) -> bool:
        """Wait until enough events came, or so many seconds; whether they did. A refusal does not end the wait."""
        with self._came:
            return self._came.wait_for(lambda: enough(self.events), seconds)

    def stop(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, pager: Pager) -> None:
        super().__init__((HOST, 0), _Handler)
        self.pager = pager

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Be quiet: Alertmanager was ended before it had its answer."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, said = (404, {}) if self.path != PATH else cast(_Server, self.server).pager.take(body)
        answer = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


def _parsed(body: bytes) -> tuple[Event, list[str]]:
    """An event, and everything for which PagerDuty refuses it."""
    if len(body) > _LARGEST:
        return {}, [f"the event has {len(body)} bytes, more than 512 KB"]
    try:
        event = json.loads(body)
    except ValueError:
        return {}, ["the event is no JSON"]
    if not isinstance(event, dict):
        return {}, ["the event is no object"]
    return event, problems(event)


def problems(event: Event) -> list[str]:
    """Everything for which PagerDuty refuses an event; nothing when it takes it."""
    key, action, dedup_key = event.get("routing_key"), event.get("event_action"), event.get("dedup_key")
    found = []
    if not isinstance(key, str) or len(key) != _KEY:
        found.append(f"the routing key has not {_KEY} characters")
    if action not in ACTIONS:
        found.append(f"event_action {action!r} is none of {', '.join(ACTIONS)}")
    if dedup_key is not None and not (isinstance(dedup_key, str) and len(dedup_key) <= _DEDUP_KEY):
        found.append(f"the dedup_key has more than {_DEDUP_KEY} characters or is no text")
    if action in ("acknowledge", "resolve") and not dedup_key:
        found.append(f"a dedup_key is missing, without which nothing can be {action}d")
    if action == "trigger":
        found += _payload_problems(event.get("payload"))
        found += _list_problems(event, "images", "src") + _list_problems(event, "links", "href")
    return found


def _payload_problems(payload: Json) -> list[str]:
    if not isinstance(payload, dict):
        return ["there is no payload"]
    found = [f"payload.{name} is missing" for name in ("summary", "source") if not _is_text(payload.get(name))]
    if len(str(payload.get("summary", ""))) > _SUMMARY:
        found.append(f"payload.summary has more than {_SUMMARY} characters")
    if payload.get("severity") not in SEVERITIES:
        found.append(f"payload.severity {payload.get('severity')!r} is none of {', '.join(SEVERITIES)}")
    if "timestamp" in payload and not _is_time(payload["timestamp"]):
        found.append(f"payload.timestamp {payload['timestamp']!r} is no time by ISO 8601")
    texts = ("component", "group", "class")
    found += [f"payload.{name} is no text" for name in texts if not isinstance(payload.get(name, ""), str)]
    if not isinstance(payload.get("custom_details", {}), dict):
        found.append("payload.custom_details is no object")
    return found


def _list_problems(event: Event, name: str, needs: str) -> list[str]:
    given = event.get(name, [])
    if isinstance(given, list) and all(isinstance(one, dict) and _is_text(one.get(needs)) for one in given):
        return []
    return [f"{name} is no list of objects with {needs}"]


def _is_text(given: Json) -> bool:
    return isinstance(given, str) and given != ""


def _is_time(given: Json) -> bool:
    try:
        datetime.fromisoformat(given)
    except (TypeError, ValueError):
        return False
    return True
