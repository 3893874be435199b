"""Ports on this machine, short questions to what listens there, and waiting for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

from platformctl.errors import ToolFailed
from platformctl.stack.child import Child

HOST: Final = "127.0.0.1"
_STEP: Final = 0.05
"""Seconds between two looks."""


def free_port() -> int:
    """A port that nobody listens on. Somebody else may take it before it is used."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def get(url: str, timeout: float = 5) -> tuple[int, bytes]:
    """Status and body of a GET; no proxy is asked. Raises OSError when nobody answers."""
    place = urlsplit(url)
    with closing(HTTPConnection(place.hostname or HOST, place.port, timeout=timeout)) as connection:
        try:
            connection.request("GET", f"{place.path or '/'}?{place.query}" if place.query else place.path or "/")
            answer = connection.getresponse()
            return answer.status, answer.read()
        except HTTPException as problem:
            raise ConnectionError(f"no HTTP: {problem!r}") from None


def answers(url: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        return get(url)[0] == 200
    except OSError:
        return False


def listens(port: int) -> bool:
    """Whether somebody takes connections."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def wait_until(ready: Callable[[], bool], child: Child, seconds: float, what: str) -> None:
    """Wait until a child is ready. Raises `ToolFailed` with the end of its log when it ends, or does not get there."""
    until = time.monotonic() + seconds
    while not ready():
        if not child.running:
            raise ToolFailed(
                f"{what} ended with code {child.code}; its log ends with: {_end(child)}", where=str(child.log)
            )
        if time.monotonic() > until:
            raise ToolFailed(
                f"{what} is not ready after {seconds:g} s; its log ends with: {_end(child)}", where=str(child.log)
            )
        time.sleep(_STEP)


def wait_or_end(ready: Callable[[], bool], child: Child, seconds: float, what: str) -> None:
    """`wait_until` for a child that nobody else would end: it is, at once, whatever is raised."""
    try:
        wait_until(ready, child, seconds, what)
    except BaseException:
        child.stop(0)
        raise


def _end(child: Child) -> str:
    return " | ".join(line.strip() for line in child.said(5).splitlines() if line.strip()) or "nothing"
