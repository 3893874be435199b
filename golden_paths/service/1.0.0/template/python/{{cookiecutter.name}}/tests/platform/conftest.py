"""The service with the platform's own routes, so that its tests hold for any service.

The platform owns this file: change it in the golden path, not here.
"""

import logging

import pytest
from fastapi import APIRouter, BackgroundTasks, HTTPException

from app.telemetry import Service


@pytest.fixture
def app(app: Service) -> Service:
    router = APIRouter(prefix="/platform-test")

    @router.get("/things/{thing}")
    async def read_thing(thing: str) -> str:
        logging.getLogger("thing").info("read", extra={"thing": thing})
        return thing

    @router.get("/crash")
    async def crash() -> None:
        raise RuntimeError("a\nbug")

    @router.get("/unavailable")
    async def refuse() -> None:
        raise HTTPException(503)

    @router.get("/crash-later")
    async def crash_later(tasks: BackgroundTasks) -> None:
        tasks.add_task(crash)

    app.include_router(router)
    return app
