"""A stand-in for PagerDuty's Events API v2 on the loopback interface: it takes what that takes and keeps it.

Refused with 400, as there: a key that has not 32 characters, a severity other than critical, error, warning and info,
a summary that is empty or longer than 1024 characters. (docs: developer.pagerduty.com, "Send an Alert Event")
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

SEVERITIES: Final = ("critical", "error", "warning", "info")


class PagerDuty:
    """Events in the order in which they came, and refusals with their reason."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v2/enqueue"
        self.events: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self._came = threading.Condition()

    def take(self, event: dict[str, Any]) -> bool:
        """Keep an event, or say no."""
        reason = _reason(event)
        with self._came:
            if reason:
                self.refused.append(reason)
            else:
                self.events.append(event)
            self._came.notify_all()
        return not reason

    def wait(self, enough: Callable[[list[dict[str, Any]]], bool], seconds: float) -> bool:
        """Wait until enough events came; False when they did not in time."""
        with self._came:
            return self._came.wait_for(lambda: enough(self.events), seconds)


def _reason(event: dict[str, Any]) -> str:
    payload = event.get("payload") or {}
    if len(str(event.get("routing_key", ""))) != 32:
        return "the key has not 32 characters"
    if event.get("event_action") == "resolve":
        return "" if event.get("dedup_key") else "a resolve without a dedup_key"
    if payload.get("severity") not in SEVERITIES:
        return f"severity {payload.get('severity')!r}"
    if not 0 < len(str(payload.get("summary", ""))) <= 1024:
        return "a summary that is empty or too long"
    return "" if payload.get("source") else "no source"


@contextmanager
def pagerduty() -> Iterator[PagerDuty]:
    """One that listens for the length of a block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(202 if stand_in.take(body) else 400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stand_in = PagerDuty(server.server_address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield stand_in
        finally:
            server.shutdown()
