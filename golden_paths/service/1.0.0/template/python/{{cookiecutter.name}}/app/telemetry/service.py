"""The application class that every service is an instance of."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.settings import Settings
from app.telemetry import build_info, drill, logs, metrics, traces
from app.telemetry.health import Health
from app.telemetry.middleware import RequestTelemetry

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Service(FastAPI):
    """A FastAPI application that the platform can watch.

    `lifespan` opens what the service needs and closes it again; in between the service
    is ready, if the checks of its `health` pass.
    """

    def __init__(self, settings: Settings, lifespan: Lifespan | None = None) -> None:
        logs.configure(settings)
        build_info.configure(settings)
        self._tracer_provider = traces.configure(settings)
        self._inner_lifespan = lifespan or (lambda app: nullcontext())
        self.health = Health()
        super().__init__(
            title=settings.service,
            version=settings.version,
            lifespan=self._run,
            # FastAPI can do this too, but would make a second span for each request.
            telemetry={"tracing": False, "metrics": False, "logs": False},
        )
        self.add_route("/healthz", self.health.live)
        self.add_route("/readyz", self.health.ready)
        self.add_route("/metrics", metrics.endpoint)
        if settings.drill:
            self.get("/drill/failure", include_in_schema=False)(drill.failure)

    def build_middleware_stack(self) -> ASGIApp:
        """Put the telemetry around everything, middleware added later included."""
        return RequestTelemetry(super().build_middleware_stack())

    @asynccontextmanager
    async def _run(self, app: FastAPI) -> AsyncIterator[None]:
        try:
            async with self._inner_lifespan(app):
                self.health.state = "running"
                yield
                self.health.state = "stopping"
        finally:
            await asyncio.to_thread(self._tracer_provider.force_flush)
