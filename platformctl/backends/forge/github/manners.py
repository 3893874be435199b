"""How GitHub is asked: paced, counted, with patience where that helps, and with errors that say what to do.

PyGithub's requester sends the requests. Its own throttle (0.25 s a request, 1 s a write) and its own retries, which
sleep in silence, are replaced by this.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from github.Requester import Requester
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException, Timeout

from platformctl.errors import NoAccess, ToolFailed
from platformctl.port import Wait

ATTEMPTS: Final = 5
"""How often a request is sent while its failures may pass by themselves."""
_PAUSE: Final = 0.2
"""Seconds before the second try; doubled each time, with jitter."""
_PASSING: Final = frozenset({500, 502, 503, 504})
_SECONDARY: Final = 60.0
"""Seconds to wait when GitHub does not say how long:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""
_BURST: Final = 40
"""Writes that may follow one another at once. GitHub takes 80 a minute that make content:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"""
_WRITES_PER_SECOND: Final = 1.0


class Refused(ToolFailed):
    """GitHub said no: `status` is HTTP's, `codes` are those of its errors."""

    def __init__(self, status: int, body: Any, request: str) -> None:
        said = body if isinstance(body, dict) else {}
        self.status = status
        self.errors = [error for error in said.get("errors") or () if isinstance(error, dict)]
        texts = [str(error["message"]) for error in self.errors if error.get("message")]
        texts += [error for error in said.get("errors") or () if isinstance(error, str)]
        message = "; ".join([str(said.get("message") or f"status {status}").rstrip("."), *texts])
        super().__init__(f"GitHub refused {request}: {message}" if request else message)
        self.message = message


class Meter:
    """What was asked by all threads together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0
        self.writes = 0
        self.waited = 0.0
        self.remaining: int | None = None
        self.scopes: list[str] | None = None
        """The scopes of a classic token, once something was answered; None for other credentials."""
        self._tokens = float(_BURST)
        self._since = time.monotonic()

    def count(self, verb: str) -> float:
        """Count a request that is about to be sent; gives the seconds to wait before, so that writes are paced."""
        with self._lock:
            self.requests += 1
            if verb == "GET":
                return 0.0
            self.writes += 1
            now = time.monotonic()
            self._tokens = min(_BURST, self._tokens + (now - self._since) * _WRITES_PER_SECOND) - 1
            self._since = now
            return max(0.0, -self._tokens / _WRITES_PER_SECOND)

    def note(self, headers: Mapping[str, Any]) -> None:
        """Remember what the server says about its limit, and about the credential."""
        if (scopes := headers.get("x-oauth-scopes")) is not None:
            self.scopes = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        if (left := headers.get("x-ratelimit-remaining", "")).isdigit():
            self.remaining = int(left)


class Courteous(Requester):
    """PyGithub's requester with manners. One for each thread: PyGithub's connections are not shared between threads.

    Raises `Refused` for what the server will not do, `NoAccess` when a credential does not suffice, `ToolFailed` when
    the server cannot be reached or the wait that it asks for is longer than `ceiling` seconds.
    """

    meter: Meter
    wait: Wait
    ceiling: float
    explain: Callable[[Mapping[str, Any]], str]
    """Says from the headers of a refusal which permission is missing."""

    def requestJson(  # noqa: N802 - PyGithub's name
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        input: Any | None = None,
        cnx: Any = None,
        follow_302_redirect: bool = False,
    ) -> tuple[int, dict[str, Any], str]:
        request = f"{verb} {url}"
        pause = _PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            if (pace := self.meter.count(verb)) > 0:
                self.wait("GitHub takes one write a second for long", pace)
            try:
                status, found, text = super().requestJson(
                    verb, url, parameters, headers, input, cnx, follow_302_redirect
                )
            except (Timeout, NoConnection) as failure:
                if attempt == ATTEMPTS or not _repeatable(verb, url):
                    raise self._unreachable(failure, again=attempt < ATTEMPTS) from None
            except RequestException as failure:
                raise self._unreachable(failure, again=False) from None
            else:
                self.meter.note(found)
                if asked := _asked_to_wait(status, found, text):
                    if attempt == ATTEMPTS:
                        break
                    self._be_patient(*asked)
                    continue
                if status == 401:
                    raise NoAccess(
                        "GitHub does not accept the credential",
                        where=self.base_url,
                        hint="It may have expired or been revoked: give a new one, see forge.credential",
                    )
                if status == 403:
                    raise self._forbidden(request, found, text)
                if status not in _PASSING:
                    return status, found, text
                if attempt == ATTEMPTS or not _repeatable(verb, url):
                    raise ToolFailed(
                        f"GitHub answered {request} with {status}", where=self.base_url, transient=attempt < ATTEMPTS
                    )
            time.sleep(pause * random.uniform(0.75, 1.5))  # noqa: S311 - jitter, not a secret
            pause *= 2
        raise ToolFailed(f"GitHub asked to wait {ATTEMPTS} times for {request}", where=self.base_url)

    @classmethod
    def createException(cls, status: int, headers: dict[str, Any], output: Any) -> Any:  # noqa: N802
        """What PyGithub raises for a status of 400 and more."""
        return Refused(status, output, "")

    def _be_patient(self, why: str, seconds: float) -> None:
        if self.meter.waited + seconds > self.ceiling:
            until = time.strftime("%H:%M:%S", time.localtime(time.time() + seconds))
            raise ToolFailed(
                f"GitHub asks to wait {seconds:.0f} s, until {until} ({why})",
                where=self.base_url,
                hint=f"Wait and run it again, or raise forge.max_wait_seconds ({self.ceiling:.0f}) in platform.yaml",
            )
        self.meter.waited += seconds
        self.wait(f"GitHub asks for a pause ({why})", seconds)

    def _unreachable(self, failure: RequestException, *, again: bool) -> ToolFailed:
        what = "did not answer in time" if isinstance(failure, Timeout) else "cannot be reached"
        return ToolFailed(
            f"GitHub {what}", where=self.base_url, hint="Is the network there? See forge.api", transient=again
        )

    def _forbidden(self, request: str, headers: Mapping[str, Any], text: str) -> NoAccess:
        if sso := headers.get("x-github-sso", ""):
            place = sso.partition("url=")[2] or "the token's settings on GitHub"
            return NoAccess("the token is not authorised for the organisation's single sign-on", hint=f"See {place}")
        said = Refused(403, _parsed(text), request)
        return NoAccess(said.what, hint=self.explain(headers) or "See platformctl doctor --platform")


def _repeatable(verb: str, url: str) -> bool:
    """Whether a request whose fate is not known may be sent again.

    What is created under a name of its own is refused the second time, and looked for then. Rulesets are looked for
    before each try instead: a second one of the same name might be accepted.
    """
    return not (verb == "POST" and url.endswith("/rulesets"))


def _asked_to_wait(status: int, headers: Mapping[str, Any], text: str) -> tuple[str, float] | None:
    """Why and how many seconds, when the answer is that there were too many requests:
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit"""
    if status not in (403, 429):
        return None
    if (after := str(headers.get("retry-after", ""))).isdigit():
        return "secondary rate limit", float(after)
    if headers.get("x-ratelimit-remaining") == "0":
        return "rate limit", max(1.0, float(headers.get("x-ratelimit-reset", 0)) - time.time() + 1)
    message = str((_parsed(text) or {}).get("message", ""))
    if status == 429 or Requester.isRateLimitError(message):
        return "secondary rate limit", _SECONDARY
    return None


def _parsed(text: str) -> Any:
    import json

    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
