"""Run the worker: `python -m app`."""

import uvicorn

from app.main import create_app
from app.settings import Settings


def main() -> None:
    settings = Settings.from_env()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        # Probes and scrapes in progress get this long, then the message in hand its own
        # time (30 s), then the last traces 10 s; the orchestrator's patience (60 s)
        # must cover all three.
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
