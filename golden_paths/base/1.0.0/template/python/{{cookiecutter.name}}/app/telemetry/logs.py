"""Structured logs: one JSON object a line, on stdout."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace

from app.settings import Settings

# What every record carries anyway; the rest came through `extra`. `color_message`
# is uvicorn's second, coloured copy of its message.
_STANDARD_ATTRIBUTES = {
    *vars(logging.makeLogRecord({})),
    "message",
    "asctime",
    "taskName",
    "color_message",
}


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON, with the service and the current trace.

    What a caller passes as `extra` becomes further fields of the object.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._service = {
            "service": settings.service,
            "team": settings.team,
            "environment": settings.environment,
            "version": settings.version,
        }

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        timestamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {
            "timestamp": timestamp,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **self._service,
            **_current_trace(),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception_type"] = record.exc_info[0].__qualname__
            line["exception_message"] = str(record.exc_info[1])
            line["exception_stacktrace"] = self.formatException(record.exc_info)
        for name, value in vars(record).items():
            if name not in _STANDARD_ATTRIBUTES:
                line.setdefault(name, value)
        try:
            return json.dumps(line, default=str, allow_nan=False)
        except (TypeError, ValueError):
            # What JSON cannot express is better as text than lost.
            return json.dumps({name: str(value) for name, value in line.items()})


def _current_trace() -> dict[str, str]:
    """The ids of the current span in hexadecimal; empty outside a request."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {"trace_id": "", "span_id": ""}
    return {
        "trace_id": trace.format_trace_id(context.trace_id),
        "span_id": trace.format_span_id(context.span_id),
    }


class StdoutHandler(logging.Handler):
    """Writes to what is stdout at the moment; tests replace it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), flush=True)
        except Exception:
            self.handleError(record)


_handler = StdoutHandler()


def configure(settings: Settings) -> None:
    """Send every logger's records, and Python's warnings, to stdout as JSON."""
    _handler.setFormatter(JsonFormatter(settings))
    root = logging.getLogger()
    root.addHandler(_handler)
    root.setLevel(settings.log_level)
    logging.captureWarnings(True)
