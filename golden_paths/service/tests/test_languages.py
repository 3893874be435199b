"""A service is the same in every language, where it counts: for whoever calls, scrapes, reads logs and follows traces.

Both are rendered, made by their own Makefiles, started, and asked the same.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import asked
import made
import pytest
from asked import PARENT, REQUESTS, TRACE_ID, Seen
from made import Answer, running, samples, until

if shutil.which("go") is None or shutil.which("make") is None:
    pytest.skip("go and make have to be on PATH", allow_module_level=True)

LANGUAGES: Final = ("python", "go")
FREE: Final = ("/items/0", "/items/x")
"""Paths that are refused in the words of each language's own validation."""


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A service in each language with what it needs, made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "languages"
    root.mkdir(exist_ok=True)
    found = {language: root / language for language in LANGUAGES}
    with made.once(root, "render") as mine:
        if mine:
            for language, folder in found.items():
                asked.add_crash(language, made.render(language, folder))
            made.download(found["go"])
            done = made.make(found["python"], "venv")
            assert done.returncode == 0, done.stdout + done.stderr
    return found


@pytest.fixture(scope="session")
def seen(folders: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Seen]:
    """What both services show when they are asked the same."""
    logs = tmp_path_factory.mktemp("logs")
    return {language: asked.look(folders[language], folders["python"], logs / language) for language in LANGUAGES}


@pytest.mark.parametrize("version", [pytest.param(made.VERSIONS[0], marks=pytest.mark.soak), made.NEWEST])
def test_its_own_tests_pass_in_python(folders: Mapping[str, Path], tmp_path: Path, version: str) -> None:
    """In the environment of the newest version, which needs what the oldest one needs; the one for Go is elsewhere."""
    folder = made.render("python", tmp_path, version)
    needed = [(one / "requirements.lock").read_bytes() for one in (folder, folders["python"])]
    assert needed[0] == needed[1]
    programs = folders["python"] / ".venv/bin"
    for command in (["pytest"], ["ruff", "check"], ["ruff", "format", "--check"]):
        done = made.run(folder, str(programs / command[0]), *command[1:])
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_in_python_has_what_it_needs(folders: Mapping[str, Path], tmp_path: Path) -> None:
    """With the files that .dockerignore lets through, by the commands that the Dockerfile has."""
    folder, python = folders["python"], str(folders["python"] / ".venv/bin/python")
    for name in (line[1:] for line in (folder / ".dockerignore").read_text().splitlines() if line.startswith("!")):
        copy = shutil.copytree if (folder / name).is_dir() else shutil.copy
        copy(folder / name, tmp_path / name)
    text = (folder / "Dockerfile").read_text()
    (listing,) = re.findall(r"^RUN (python3 -c .*) > dependencies\.txt \\$", text, re.MULTILINE)
    wanted = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["dependencies"]
    assert made.run(tmp_path, "sh", "-c", listing).stdout.splitlines() == wanted != []

    main = tmp_path / "app" / "main.py"
    main.chmod(0o600)
    (command,) = re.findall(r"^RUN (chmod .* compileall .*)$", text, re.MULTILINE)
    done = made.run(tmp_path, "sh", "-c", command.replace("/opt/service/bin/python", python))
    assert done.returncode == 0, done.stderr
    assert main.stat().st_mode & 0o777 == 0o644 and [*main.parent.glob("__pycache__/main.*.pyc")]

    refused = made.run(tmp_path, python, "-m", "app", PORT="x")
    assert refused.returncode != 0 and f'File "{tmp_path}/app/settings.py"' in refused.stderr


def both(seen: Mapping[str, Seen], what: str) -> tuple[Any, Any]:
    """One thing as Python and as Go show it."""
    python, go = (getattr(seen[language], what) for language in LANGUAGES)
    assert python and go
    return python, go


class TestForCallers:
    @pytest.mark.parametrize(("method", "path"), REQUESTS)
    def test_the_answers_are_the_same(self, seen: Mapping[str, Seen], method: str, path: str) -> None:
        python, go = (seen[language].answers[method, path] for language in LANGUAGES)
        if path in FREE:
            python, go = (Answer(answer.status, answer.content_type, "detail") for answer in (python, go))
        assert go == python

    def test_the_description_is_of_the_same_interface(self, seen: Mapping[str, Seen]) -> None:
        python, go = both(seen, "openapi")
        assert go["info"] == python["info"]
        for paths in (go["paths"], python["paths"]):
            paths.pop("/crash", None)
            assert "/drill/failure" not in paths
        assert interface(go) == interface(python)


def interface(openapi: Mapping[str, Any]) -> dict[str, Any]:
    """Paths, methods, parameters and what comes back when all is well, without what only one generator says."""
    found: dict[str, Any] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            found[f"{method} {path}"] = plain(
                {
                    "description": operation["description"],
                    "parameters": operation.get("parameters", []),
                    "answer": operation["responses"]["200"]["content"],
                }
            )
    return found | {"Item": plain(openapi["components"]["schemas"]["Item"])}


def plain(schema: Any) -> Any:
    """Without titles."""
    if isinstance(schema, dict):
        return {key: plain(value) for key, value in schema.items() if key != "title"}
    return [plain(value) for value in schema] if isinstance(schema, list) else schema


