"""The table of endpoints: each declares its method, path and what it needs, and the server finds it there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, unquote

from platformctl.testing.github import access
from platformctl.testing.github.body import Body
from platformctl.testing.github.errors import not_found
from platformctl.testing.github.limits import Limits
from platformctl.testing.github.repository import Repository
from platformctl.testing.github.tokens import Keyring, Token
from platformctl.testing.github.world import Site, World
from platformctl.testing.wire.exchange import Request, Response

_PER_PAGE: Final = 30
_PER_PAGE_LIMIT: Final = 100
_WITH_SLASHES: Final = ("path", "ref", "branch", "basehead")
"""Parameters that reach over slashes: https://docs.github.com/rest/git/refs#get-a-reference and others."""


@dataclass
class Call:
    """One request to one endpoint, with whom it comes from and the world it meets."""

    world: World
    token: Token
    request: Request
    parameters: dict[str, str]
    keyring: Keyring
    limits: Limits
    added: dict[str, str] = field(default_factory=dict)
    """Headers that the answer gets."""

    @property
    def site(self) -> Site:
        """Where the forge stands."""
        return self.world.site

    @cached_property
    def body(self) -> Body:
        """The request's JSON."""
        return Body.parsed(self.request.body)

    @cached_property
    def repository(self) -> Repository:
        """The repository in the path."""
        return self.world.repository(self.parameters["owner"], self.parameters["repo"])

    @property
    def repository_url(self) -> str:
        """The API's URL of it."""
        return f"{self.site.url}/repos/{self.repository.full_name}"

    def __getitem__(self, parameter: str) -> str:
        return self.parameters[parameter]

    def query(self, name: str, default: str = "") -> str:
        """A parameter of the query."""
        return self.request.query.get(name, default)

    def page(self, items: list[Any], size: int = _PER_PAGE) -> list[Any]:
        """One page of a list; the Link header leads to the others.

        https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        size = min(max(_number(self.query("per_page"), size), 1), _PER_PAGE_LIMIT)
        page, last = max(_number(self.query("page"), 1), 1), max(-(-len(items) // size), 1)
        targets = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        wanted = (
            (["prev"] if page > 1 else []) + (["next", "last"] if page < last else []) + (["first"] if page > 1 else [])
        )
        others = "".join(f"{key}={quote(value)}&" for key, value in self.request.query.items() if key != "page")
        links = [f'<{self.site.url}{self.request.path}?{others}page={targets[rel]}>; rel="{rel}"' for rel in wanted]
        if links:
            self.added["Link"] = ", ".join(links)
        return items[(page - 1) * size : page * size]


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() else default


@dataclass(frozen=True)
class Route:
    """One endpoint."""

    method: str
    template: str
    needs: str
    scope: str
    answer: Callable[[Call], Any]
    pattern: re.Pattern[str]

    @property
    def of_repository(self) -> bool:
        """Whether its path names a repository."""
        return "{owner}/{repo}" in self.template

    def call(self, call: Call) -> Response:
        """The answer, once the caller was found to be allowed to ask."""
        if self.of_repository and self.needs:
            access.allow(call.world, call.token, call.repository, self.needs, self.scope)
        elif self.needs:
            call.world.organisation(call["org"])
            hidden = self.template.count("{") > 1
            access.allow_organisation(call.world, call.token, self.needs, self.scope, hidden)
        answer = self.answer(call)
        response = answer if isinstance(answer, Response) else Response(200, answer)
        response.headers.update(call.added)
        return response


ROUTES: Final[list[Route]] = []
"""Every endpoint, filled as the modules below `api` load."""


def route(
    method: str, template: str, needs: str = "metadata:read", scope: str = ""
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Declare an endpoint.

    `needs` is the permission of fine-grained tokens and apps, empty when anybody may ask; `scope` is what a classic
    token needs beyond `repo`. What the function gives is the body of a 200, or a whole response.
    """

    def declared(answer: Callable[[Call], Any]) -> Callable[[Call], Any]:
        parts = re.split(r"\{(\w+)\}", template)
        names = [f"(?P<{name}>{'.+' if name in _WITH_SLASHES else '[^/]+'})" for name in parts[1::2]]
        pattern = "".join(re.escape(literal) + name for literal, name in zip(parts[::2], [*names, ""], strict=True))
        ROUTES.append(Route(method, template, needs, scope, answer, re.compile(pattern)))
        ROUTES.sort(key=lambda route: route.template.count("/") - 2 * route.template.count("{"), reverse=True)
        return answer

    return declared


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The endpoint of a path with the path's parameters; GitHub's 404 when there is none."""
    for candidate in ROUTES:
        if candidate.method == method and (match := candidate.pattern.fullmatch(path)):
            return candidate, {name: unquote(value) for name, value in match.groupdict().items()}
    raise not_found()
