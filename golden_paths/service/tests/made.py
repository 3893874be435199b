"""The same service in each language: rendered from the templates, made by its own Makefile, started and asked."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from platformctl.config import Config
from platformctl.home import Home
from platformctl.model import Step
from platformctl.renderers.scaffold import Scaffold
from platformctl.wiring import Wiring

GOLDEN_PATHS: Final = Path(__file__).parents[2]
WIRING: Final = Wiring(Config({"golden_paths": [str(GOLDEN_PATHS)]}, None), Home(Path(os.devnull)))
VERSIONS: Final = WIRING.golden_path("service").versions
NEWEST: Final = VERSIONS[-1]
SETTINGS: Final = {"SERVICE_ENVIRONMENT": "staging", "SERVICE_VERSION": "1.2.3"}


def scaffold(version: str) -> Step:
    """The step of a version's recipe that renders its code."""
    (found,) = (step for step in WIRING.recipe("service", version).steps if step.id == "scaffold")
    return found


def render(language: str, to: Path, version: str = NEWEST, **values: Any) -> Path:
    """Write a service made with the values that its templates have as examples, and others on top."""
    step = scaffold(version)
    templates = ["template/common", f"template/{language}"]
    given: dict[str, Any] = {}
    for folder in [folder / name for name in templates for folder in reversed(step.folders)]:
        if folder.is_dir():
            given |= json.loads((folder / "cookiecutter.json").read_text(encoding="utf-8"))
    without = step.arguments.get("without", {})
    tree = Scaffold(*step.folders).render({"templates": templates, "values": given | values, "without": without})
    for path, file in tree.items():
        target = to / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
    return to


def developer(**more: str) -> dict[str, str]:
    """An environment without what these tests run in; Go takes the modules that are there and nothing else."""
    alien = ("PLATFORMCTL_", "GIT_", "PYTEST_", "SERVICE_", "OTEL_", "MAKE", "MFLAGS", "VIRTUAL_ENV", "GOFLAGS", "LOG_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(alien)}
    return kept | {"PYTHON": sys.executable, "GOTOOLCHAIN": "local", "GOPROXY": "off"} | more


def run(folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a service's folder."""
    return subprocess.run(
        command, cwd=folder, env=developer(**more), capture_output=True, text=True, timeout=300, check=False
    )


def make(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a target of a service's Makefile."""
    return run(folder, "make", *arguments, **more)


def download(folder: Path) -> None:
    """Fetch the modules that go.sum names; afterwards nothing needs a network."""
    command = [shutil.which("go") or "go", "mod", "download"]
    proxy = {"GOPROXY": os.environ["GOPROXY"]} if "GOPROXY" in os.environ else {}
    environment = {key: value for key, value in developer().items() if key != "GOPROXY"} | proxy
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def once(folder: Path, what: str) -> Iterator[bool]:
    """True for the one worker that has to do it; the others wait until it is done."""
    with (folder / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / f"{what}.done"
        yield not done.exists()
        done.touch()


def until(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Wait for something; False when it did not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Answer:
    """What a client sees; of the headers, what both languages have to agree on."""

    status: int
    content_type: str
    body: str


@dataclass(frozen=True)
class Running:
    """A service that listens."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(self, method: str, path: str, **headers: str) -> Answer:
        """Send a request; a refusal is an answer too."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers["content-type"], response.read().decode())

    def answers(self) -> bool:
        """Whether it is ready."""
        try:
            return self.ask("GET", "/readyz").status == 200
        except OSError:
            return False

    def lines(self, logger: str) -> list[dict[str, Any]]:
        """What a logger has said so far."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line["logger"] == logger]

    def stop(self) -> None:
        """SIGTERM to make and all that it started, as a terminal sends it; then wait for the service to be gone."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(15)
        assert until(lambda: "shutdown complete" in self.log.read_text()), self.log.read_text()
        assert until(lambda: not self.answers())


@contextmanager
def running(folder: Path, log: Path, **more: str) -> Iterator[Running]:
    """`make run` on a free port, in a process group of its own; nothing of it is left in the end."""
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=folder,
            env=developer(**SETTINGS, PYTHONUNBUFFERED="1", **more),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    found = Running(process, port, log)
    try:
        assert until(lambda: found.answers() or process.poll() is not None, 120), log.read_text()
        assert process.poll() is None, log.read_text()
        yield found
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def samples(exposition: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of Prometheus' text format by name and labels; bounds are written the same way."""
    found = {}
    for name, labels, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", exposition, re.MULTILINE):
        pairs = [(key, str(float(text)) if key == "le" else text) for key, text in re.findall(r'(\w+)="(.*?)"', labels)]
        found[name, tuple(sorted(pairs))] = float(value)
    return found
