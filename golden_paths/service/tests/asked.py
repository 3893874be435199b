"""What a service shows from outside when it is asked everything that matters."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from made import Answer, running, until

TRACE_ID: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT: Final = "00f067aa0ba902b7"
TRACED: Final = {"traceparent": f"00-{TRACE_ID}-{PARENT}-01"}

CRASH: Final[Mapping[str, tuple[str, str, str]]] = {
    "python": (
        "app/routes.py",
        '@router.get("/")',
        '@router.get("/crash")\nasync def crash() -> None:\n    raise RuntimeError("a bug")\n\n\n@router.get("/")',
    ),
    "go": (
        "app/routes.go",
        '\tservice.HandleFunc("GET /{$}"',
        '\tservice.HandleFunc("GET /crash", func(http.ResponseWriter, *http.Request) {\n\t\tpanic("a bug")\n\t})\n'
        '\tservice.HandleFunc("GET /{$}"',
    ),
}
"""A route that fails, as a team might write it: file, what stands there, what replaces it."""

REQUESTS: Final = (
    ("GET", "/healthz"),
    ("HEAD", "/healthz"),
    ("POST", "/healthz"),
    ("GET", "/readyz"),
    ("POST", "/metrics"),
    ("GET", "/"),
    ("GET", "/items/1"),
    ("GET", "/items/99"),
    ("GET", "/items/0"),
    ("GET", "/items/x"),
    ("POST", "/items/1"),
    ("BREW", "/items/1"),
    ("GET", "/no/such/path"),
    ("GET", "/crash"),
    ("GET", "/drill/failure"),
    ("POST", "/drill/failure"),
)


@dataclass(frozen=True)
class Seen:
    """All that could be seen of one service from outside."""

    answers: Mapping[tuple[str, str], Answer]
    openapi: Mapping[str, Any]
    exposition: str
    access: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    raw_log: str
    spans: list[dict[str, Any]]


def add_crash(language: str, folder: Path) -> None:
    """Give a service a route that fails."""
    file, before, after = CRASH[language]
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (folder / file).write_text(text.replace(before, after), encoding="utf-8")


def look(folder: Path, python: Path, log: Path) -> Seen:
    """Start a service with the drill on, ask everything, stop it; in `python`'s environment there is a collector."""
    with (
        collector(python, log.with_suffix(".spans")) as (endpoint, spans),
        running(folder, log, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, SERVICE_DRILL="on") as service,
    ):
        answers = {(method, path): service.ask(method, path, **TRACED) for method, path in REQUESTS}
        observed = [path for _, path in REQUESTS if path not in ("/healthz", "/readyz", "/metrics")]
        assert until(lambda: len(service.lines("app.access")) >= len(observed)), log.read_text()
        exposition = service.ask("GET", "/metrics")
        assert (exposition.status, exposition.content_type.split(";")[0]) == (200, "text/plain")
        access, errors = service.lines("app.access"), service.lines("app.error")
        openapi = service.ask("GET", "/openapi.json")
        assert openapi.status == 200
        service.stop()
        told = [json.loads(line) for line in spans.read_text().splitlines()[1:]]
        sent = [span for span in told if span["attributes"]["url.path"] != 'string_value: "/openapi.json"']
    return Seen(answers, json.loads(openapi.body), exposition.body, access, errors, log.read_text(), sent)


@contextmanager
def collector(python: Path, out: Path) -> Iterator[tuple[str, Path]]:
    """A collector for traces, and the file that gets a line for each span."""
    command = [str(python / ".venv/bin/python"), str(Path(__file__).with_name("otlp_sink.py"))]
    with out.open("wb") as file, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file) as process:
        try:
            assert until(lambda: out.read_text().endswith("\n"))
            yield f"http://127.0.0.1:{out.read_text().splitlines()[0]}", out
        finally:
            process.communicate(timeout=10)
