"""What the worker takes its messages from, and how patient it is with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Subscription:
    """The worker's place at the queue. The defaults are for running it by hand."""

    redis_url: str = field(default="redis://127.0.0.1:6379/0", repr=False)
    """Holds the password: a secret."""
    stream: str = "{{ cookiecutter.name }}"
    group: str = "{{ cookiecutter.name }}"
    attempts: int = 5
    """How often a message is tried before it goes to the dead-letter stream."""
    retry_seconds: float = 1.0
    """How long a message rests after its first failure; after each more, twice that."""
    timeout_seconds: float = 30.0
    """How long one message may take; then it has failed."""

    @property
    def dead_letter_stream(self) -> str:
        """Where messages go that failed for the last time."""
        return f"{self.stream}.dead"

    @property
    def claim_seconds(self) -> float:
        """How long a message is a worker's own; after that the worker must be dead."""
        return 2 * self.timeout_seconds

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Subscription:
        """Read it from environment variables; `ValueError` for what cannot work."""
        found = cls(
            redis_url=environ.get("REDIS_URL", cls.redis_url),
            stream=environ.get("QUEUE_STREAM", cls.stream),
            group=environ.get("QUEUE_GROUP", cls.group),
            attempts=int(environ.get("QUEUE_ATTEMPTS", cls.attempts)),
            retry_seconds=float(environ.get("QUEUE_RETRY_SECONDS", cls.retry_seconds)),
            timeout_seconds=float(
                environ.get("QUEUE_TIMEOUT_SECONDS", cls.timeout_seconds)
            ),
        )
        if found.attempts < 1:
            raise ValueError("QUEUE_ATTEMPTS must be at least 1")
        if found.retry_seconds <= 0:
            raise ValueError("QUEUE_RETRY_SECONDS must be more than 0")
        if found.timeout_seconds <= 0:
            raise ValueError("QUEUE_TIMEOUT_SECONDS must be more than 0")
        return found
