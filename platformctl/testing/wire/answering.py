"""What answers requests: one after the other, with a record of them all."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from platformctl.testing.wire.exchange import Exchange, Request, Response
from platformctl.testing.wire.faults import Fault, Faults


class Answering(ABC):
    """A small world behind an API. Thread-safe: one request at a time changes or reads it."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.exchanges: list[Exchange] = []
        self.lock = threading.RLock()

    @abstractmethod
    def act(self, request: Request) -> Response:
        """Act on a request: the answer that it deserves."""

    @abstractmethod
    def broken(self, request: Request, fault: Fault) -> Response:
        """The answer of a server in trouble, or of what stands before it."""

    def answer(self, request: Request) -> Response:
        """Act on a request and record it."""
        with self.lock:
            response = self.act(request)
            self.record(request, response)
            return response

    def stale(self, request: Request) -> Response:
        """Answer as before the last write, where reads may lag behind writes; else as usual."""
        return self.answer(request)

    def template(self, request: Request) -> str:
        """The path of the endpoint in the API's description; empty where it is not known."""
        return ""

    def record(self, request: Request, sent: Response | None) -> None:
        """Add to `exchanges`; nothing sent is status 0."""
        status, headers, content = (sent.status, sent.headers, sent.content) if sent else (0, {}, b"")
        template = self.template(request)
        with self.lock:
            self.exchanges.append(
                Exchange(
                    request.method,
                    request.path,
                    request.query,
                    request.headers,
                    request.body,
                    status,
                    headers,
                    content,
                    template,
                )
            )
