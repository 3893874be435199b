"""Settings come from the environment.

The platform owns this file: change it in the golden path, not here.
"""

import pytest

from app.settings import Settings


def test_settings_come_from_the_environment() -> None:
    environment = {
        "SERVICE_NAME": "some-api",
        "SERVICE_TEAM": "some-team",
        "SERVICE_ENVIRONMENT": "staging",
        "SERVICE_TIER": "batch",
        "SERVICE_VERSION": "1.2.3",
        "HOST": "127.0.0.1",
        "PORT": "9000",
        "LOG_LEVEL": "debug",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-collector:4317",
        "SERVICE_DRILL": "on",
    }

    assert Settings.from_env(environment) == Settings(
        service="some-api",
        team="some-team",
        environment="staging",
        tier="batch",
        version="1.2.3",
        host="127.0.0.1",
        port=9000,
        log_level="DEBUG",
        otlp_endpoint="http://otel-collector:4317",
        drill=True,
    )


@pytest.mark.parametrize("value", ["", "off", "true", "ON"])
def test_a_drill_is_on_or_it_is_off(value: str) -> None:
    assert not Settings.from_env({"SERVICE_DRILL": value}).drill
    assert not Settings.from_env({}).drill
