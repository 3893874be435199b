"""Rate limits, counted for each account: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from platformctl.testing.github.errors import Refused

HOUR: Final = 3600
ANONYMOUS: Final = 60
"""Requests an hour without a token."""


@dataclass
class Limits:
    """Requests that were made in this hour, by account."""

    limit: int = 5000
    _used: dict[str, tuple[int, int]] = field(default_factory=dict)

    def spend(self, account: str, now: datetime) -> None:
        """Count one request. Raises GitHub's 403 when there is none left."""
        used, reset = self._window(account, now)
        if used >= self._of(account):
            raise exceeded(account, self.headers(account, now))
        self._used[account] = (used + 1, reset)

    def refund(self, account: str) -> None:
        """Take one back: an answer that nothing has changed is free."""
        used, reset = self._used[account]
        self._used[account] = (used - 1, reset)

    def headers(self, account: str, now: datetime) -> dict[str, str]:
        """What every answer says of the limit."""
        used, reset = self._window(account, now)
        limit = self._of(account)
        return headers(limit, max(limit - used, 0), reset)

    def resource(self, account: str, now: datetime) -> dict[str, int]:
        """The schema `rate-limit`."""
        used, reset = self._window(account, now)
        limit = self._of(account)
        return {"limit": limit, "used": used, "remaining": max(limit - used, 0), "reset": reset}

    def _window(self, account: str, now: datetime) -> tuple[int, int]:
        used, reset = self._used.get(account, (0, 0))
        return (used, reset) if reset > now.timestamp() else (0, int(now.timestamp()) + HOUR)

    def _of(self, account: str) -> int:
        return self.limit if account else ANONYMOUS


def headers(limit: int, remaining: int, reset: int) -> dict[str, str]:
    """The documented headers; `reset` in seconds since 1970."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(reset),
        "X-RateLimit-Used": str(limit - remaining),
        "X-RateLimit-Resource": "core",
    }


def exceeded(account: str, said: dict[str, str]) -> Refused:
    """The primary limit: 403 with nothing remaining."""
    whom = f"user {account}" if account else "127.0.0.1"
    page = "using-the-rest-api/rate-limits-for-the-rest-api"
    return Refused(403, f"API rate limit exceeded for {whom}.", headers=said, page=page)


def secondary(status: int, seconds: int) -> Refused:
    """The secondary limit: 403 or 429, with Retry-After."""
    page = "using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
    return Refused(
        status, "You have exceeded a secondary rate limit.", headers={"Retry-After": str(seconds)}, page=page
    )
