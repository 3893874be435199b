"""Any log line is a JSON object with the platform's fields.

The platform owns this file: change it in the golden path, not here.
"""

import logging

from starlette.applications import Starlette

from app.settings import Settings
from tests.platform.observed import LogReader, only


def test_any_value_can_be_logged(app: Starlette, log_lines: LogReader) -> None:
    circle: list[object] = []
    circle.append(circle)
    extra = {"ratio": float("nan"), "circle": circle, "set": {1}, "team": "other"}
    logging.getLogger("odd").warning("a\nb 😀 \ud800", extra=extra)
    line = only(log_lines(), "odd")

    assert line["message"] == "a\nb 😀 \ud800"
    assert line["ratio"] == "nan"
    assert line["team"] == Settings.team


def test_the_servers_log(app: Starlette, log_lines: LogReader) -> None:
    extra = {"color_message": "\x1b[1mstarted\x1b[0m"}
    logging.getLogger("uvicorn.error").info("started", extra=extra)
    line = only(log_lines(), "uvicorn.error")

    assert line["message"] == "started"
    assert (line["trace_id"], line["span_id"]) == ("", "")
    assert "color_message" not in line