class TestForWhoProvesIt:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_drill_looks_like_a_bug(self, seen: Mapping[str, Seen], language: str) -> None:
        shown = seen[language]
        bug, drill = (shown.answers["GET", path] for path in ("/crash", "/drill/failure"))
        assert drill == bug == Answer(500, "text/plain; charset=utf-8", "Internal Server Error")
        counts = {
            dict(labels)["http_route"]: value
            for (name, labels), value in samples(shown.exposition).items()
            if name == "http_server_request_duration_seconds_count"
            and dict(labels)["http_response_status_code"] == "500"
        }
        assert counts == {"/crash": 1, "/drill/failure": 1}
        assert {line["http_route"] for line in shown.access if line["level"] == "ERROR"} == counts.keys()
        spans = {span["name"]: (span["status"], span["events"]) for span in shown.spans}
        assert spans["GET /drill/failure"] == spans["GET /crash"]


class TestForPrometheus:
    def test_names_labels_buckets_and_counts_are_the_same(self, seen: Mapping[str, Seen]) -> None:
        """Only how long it took may differ, and `_created`, which one library adds."""
        python, go = (platforms(samples(text)) for text in both(seen, "exposition"))
        assert go.keys() == python.keys()
        assert len({name for name, _ in go}) == 5
        counts = [key for key in go if not key[0].endswith(("_sum", "_bucket"))]
        assert [go[key] for key in counts] == [python[key] for key in counts]

    def test_types_and_help_are_the_same(self, seen: Mapping[str, Seen]) -> None:
        python, go = (described(text) for text in both(seen, "exposition"))
        assert go == python
        assert len(go) == 6

    def test_the_process_is_measured(self, seen: Mapping[str, Seen]) -> None:
        wanted = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds"}
        for text in both(seen, "exposition"):
            assert wanted <= {name for name, _ in samples(text)}


def platforms(found: Mapping[tuple[str, Any], float]) -> dict[tuple[str, Any], float]:
    """The samples that dashboards and alerts stand on."""
    return {
        key: value
        for key, value in found.items()
        if key[0].startswith(("http_server_", "service_")) and not key[0].endswith("_created")
    }


def described(exposition: str) -> set[str]:
    """What is said about the platform's metrics."""
    lines = re.findall(r"^# (?:HELP|TYPE) (?:http_server|service)_.*$", exposition, re.MULTILINE)
    return {line for line in lines if "_created " not in line}


class TestForWhoReadsLogs:
    def test_a_requests_fields_are_the_same_in_the_same_order(self, seen: Mapping[str, Seen]) -> None:
        python, go = both(seen, "access")
        assert [list(line) for line in go] == [list(line) for line in python]
        own = ("timestamp", "span_id", "duration_seconds")
        assert [without(line, *own) for line in go] == [without(line, *own) for line in python]
        assert {line["trace_id"] for line in go} == {TRACE_ID}

    def test_an_errors_fields_are_the_same_in_the_same_order(self, seen: Mapping[str, Seen]) -> None:
        """Types and stacks are each language's own. A drill is an error like any other."""
        python, go = both(seen, "errors")
        assert [list(line) for line in go] == [list(line) for line in python]
        own = ("timestamp", "span_id", "exception_type", "exception_stacktrace")
        assert [without(line, *own) for line in go] == [without(line, *own) for line in python]
        assert [line["exception_message"] for line in go] == ["a bug", "this is a drill"]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_runbooks_search_finds_errors(self, seen: Mapping[str, Seen], folders: Any, language: str) -> None:
        runbook = (folders[language] / "docs" / "runbook.md").read_text(encoding="utf-8")
        (pattern,) = re.findall(r"grep '(.*)'", runbook)
        found = [line for line in seen[language].raw_log.splitlines() if pattern in line]
        assert {json.loads(line)["logger"] for line in found} == {"app.error", "app.access"}


def without(line: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A log line without fields of which only the form is the same."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
    assert re.fullmatch(r"[0-9a-f]{16}", line["span_id"])
    return {key: value for key, value in line.items() if key not in names}


class TestForWhoFollowsTraces:
    def test_spans_are_the_same(self, seen: Mapping[str, Seen]) -> None:
        """By OTLP over gRPC, all of them before the process ends, each the child of the caller's span."""
        python, go = both(seen, "spans")
        own = ("service.instance.id", "telemetry.sdk.language", "telemetry.sdk.version")
        for span in (*python, *go):
            assert all(span["resource"].pop(name) for name in own)
        assert go == python
        assert {(span["trace_id"], span["parent_span_id"]) for span in go} == {(TRACE_ID, PARENT)}


class TestForWhoRunsIt:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_ends_with_make(self, folders: Mapping[str, Path], tmp_path: Path, language: str) -> None:
        """Who stops `make run` by its process id, as an editor does, is not left with a port in use."""
        with running(folders[language], tmp_path / "log") as service:
            service.process.send_signal(signal.SIGTERM)
            service.process.wait(15)
            assert until(lambda: not service.answers(), 3)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_protocol_that_is_not_built_in_is_named(self, folders: Mapping[str, Path], language: str) -> None:
        given = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
        done = made.make(folders[language], "run", f"PORT={made.free_port()}", **given)
        assert done.returncode != 0
        assert "OTEL_EXPORTER_OTLP_PROTOCOL is" in done.stdout + done.stderr

    def test_the_targets_are_the_same(self, folders: Mapping[str, Path]) -> None:
        """But for `venv`, which Go has no need of."""
        python, go = (
            set(re.findall(r"^make (\w+)", made.make(folders[name], "help").stdout, re.M)) for name in LANGUAGES
        )
        assert go == python - {"venv"}
        assert {"test", "run", "lint", "doctor", "help"} <= go
