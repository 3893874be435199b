"""Run the service: `python -m app`."""

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
        # Requests in progress get this long, then the last traces as long again; the
        # orchestrator's patience (30 s, less 5 s of notice) must cover both.
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
