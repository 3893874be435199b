"""The subscription comes from the environment.

The platform owns this file: change it in the golden path, not here.
"""

import pytest

from app.subscription import Subscription


def test_the_subscription_comes_from_the_environment() -> None:
    environment = {
        "REDIS_URL": "rediss://:secret@queue:6380/1",
        "QUEUE_STREAM": "orders",
        "QUEUE_GROUP": "billing",
        "QUEUE_ATTEMPTS": "3",
        "QUEUE_RETRY_SECONDS": "0.5",
        "QUEUE_TIMEOUT_SECONDS": "10",
    }

    assert Subscription.from_env(environment) == Subscription(
        redis_url="rediss://:secret@queue:6380/1",
        stream="orders",
        group="billing",
        attempts=3,
        retry_seconds=0.5,
        timeout_seconds=10,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUEUE_ATTEMPTS", "0"),
        ("QUEUE_RETRY_SECONDS", "0"),
        ("QUEUE_TIMEOUT_SECONDS", "-1"),
    ],
)
def test_a_subscription_that_cannot_work_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Subscription.from_env({name: value})
