"""Events are requests. Settings: `good` and `failing`, each a method and a path, as `GET /openapi.json`.

A good request is answered with a status below 400, a failing one with 500 or more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import urlsplit

from platformctl.adoption.signs import Signs
from platformctl.drivers.pace import paced
from platformctl.errors import BadRecipe, ToolFailed
from platformctl.model import Json
from platformctl.stack.tools import Tools

_REQUEST: Final = re.compile(r"([A-Z]+) (/\S*)")
_ANSWER: Final = 30.0
"""Seconds that a request may take."""


class Http:
    """Sends requests, one after the other over one connection."""

    TOOLS: ClassVar[Sequence[str]] = ()
    SIGNS: ClassVar[Signs] = Signs(
        libraries={
            "python": (
                "fastapi",
                "flask",
                "django",
                "starlette",
                "litestar",
                "quart",
                "sanic",
                "tornado",
                "falcon",
                "bottle",
                "pyramid",
                "connexion",
                "uvicorn",
                "gunicorn",
                "hypercorn",
            ),
            "go": (
                "github.com/gin-gonic/gin",
                "github.com/labstack/echo",
                "github.com/go-chi/chi",
                "github.com/gorilla/mux",
                "github.com/gofiber/fiber",
                "github.com/julienschmidt/httprouter",
                "github.com/valyala/fasthttp",
                "github.com/danielgtaylor/huma",
            ),
        },
        calls={
            "python": ("web.run_app(", "http.server", "wsgiref.simple_server"),
            "go": ("ListenAndServe(", "http.Server{", "http.Serve("),
        },
        hints={"python": ("aiohttp", "werkzeug")},
    )

    def __init__(self, settings: Mapping[str, Json]) -> None:
        self._requests = {fails: _request(settings, name) for fails, name in ((False, "good"), (True, "failing"))}

    def open(self, tools: Tools, folder: Path) -> Mapping[str, str]:
        return {}

    def drive(self, service_url: str, fails: Sequence[bool], pace: float = 0, traceparent: str = "") -> None:
        place = urlsplit(service_url)
        headers = {"traceparent": traceparent} if traceparent else {}
        with closing(HTTPConnection(place.hostname or "", place.port, timeout=_ANSWER)) as connection:
            for failing in paced(fails, pace):
                method, path = self._requests[failing]
                try:
                    connection.request(method, path, headers=headers)
                    answer = connection.getresponse()
                    answer.read()
                except (OSError, HTTPException) as problem:
                    raise ToolFailed(f"{method} {path} is not answered: {problem}", where=service_url) from None
                if failing and answer.status < 500:
                    raise ToolFailed(f"{method} {path} should fail and is answered {answer.status}", where=service_url)
                if not failing and answer.status >= 400:
                    raise ToolFailed(f"{method} {path} is answered {answer.status}", where=service_url)

    def close(self) -> None:
        """Nothing is left open."""


def _request(settings: Mapping[str, Json], name: str) -> tuple[str, str]:
    if found := _REQUEST.fullmatch(str(settings.get(name))):
        return found[1], found[2]
    raise BadRecipe(f"proof.drive.{name} is no method and path", hint="Write it as: GET /openapi.json")
