"""A proxy before emulate, which mends two answers: without them nothing else can be tried.

Whatever else emulate does otherwise than GitHub is an expected failure of the test that finds it.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final


@dataclass(frozen=True)
class Answer:
    """What emulate answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Ask = Callable[[str], Answer]
"""GETs another path, as the same caller."""


def _with_whole_commit(branch: Answer, path: str, ask: Ask) -> Answer:
    """emulate shows no more than the hash of a branch's commit."""
    if branch.status != 200:
        return branch
    commit = ask(path.replace("/branches/", "/commits/")).body
    return replace(branch, body=json.dumps({**json.loads(branch.body), "commit": json.loads(commit)}).encode())


def _as_no_teams(missing: Answer, path: str, ask: Ask) -> Answer:
    """emulate cannot be asked for a repository's teams."""
    assert missing.status == 404, "it can be asked now: this is no longer needed"
    return Answer(200, {"Content-Type": "application/json; charset=utf-8"}, b"[]")


_MENDED: Final = {
    r"GET /repos/[^/]+/[^/]+/branches/[^/]+": _with_whole_commit,
    r"GET /repos/[^/]+/[^/]+/teams\?.*": _as_no_teams,
}


class Proxy(ThreadingHTTPServer):
    """Passes everything on to `target`, a port on this machine."""

    daemon_threads = True
    target: int

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            self.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Proxy

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = self._asked(self.command, self.path, sent)
        for pattern, mend in _MENDED.items():
            if re.fullmatch(pattern, f"{self.command} {self.path}"):
                answer = mend(answer, self.path, lambda path: self._asked("GET", path, b""))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _asked(self, method: str, path: str, body: bytes) -> Answer:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
        connection = HTTPConnection("127.0.0.1", self.server.target)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            passed = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_ONE_HOP}
            return Answer(answer.status, passed, answer.read())
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of http.server


_OF_ONE_HOP: Final = {"connection", "content-length", "keep-alive", "transfer-encoding"}
