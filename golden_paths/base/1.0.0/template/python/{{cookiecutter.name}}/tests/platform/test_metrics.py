"""A scrape tells what every dashboard and alert stands on.

The platform owns this file: change it in the golden path, not here.
"""

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app.settings import Settings
from app.telemetry.buckets import BUCKETS


def test_a_scrape_says_what_is_running(client: TestClient) -> None:
    response = client.get("/metrics")
    parsed = text_string_to_metric_families(response.text)
    families = {family.name: family for family in parsed}

    assert response.headers["content-type"].startswith("text/plain")
    (build_info,) = families["service_build_info"].samples
    assert build_info.value == 1
    assert build_info.labels == {
        "service": Settings.service,
        "team": Settings.team,
        "environment": "test",
        "tier": Settings.tier,
        "version": "1.2.3",
    }
    assert "process_cpu_seconds" in families


def test_durations_have_the_bounds_that_objectives_can_be_at() -> None:
    assert list(BUCKETS) == [
        *(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75),
        *(1, 2.5, 5, 7.5, 10),
    ]
