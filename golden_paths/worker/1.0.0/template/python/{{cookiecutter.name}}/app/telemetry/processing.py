"""A span, a measurement and a log line for every message."""

import logging
from time import perf_counter
from types import TracebackType
from typing import Self

from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, StatusCode

from app.queue import Message, Queue
from app.telemetry.metrics import PROCESS_DURATION

OPERATION = "process"

message_logger = logging.getLogger("app.message")
error_logger = logging.getLogger("app.error")
tracer = trace.get_tracer("app.telemetry")


class Processing:
    """One attempt at one message, in a span that goes on with the sender's trace."""

    def __init__(self, queue: Queue, message: Message) -> None:
        self.error_type = ""
        """Why the attempt failed; empty while it has not."""
        self.buried = False
        """Whether the message is among the dead letters now."""
        self._destination = queue.destination
        self._message = message
        self._span_context = tracer.start_as_current_span(
            f"{OPERATION} {queue.destination}",
            context=propagate.extract(dict(message.headers)),
            kind=SpanKind.CONSUMER,
            attributes={
                "messaging.system": queue.system,
                "messaging.destination.name": queue.destination,
                "messaging.operation.name": OPERATION,
                "messaging.operation.type": "process",
                "messaging.message.id": message.id,
            },
        )

    def __enter__(self) -> Self:
        self._started = perf_counter()
        self._span = self._span_context.__enter__()
        return self

    def fail(self, error_type: str) -> None:
        """The attempt failed, for a reason that is no exception."""
        self.error_type = error_type
        self._span.set_attribute("error.type", error_type)
        self._span.set_status(StatusCode.ERROR)

    def fail_with(self, exception: Exception) -> None:
        """The handler raised."""
        self._span.record_exception(exception)
        self.fail(type(exception).__qualname__)
        error_logger.error("unhandled exception", exc_info=exception)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        duration = perf_counter() - self._started
        labels = (self._destination, OPERATION, self.error_type)
        PROCESS_DURATION.labels(*labels).observe(duration)
        if not self.error_type:
            level, outcome = logging.INFO, "done"
        elif not self.buried:
            level, outcome = logging.WARNING, "failed"
        else:
            level, outcome = logging.ERROR, "dead"
        message_logger.log(
            level,
            "%s %s %s",
            OPERATION,
            self._destination,
            outcome,
            extra={
                "messaging_destination_name": self._destination,
                "messaging_operation_name": OPERATION,
                "messaging_message_id": self._message.id,
                "attempt": self._message.attempt,
                "error_type": self.error_type,
                "duration_seconds": round(duration, 6),
            },
        )
        self._span_context.__exit__(kind, exception, traceback)
