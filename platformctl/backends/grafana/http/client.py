"""Requests to one Grafana: with patience where that helps, and with errors that say what to do.

The token is looked up when the first request is sent, goes to the configured address alone, and is in no error.
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException, SSLError, Timeout

from platformctl.errors import BadConfig, NoAccess, ToolFailed
from platformctl.model import Json
from platformctl.port import Usage, Wait

PAUSES: Final = (0.2, 0.4, 0.8, 1.6)
"""Seconds before the second and each further try while failures may pass by themselves; with jitter."""
_PASSING: Final = frozenset({500, 502, 503, 504})
_BUSY: Final = 429
_LONGEST: Final = 60.0
"""Seconds that one request waits in all because Grafana, or what stands before it, asks for it."""
_TOKEN: Final = re.compile(r"[!-~]+")
"""What a header can carry: https://www.rfc-editor.org/rfc/rfc6750#section-2.1"""
_MESSAGE: Final = 300
"""Characters of a server's message that are repeated."""


class Refused(ToolFailed):
    """Grafana said no: `status` is HTTP's."""

    def __init__(self, status: int, what: str, **about: Any) -> None:
        super().__init__(what, **about)
        self.status = status


class Conflict(Refused):
    """A 409 or 412: somebody else has changed it, or the name is taken."""


class Unsure(ToolFailed):
    """A write whose fate is not known: the answer was lost, or the server was in trouble."""


class Client:
    """One Grafana, as `grafana` in platform.yaml names it.

    Raises `NoAccess` when the token is missing or does not suffice, `Refused` for what the server will not do, `Unsure`
    for a write whose fate is not known, `BadConfig` when the address is not Grafana's, and `ToolFailed` otherwise.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.url = str(settings["url"]).rstrip("/")
        self.wait: Wait = lambda _, seconds: time.sleep(seconds)
        self._variable = str(settings["token"]).removeprefix("env:")
        self._timeout = float(settings["timeout_seconds"])
        self._here = threading.local()
        self._lock = threading.Lock()
        self._requests = self._writes = 0
        self._waited = 0.0

    @property
    def token(self) -> str:
        """The token itself. Raises `NoAccess`."""
        found = os.environ.get(self._variable, "").strip()
        hint = f"Put a Grafana service account's token into it: export {self._variable}=…"
        if not found:
            raise NoAccess(f"{self._variable} is not set", hint=hint)
        if not _TOKEN.fullmatch(found):
            raise NoAccess(f"what {self._variable} holds is no token", hint=hint)
        return found

    def get(self, path: str, absent: Collection[int] = (404,)) -> Any:
        """The answer's JSON, or None for a status that means that it is not there."""
        for pause in (*PAUSES, 0.0):
            try:
                answer = self._sent("GET", path, None)
                if answer.status_code in absent:
                    return None
                return self._read(answer, f"GET {path}")
            except Unsure as failure:
                if not pause:
                    raise ToolFailed(failure.what, where=failure.where, hint=failure.hint) from None
            rest(pause)
        raise AssertionError("unreachable")

    def send(self, verb: str, path: str, body: Json = None) -> Any:
        """One write, once; gives the answer's JSON."""
        return self._read(self._sent(verb, path, body), f"{verb} {path}")

    def usage(self) -> Usage:
        """What was asked until now."""
        return Usage("Grafana", self._requests, self._writes, None, self._waited)

    def _sent(self, verb: str, path: str, body: Json) -> requests.Response:
        """The answer, once the server no longer asks for patience."""
        waited = 0.0
        while True:
            with self._lock:
                self._requests += 1
                self._writes += verb != "GET"
            try:
                answer = self._session.request(
                    verb, f"{self.url}{path}", json=body, timeout=self._timeout, allow_redirects=False
                )
            except SSLError:
                hint = "REQUESTS_CA_BUNDLE names a file of the authorities to trust"
                raise ToolFailed("Grafana's certificate is not accepted", where=self.url, hint=hint) from None
            except (Timeout, NoConnection) as failure:
                what = "did not answer in time" if isinstance(failure, Timeout) else "cannot be reached"
                hint = "Is it there? See grafana.url and grafana.timeout_seconds"
                raise Unsure(f"Grafana {what}", where=self.url, hint=hint) from None
            except RequestException as failure:
                kind = type(failure).__name__
                raise ToolFailed(f"Grafana cannot be asked: {kind}", where=self.url, hint="See grafana.url") from None
            if answer.status_code != _BUSY:
                return answer
            seconds = _asked_for(answer)
            if waited + seconds > _LONGEST:
                raise ToolFailed(f"Grafana asks to wait {seconds:.0f} s", where=self.url, hint="Run it again then")
            waited += seconds
            with self._lock:
                self._waited += seconds
            self.wait("Grafana asks for a pause", seconds)

    @property
    def _session(self) -> requests.Session:
        """Of this thread: sessions are not for several."""
        if not hasattr(self._here, "session"):
            session = requests.Session()
            session.headers.update({"User-Agent": "platformctl", "Accept": "application/json"})
            # As `auth`, and not as a header, which a .netrc would replace.
            session.auth = _Bearer(self.token)
            self._here.session = session
        found: requests.Session = self._here.session
        return found

    def _read(self, answer: requests.Response, request: str) -> Any:
        status = answer.status_code
        if status in _PASSING:
            raise Unsure(f"Grafana answered {request} with {status}", where=self.url)
        if 300 <= status < 400:
            parts = urlsplit(answer.headers.get("location", ""))
            other = f"{parts.scheme}://{parts.hostname}" if parts.hostname else parts.path
            raise BadConfig(f"what answers there redirects to {other}", where=self.url, hint="Correct grafana.url")
        if status == 401:
            hint = f"It may have expired or been deleted: put a new one into {self._variable}"
            raise NoAccess("Grafana does not accept the token", where=self.url, hint=hint)
        if status >= 400:
            what = f"Grafana refused {request}: {self._message(answer)}"
            if status == 403:
                raise NoAccess(what, where=self.url, hint="See platformctl doctor --platform")
            raise (Conflict if status in (409, 412) else Refused)(status, what, where=self.url)
        try:
            return answer.json()
        except ValueError:
            raise BadConfig("what answers there is not Grafana", where=self.url, hint="Correct grafana.url") from None

    def _message(self, answer: requests.Response) -> str:
        """What a refusal says, in one line and without the token, whoever repeats it."""
        try:
            said = answer.json()
        except ValueError:
            said = None
        message = said.get("message") if isinstance(said, dict) else ""
        text = " ".join(str(message or f"status {answer.status_code}").split()).rstrip(".")
        return text.replace(self.token, "…")[:_MESSAGE]


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def rest(seconds: float) -> None:
    """Wait about so long, so that those who failed together do not come back together."""
    time.sleep(seconds * random.uniform(0.75, 1.5))  # noqa: S311 - jitter, not a secret


def _asked_for(answer: requests.Response) -> float:
    after = answer.headers.get("retry-after", "")
    return float(after) if after.isdigit() else 1.0
