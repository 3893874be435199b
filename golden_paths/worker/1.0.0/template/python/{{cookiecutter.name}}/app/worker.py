"""The application class that every worker is an instance of.

The platform owns this file: change it in the golden path, not here.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.consumer import Consumer
from app.settings import Settings
from app.telemetry import build_info, drill, logs, metrics, traces
from app.telemetry.health import CHECK_TIMEOUT_SECONDS, Health

logger = logging.getLogger(__name__)

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


class Worker(Starlette):
    """A consumer that the platform can watch: it answers probes and scrapes.

    `lifespan` opens what the worker needs and closes it again; in between it takes
    messages, and is ready if the queue answers and the checks of its `health` pass.
    """

    def __init__(
        self, settings: Settings, consumer: Consumer, lifespan: Lifespan | None = None
    ) -> None:
        logs.configure(settings)
        build_info.configure(settings)
        metrics.configure(consumer.queue.destination)
        self._tracer_provider = traces.configure(settings)
        self._inner_lifespan = lifespan or (lambda app: nullcontext())
        if settings.drill:
            consumer.handler = drill.rehearsed(consumer.handler)
        self._consumer = consumer
        self.health = Health()
        self.health.add_check("queue", consumer.queue.ping)
        super().__init__(
            lifespan=self._run,
            routes=[
                Route("/healthz", self.health.live),
                Route("/readyz", self.health.ready),
                Route("/metrics", self._metrics),
            ],
        )

    async def _metrics(self, request: Request) -> Response:
        """Answer a scrape; what waits is looked up, or left out if that fails."""
        destination = self._consumer.queue.destination
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                backlog = await self._consumer.queue.backlog()
        except Exception:
            logger.warning("the backlog is unknown", exc_info=True)
            metrics.QUEUE_MESSAGES.clear()
            metrics.OLDEST_MESSAGE_AGE.clear()
        else:
            metrics.QUEUE_MESSAGES.labels(destination).set(backlog.messages)
            metrics.OLDEST_MESSAGE_AGE.labels(destination).set(
                backlog.oldest_age_seconds
            )
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @asynccontextmanager
    async def _run(self, app: Starlette) -> AsyncIterator[None]:
        try:
            async with self._inner_lifespan(app):
                consuming = asyncio.create_task(self._consumer.run())
                self.health.state = "running"
                yield
                self.health.state = "stopping"
                self._consumer.stop()
                await consuming
        finally:
            await self._close()

    async def _close(self) -> None:
        try:
            await self._consumer.queue.close()
        except Exception:
            logger.warning("the queue was not left in order", exc_info=True)
        await asyncio.to_thread(self._tracer_provider.force_flush)
