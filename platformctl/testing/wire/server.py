"""HTTP: requests come in, answers, or the weather, go out. One request at a time changes or reads the world."""

from __future__ import annotations

import gzip
import socket
import struct
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from platformctl.testing.wire.answering import Answering
from platformctl.testing.wire.exchange import Request, Response
from platformctl.testing.wire.faults import Fault

_PATIENCE: Final = 60.0
"""Seconds after which a silent connection is closed."""


class Server(ThreadingHTTPServer):
    """Serves one world on the loopback interface."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, name: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.name = name
        self.answering: Answering
        self.stopping = threading.Event()
        self.resetting: set[socket.socket] = set()
        """Connections that end without a goodbye."""
        self._connections: set[socket.socket] = set()

    @property
    def port(self) -> int:
        """The port that it got."""
        return int(self.server_address[1])

    def run(self) -> None:
        """Serve until `stop`."""
        self.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        """End every connection and close the port."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        if request in self.resetting:
            self.resetting.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is one of the fake's, and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = _PATIENCE
    server: Server

    def _answer(self) -> None:
        request = self._request()
        world = self.server.answering
        fault = world.faults.next(request)
        if fault is None:
            self._send(request, world.answer(request))
        elif fault.kind.startswith("reset"):
            if fault.kind == "reset_after":
                world.act(request)
            world.record(request, None)
            self._reset()
        elif fault.kind == "hang":
            if fault.acted:
                world.act(request)
            world.record(request, None)
            self.server.stopping.wait(fault.seconds)
            self.close_connection = True
        else:
            self._send(request, self._weather(request, fault))

    def _weather(self, request: Request, fault: Fault) -> Response:
        world = self.server.answering
        if fault.kind == "stale":
            return world.stale(request)
        if fault.acted:
            world.act(request)
        response = world.broken(request, fault)
        world.record(request, response)
        return response

    def _send(self, request: Request, response: Response) -> None:
        content = response.content
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if request.method != "HEAD" and response.status not in (204, 304):
            self.wfile.write(content)
        self.wfile.flush()

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(headers.get("content-length", "0")))
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(self.command, parts.path, query, headers, body, parts.query)

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        content = self.rfile.read(size)
        self.rfile.readline()
        return content

    def _reset(self) -> None:
        """Close so that the other side gets a reset, and not an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.resetting.add(self.connection)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `exchanges` has it all."""

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)
        self.send_header("Server", self.server.name)
        self.send_header("Date", self.date_time_string())

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of http.server
