"""What tests see of the app: its log lines and its spans.

The platform owns this file: change it in the golden path, not here.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette

LogReader = Callable[[], list[dict[str, Any]]]

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> LogReader:
    """Read the log lines since the last reading; anything but JSON is an error."""
    # A line that another thread was writing can have left its end for this reading.
    return lambda: [
        json.loads(line)
        for line in capsys.readouterr().out.removeprefix("\n").splitlines()
    ]


@pytest.fixture
def spans(app: Starlette) -> InMemorySpanExporter:
    """Collect the spans that the app makes."""
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def only(lines: list[dict[str, Any]], logger: str) -> dict[str, Any]:
    """Return the logger's line, of which there must be exactly one."""
    (line,) = [line for line in lines if line["logger"] == logger]
    return line
