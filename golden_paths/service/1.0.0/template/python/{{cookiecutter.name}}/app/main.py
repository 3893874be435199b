"""Put the service together."""

from app.routes import router
from app.settings import Settings
from app.telemetry import Service


def create_app(settings: Settings | None = None) -> Service:
    """Build the application; without settings, they are read from the environment.

    What must be open before the first request belongs in a `lifespan` for the
    `Service`; what it cannot be ready without, in a check of its `health`.
    """
    app = Service(settings or Settings.from_env())
    app.include_router(router)
    return app
