"""What answers: authentication, the two APIs, and a record of it all."""

from __future__ import annotations

import traceback
from typing import Any

from platformctl.testing.grafana import legacy
from platformctl.testing.grafana.access import Token
from platformctl.testing.grafana.apis import Resources
from platformctl.testing.grafana.errors import Refused, failed, said
from platformctl.testing.grafana.world import Release, World
from platformctl.testing.wire.answering import Answering
from platformctl.testing.wire.exchange import Request, Response
from platformctl.testing.wire.faults import Fault


class Site(Answering):
    """One Grafana. Thread-safe: it answers one request after the other."""

    def __init__(self, release: Release) -> None:
        super().__init__()
        self.world = World(release)
        self.tokens: dict[str, Token] = {}

    def act(self, request: Request) -> Response:
        """The answer that a request deserves."""
        with self.lock:
            try:
                return self._act(request)
            except Refused as refused:
                return _response(refused.status, refused.body)
            except Exception:
                # The fake's own fault: its author has to see it, and the client gets what a broken server says.
                return _response(500, {"message": "the fake failed", "traceback": traceback.format_exc()})

    def broken(self, request: Request, fault: Fault) -> Response:
        """The answer of a server in trouble, or of what stands before it."""
        if fault.kind in ("rate_limit", "secondary"):
            return Response(429, {"message": "Too many requests"}, {"Retry-After": str(int(fault.seconds))})
        return Response(int(fault.kind), b"<html>trouble</html>", {"Content-Type": "text/html"})

    def _act(self, request: Request) -> Response:
        if request.path == "/api/health":
            # Needs no token: https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/other/
            return _response(200, {"database": "ok", "version": self.world.release.version, "commit": "0000000"})
        below_apis = request.path.startswith("/apis/")
        token = self._token(request, below_apis=below_apis)
        if below_apis:
            status, body = Resources(self.world, token, request).answer()
            return _response(status, body)
        return _response(200, legacy.answer(self.world, token, request))

    def _token(self, request: Request, *, below_apis: bool) -> Token:
        """Whose request it is:
        https://grafana.com/docs/grafana/latest/developer-resources/api-reference/http-api/authentication/."""
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and text in self.tokens:
            return self.tokens[text]
        if below_apis:
            raise failed(401, "Unauthorized")
        raise said(401, "Invalid API key" if text else "Unauthorized")


def _response(status: int, body: Any) -> Response:
    return Response(status, body, {"Content-Type": "application/json; charset=UTF-8"})
