"""What answers: authentication, limits, the endpoint, and a record of it all."""

from __future__ import annotations

import hashlib
import itertools
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from platformctl.testing.github import api, git_http, limits, routes
from platformctl.testing.github.errors import Refused, not_found
from platformctl.testing.github.limits import Limits
from platformctl.testing.github.routes import Call
from platformctl.testing.github.tokens import NOBODY, Keyring, Token
from platformctl.testing.github.world import Site, World
from platformctl.testing.wire.answering import Answering
from platformctl.testing.wire.exchange import Request, Response
from platformctl.testing.wire.faults import Fault

_REMEMBERED: Final = 200
"""Worlds of before that are kept for stale answers."""

_FREE: Final = "/rate_limit"
"""Does not count: https://docs.github.com/rest/rate-limit/rate-limit."""

api.load()


@dataclass(frozen=True)
class Moment:
    """How it was once."""

    world: World
    past: tuple[World, ...]


class Forge(Answering):
    """One forge. Thread-safe: it answers one request after the other."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site
        self.world = World(site)
        self.keyring = Keyring()
        self.limits = Limits()
        self._past: deque[World] = deque(maxlen=_REMEMBERED)
        self._numbers = itertools.count(1)

    def act(self, request: Request) -> Response:
        """Act on a request: the answer that it deserves."""
        with self.lock:
            return self._act(request, self.world, keep=True)

    def stale(self, request: Request) -> Response:
        """Answer a GET as before the last write that changed the answer; others as usual.

        Reads may lag behind writes: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
        """
        with self.lock:
            now = self.act(request)
            response = now
            if request.method == "GET":
                for world in reversed(self._past):
                    before = self._act(request, world, keep=False)
                    if (before.status, before.body) != (now.status, now.body):
                        response = before
                        break
            self.record(request, response)
            return response

    def broken(self, request: Request, fault: Fault) -> Response:
        """The answer of a forge in trouble."""
        moment, token = self.site.clock(), NOBODY
        with suppress(Refused):
            token = self._token(request)
        if fault.kind == "rate_limit":
            said = limits.headers(self.limits.limit, 0, int(moment.timestamp() + fault.seconds))
            refused = limits.exceeded(token.account, said)
        elif fault.kind == "secondary":
            refused = limits.secondary(fault.status, int(fault.seconds))
        else:
            refused = Refused(int(fault.kind), "Server Error")
        return self._dressed(request, token, _refusal(refused))

    def template(self, request: Request) -> str:
        """The endpoint's path in GitHub's OpenAPI description; empty for git over HTTP and for unknown paths."""
        if (path := self._api_path(request)) is not None:
            with suppress(Refused):
                return routes.find(request.method, path)[0].template
        return ""

    def remember(self) -> Moment:
        """Everything that requests can change, to return to."""
        with self.lock:
            return Moment(self.world, tuple(self._past))

    def return_to(self, moment: Moment) -> None:
        """Let it be then again, on disk too; objects of git's that nothing leads to stay there."""
        with self.lock:
            self.world, self._past = moment.world, deque(moment.past, maxlen=_REMEMBERED)
            for repository in self.world.repositories.values():
                repository.git.point_head(repository.default_branch)
                for ref in repository.git.refs().keys() - repository.refs.keys():
                    repository.git.put_ref(ref, "")
                for ref, sha in repository.refs.items():
                    repository.git.put_ref(ref, sha)

    def _api_path(self, request: Request) -> str | None:
        """The path below the API's base, None for git over HTTP and for paths beside the base."""
        base = "/api/v3" if self.site.enterprise_server else ""
        if git_http.is_git(request.path) or not request.path.startswith(f"{base}/"):
            return None
        return request.path.removeprefix(base)

    def _token(self, request: Request) -> Token:
        return self.keyring.authenticate(request.headers.get("authorization", ""), self.site.clock())

    def _act(self, request: Request, world: World, *, keep: bool) -> Response:
        if git_http.is_git(request.path):
            return self._git(request, world, keep=keep)
        token = NOBODY
        try:
            token = self._token(request)
            response = self._endpoint(request, token, world, keep=keep)
        except Refused as refused:
            response = _refusal(refused)
        except Exception:
            # The fake's own fault: its author has to see it, and the client gets what a broken server says.
            response = Response(500, {"message": "the fake failed", "traceback": traceback.format_exc()})
        return self._dressed(request, token, response)

    def _endpoint(self, request: Request, token: Token, world: World, *, keep: bool) -> Response:
        path = self._api_path(request)
        if path is None:
            raise not_found()
        if keep and path != _FREE:
            self.limits.spend(token.account, self.site.clock())
        found, parameters = routes.find("GET" if request.method == "HEAD" else request.method, path)
        reads = request.method in ("GET", "HEAD")
        changed = world if reads else world.fork(parameters.get("repo", ""))
        response = found.call(Call(changed, token, request, parameters, self.keyring, self.limits))
        if not reads and keep:
            self._past.append(world)
            self.world = changed
        return self._tagged(request, token, response) if reads else response

    def _tagged(self, request: Request, token: Token, response: Response) -> Response:
        """Conditional requests: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api."""
        if response.status != 200:
            return response
        whom = f"{token.kind}{token.login}".encode()
        tag = f'W/"{hashlib.sha256(whom + response.content).hexdigest()}"'
        if request.headers.get("if-none-match") in (tag, tag.removeprefix("W/")):
            self.limits.refund(token.account)
            response = Response(304)
        response.headers["ETag"] = tag
        return response

    def _git(self, request: Request, world: World, *, keep: bool) -> Response:
        try:
            token = self._token(request)
            forked = world.fork(git_http.repository_name(request.path))
            response = git_http.answer(forked, token, request)
        except Refused as refused:
            return git_http.refusal(refused)
        if keep and request.method == "POST" and request.path.endswith("/git-receive-pack"):
            self._past.append(world)
            self.world = forked
        return response

    def _dressed(self, request: Request, token: Token, response: Response) -> Response:
        """With the headers that every answer has."""
        headers = {
            "X-GitHub-Request-Id": f"{next(self._numbers):08X}",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": request.headers.get("x-github-api-version", "2022-11-28"),
            **self.limits.headers(token.account, self.site.clock()),
        }
        if response.body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if token.kind == "classic":
            headers["X-OAuth-Scopes"] = ", ".join(token.scopes)
        if self.site.enterprise_server:
            headers["X-GitHub-Enterprise-Version"] = self.site.version
        response.headers = {**headers, **response.headers}
        return response


def _refusal(refused: Refused) -> Response:
    return Response(refused.status, refused.body, dict(refused.headers))
