"""What the environment tells the service."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The service's settings. The defaults are for running it by hand."""

    service: str = "{{ cookiecutter.name }}"
    team: str = "{{ cookiecutter.team }}"
    environment: str = "local"
    tier: str = "{{ cookiecutter.tier }}"
    version: str = "dev"
    host: str = "0.0.0.0"
    port: int = 8080
    log_level: str = "INFO"
    otlp_endpoint: str = ""
    drill: bool = False
    """Whether it can be made to fail on purpose, for `platformctl prove`."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings from environment variables."""
        return cls(
            service=environ.get("SERVICE_NAME", cls.service),
            team=environ.get("SERVICE_TEAM", cls.team),
            environment=environ.get("SERVICE_ENVIRONMENT", cls.environment),
            tier=environ.get("SERVICE_TIER", cls.tier),
            version=environ.get("SERVICE_VERSION", cls.version),
            host=environ.get("HOST", cls.host),
            port=int(environ.get("PORT", cls.port)),
            log_level=environ.get("LOG_LEVEL", cls.log_level).upper(),
            otlp_endpoint=environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", cls.otlp_endpoint),
            drill=environ.get("SERVICE_DRILL") == "on",
        )
