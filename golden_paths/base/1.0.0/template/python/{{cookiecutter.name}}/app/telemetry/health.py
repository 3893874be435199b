"""Health: is the process alive, and should it get requests?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse

logger = logging.getLogger(__name__)

Check = Callable[[], Awaitable[object]]

CHECK_TIMEOUT_SECONDS = 1.0


class Health:
    """The service's state, and the checks that must pass for it to be ready."""

    def __init__(self) -> None:
        self.state: Literal["starting", "running", "stopping"] = "starting"
        self._checks: dict[str, Check] = {}

    def add_check(self, name: str, check: Check) -> None:
        """Have `/readyz` await the check each time.

        The check fails by raising, or by taking longer than a second. Check only what
        the service cannot do without: all its replicas become unready together.
        """
        self._checks[name] = check

    async def live(self, request: Request) -> JSONResponse:
        """Answer `/healthz`: 200 for as long as the process can answer at all."""
        return JSONResponse({"status": "alive"})

    async def ready(self, request: Request) -> JSONResponse:
        """Answer `/readyz`: 200 while it runs and its checks pass, else 503."""
        if self.state != "running":
            return JSONResponse({"status": self.state}, status_code=503)
        failing = await self._failing_checks()
        if failing:
            return JSONResponse({"status": "failing", "checks": failing}, 503)
        return JSONResponse({"status": "ready"})

    async def _failing_checks(self) -> list[str]:
        results = await asyncio.gather(
            *(_run(check) for check in self._checks.values()), return_exceptions=True
        )
        failing = []
        for name, result in zip(self._checks, results, strict=True):
            if isinstance(result, BaseException):
                failing.append(name)
                logger.warning("readiness check %s failed", name, exc_info=result)
        return failing


async def _run(check: Check) -> None:
    async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
        await check()
