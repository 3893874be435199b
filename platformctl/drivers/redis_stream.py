"""Events are entries of a Redis stream that a consumer group works on.

Settings: `variable` (the service's environment variable for the URL), `stream`, `group`, and the fields by which an
entry is `good` or `failing`, beside its `body`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from platformctl.adoption.signs import Signs
from platformctl.drivers.pace import paced
from platformctl.errors import BadRecipe, ToolFailed
from platformctl.model import Json
from platformctl.stack.redis import Redis
from platformctl.stack.tools import Tools

_TEXTS: Final = ("variable", "stream", "group")
_FIELDS: Final = ("good", "failing")
_BODY: Final = "a drill"
_PATIENCE: Final = 30.0
"""Seconds after the last entry in which all have to be worked on."""
_STEP: Final = 0.03
"""Seconds between two looks, and after the last one: an entry is acknowledged a moment before it is counted."""


class RedisStream:
    """Adds entries to a stream of a Redis of its own, and waits until the group has worked on them."""

    TOOLS: ClassVar[Sequence[str]] = ("redis-server", "redis-cli")
    # Whoever consumes from another queue is still nearer to a consumer than to anything else.
    SIGNS: ClassVar[Signs] = Signs(
        calls={
            "python": ("xreadgroup", "XREADGROUP", "xautoclaim", "basic_consume", "start_consuming"),
            "go": ("XReadGroup", "XAutoClaim"),
        },
        hints={
            "python": (
                "redis",
                "aioredis",
                "walrus",
                "celery",
                "dramatiq",
                "rq",
                "arq",
                "kafka-python",
                "confluent-kafka",
                "aiokafka",
                "pika",
                "aio-pika",
                "nats-py",
            ),
            "go": (
                "github.com/redis/go-redis",
                "github.com/go-redis/redis",
                "github.com/segmentio/kafka-go",
                "github.com/ibm/sarama",
                "github.com/nats-io/nats.go",
                "github.com/rabbitmq/amqp091-go",
            ),
        },
    )

    def __init__(self, settings: Mapping[str, Json]) -> None:
        wrong = [name for name in _TEXTS if not (isinstance(settings.get(name), str) and settings[name])]
        wrong += [name for name in _FIELDS if not isinstance(settings.get(name), Mapping)]
        if wrong:
            raise BadRecipe(f"proof.drive.{wrong[0]} is not said", hint=f"A stream has {', '.join(_TEXTS + _FIELDS)}")
        self._settings = settings
        self._redis: Redis | None = None

    def open(self, tools: Tools, folder: Path) -> Mapping[str, str]:
        self._redis = Redis.start(tools, folder)
        return {self._settings["variable"]: self._redis.url}

    def drive(self, service_url: str, fails: Sequence[bool], pace: float = 0, traceparent: str = "") -> None:
        assert self._redis is not None
        more = {"traceparent": traceparent} if traceparent else {}
        for failing in paced(fails, pace):
            fields = {"body": _BODY, **self._settings["failing" if failing else "good"], **more}
            words = [str(word) for pair in fields.items() for word in pair]
            self._redis.cli("XADD", self._settings["stream"], "*", *words)
        until = time.monotonic() + _PATIENCE
        while left := self._left(self._redis):
            if time.monotonic() > until:
                where = f"stream {self._settings['stream']}"
                raise ToolFailed(f"after {_PATIENCE:g} s {left} entries are not worked on", where=where)
            time.sleep(_STEP)
        time.sleep(_STEP)

    def _left(self, redis: Redis) -> int:
        """How many entries the group has not finished, those in hand included."""
        groups = redis.cli("XINFO", "GROUPS", self._settings["stream"])
        group = next((one for one in groups if one["name"] == self._settings["group"]), None)
        if group is None:
            return int(redis.cli("XLEN", self._settings["stream"]))
        return int(group["pending"]) + int(group["lag"] or 0)

    def close(self) -> None:
        if self._redis is not None:
            self._redis.stop()
