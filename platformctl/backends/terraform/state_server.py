"""Terraform's `http` state backend on the loopback interface, for the length of one command.

Terraform's own `local` backend truncates the state file in place, so that a kill at the wrong moment loses it. Here
Terraform hands each new state over, and it is replaced as a whole, durably. A server without a file to write to is
for planning: it shows a state and takes none.
"""

from __future__ import annotations

import hmac
import secrets
import socketserver
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Final

from platformctl.home import write_atomically

_POLL: Final = 0.001
"""Seconds between two looks at whether to stop; stopping waits for the next one."""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    content: bytes
    file: Path | None
    credential: str


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self._refused():
            return
        self._answer(200 if self.server.content else 404, self.server.content)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self._refused():
            return
        if self.server.file is None or not content:
            self._answer(405)
            return
        try:
            write_atomically(self.server.file, content)
        except OSError:
            self._answer(507)
            return
        self.server.content = content
        self._answer(200)

    def _refused(self) -> bool:
        if hmac.compare_digest(self.headers.get("Authorization", ""), self.server.credential):
            return False
        self._answer(401)
        return True

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Terraform says itself what went wrong."""


@contextmanager
def serve(content: bytes, file: Path | None = None) -> Iterator[Mapping[str, str]]:
    """Serve a state (empty: there is none yet) and store what Terraform writes in `file`.

    Gives the environment variables that Terraform's `http` backend needs, a one-time password among them.
    """
    password = secrets.token_urlsafe(24)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.content = content
        server.file = file
        server.credential = "Basic " + b64encode(f"platformctl:{password}".encode()).decode()
        thread = threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
        thread.start()
        try:
            yield {
                "TF_HTTP_ADDRESS": f"http://127.0.0.1:{server.server_address[1]}/",
                "TF_HTTP_USERNAME": "platformctl",
                "TF_HTTP_PASSWORD": password,
                "TF_HTTP_RETRY_MAX": "1",
            }
        finally:
            server.shutdown()
            thread.join()
