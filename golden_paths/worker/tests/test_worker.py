"""What this golden path gives is a worker that works: its own targets pass, and at a real Redis it loses nothing.

The worker is rendered once and gets a handler that does what a message says. Redis is the one on PATH, else Debian's.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml

from platformctl.locks import held
from platformctl.renderers.scaffold import Scaffold
from tests.debian import unpacked
from tests.hcl import evaluate

ROOT: Final = Path(__file__).parents[2]
NAME: Final = "payments-worker"
VALUES: Final[Mapping[str, Any]] = {
    "name": NAME,
    "team": "payments",
    "team_name": "Payments",
    "description": 'Books "payments", {{ 7*7 }}',
    "language": "python",
    "tier": "standard",
    "visibility": "internal",
    "organisation": "acme",
    "registry": "registry.example.org/acme",
    "base_image": "registry.example.org/acme/base-python",
    "on_call": "",
    "depends_on": [],
    "slo": {"availability": 99.9, "latency_seconds": 0.5, "waiting_seconds": 300},
    "events": "messages",
    "golden_path": "worker",
    "golden_path_version": "1.0.0",
    "environments": ["staging"],
}
HANDLER: Final = '''\
"""Does what a message says."""

import asyncio
import json
import logging

from app.queue import Message

logger = logging.getLogger(__name__)


async def handle(message: Message) -> None:
    order = json.loads(message.body)
    logger.info("begun", extra={"number": order["number"]})
    await asyncio.sleep(order.get("seconds", 0))
    if order.get("fail"):
        raise ValueError("told to fail")
    logger.info("finished", extra={"number": order["number"]})
'''
TRACE_ID: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT: Final = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


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
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """An environment without what these tests themselves run in; `python3` is the one that runs them."""
    alien = (
        "PLATFORMCTL_",
        "GIT_",
        "PYTEST_",
        "SERVICE_",
        "QUEUE_",
        "REDIS_",
        "OTEL_",
        "MAKE",
        "MFLAGS",
        "VIRTUAL_ENV",
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(alien)}
    return kept | {"PYTHON": sys.executable} | more


def redis_environment() -> dict[str, str]:
    """An environment in which redis-server and redis-cli can be run."""
    if shutil.which("redis-server") and shutil.which("redis-cli"):
        return environment()
    root = unpacked("redis-server", "redis-tools", "liblzf1", "libjemalloc2")
    libraries = os.pathsep.join(str(folder) for folder in sorted(root.glob("usr/lib/*-linux-gnu")))
    return environment(PATH=f"{root / 'usr/bin'}{os.pathsep}{os.environ['PATH']}", LD_LIBRARY_PATH=libraries)


def write(folder: Path) -> None:
    """Render the worker into a folder."""
    scaffold = Scaffold(ROOT / "worker" / "1.0.0", ROOT / "base" / "1.0.0")
    for path, file in scaffold.render({"templates": ["template/common", "template/python"], "values": VALUES}).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A worker with the packages that it needs, from PyPI. Made once for all processes of pytest."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / NAME
    with held(folder.with_suffix(".lock"), f"making {NAME}", timeout=300):
        if not (folder / ".venv" / "installed").exists():
            write(folder)
            made = subprocess.run(
                ["make", "venv"],
                cwd=folder,
                env=environment(),
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert made.returncode == 0, made.stdout + made.stderr
    return folder


def make(folder: Path, target: str, env: Mapping[str, str]) -> str:
    """What a target prints; it has to pass."""
    done = subprocess.run(
        ["make", target], cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class TestTheDevelopersTargets:
    def test_its_tests_pass_without_a_redis(self, rendered: Path, tmp_path: Path) -> None:
        """With nothing on PATH but what `make` needs."""
        for name in ("make", "sh", "awk", "touch"):
            (tmp_path / name).symlink_to(str(shutil.which(name)))
        said = make(rendered, "test", environment(PATH=str(tmp_path)))
        assert re.search(r"\d{2} passed, [1-9]\d* skipped", said), said

    def test_its_tests_pass_at_a_real_redis(self, rendered: Path) -> None:
        said = make(rendered, "test", redis_environment())
        assert re.search(r"\d{2} passed", said), said
        assert "skipped" not in said

    def test_its_lint_passes(self, rendered: Path) -> None:
        assert "already formatted" in make(rendered, "lint", environment())


@dataclass(frozen=True)
class Redis:
    """A server of its own, with nothing in it."""

    server: subprocess.Popen[bytes]
    port: int
    env: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def ask(self, *command: str) -> Any:
        """The answer to a command."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), "--json", *command],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def send(self, *orders: Mapping[str, Any], **headers: str) -> None:
        """Put orders into the worker's stream."""
        beside = [text for header in headers.items() for text in header]
        for order in orders:
            self.ask("XADD", NAME, "*", "body", json.dumps(order), *beside)

    def answers(self) -> bool:
        """Whether it listens."""
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    port, env = free_port(), redis_environment()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with (tmp_path / "redis.log").open("wb") as log:
        server = subprocess.Popen(["redis-server", *options], env=env, stdout=log, stderr=log)
    found = Redis(server, port, env)
    try:
        assert until(lambda: found.answers() or server.poll() is not None), (tmp_path / "redis.log").read_text()
        assert server.poll() is None, (tmp_path / "redis.log").read_text()
        yield found
    finally:
        server.kill()
        server.wait(10)


@dataclass
class Running:
    """A worker in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    seen: dict[str, list[float]] = field(default_factory=dict)
    """What each gauge was at each scrape."""

    def get(self, path: str) -> tuple[int, str]:
        """Ask it."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def ready(self) -> bool:
        """Whether it is ready."""
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def metric(self, name: str, **labels: str) -> float:
        """One sample."""
        inside = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        series = f"{name}{{{inside}}} " if inside else f"{name} "
        lines = self.get("/metrics")[1].splitlines()
        found = [float(line.removeprefix(series)) for line in lines if line.startswith(series)]
        assert len(found) <= 1
        return found[0] if found else 0.0

    def waiting(self) -> float:
        """How many messages wait, noted down."""
        for name in ("messaging_queue_messages", "messaging_queue_oldest_message_age_seconds"):
            self.seen.setdefault(name, []).append(self.metric(name, messaging_destination_name=NAME))
        return self.seen["messaging_queue_messages"][-1]

    def lines(self, message: str = "") -> list[dict[str, Any]]:
        """Its log so far; with a message, only those lines. All of it is JSON."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if not message or line["message"] == message]

    def numbers(self, message: str) -> list[int]:
        """The orders with such a line."""
        return [line["number"] for line in self.lines(message)]

    def stop(self, number: int) -> None:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        self.process.wait(20)


@contextmanager
def running(rendered: Path, redis: Redis, log: Path, **env: str) -> Iterator[Running]:
    """A worker that takes messages; nothing of it is left in the end."""
    clone = log.with_suffix("")
    shutil.copytree(rendered / "app", clone / "app")
    (clone / "app" / "handler.py").write_text(HANDLER)
    port = free_port()
    given = {"HOST": "127.0.0.1", "PORT": str(port), "REDIS_URL": redis.url, "SERVICE_VERSION": "1.2.3"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            # The clone comes before what is installed: the working folder is first.
            [str(rendered / ".venv/bin/python"), "-m", "app"],
            cwd=clone,
            env=environment(**given, **env),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    found = Running(process, port, log)
    try:
        assert until(lambda: found.ready() or process.poll() is not None), log.read_text()
        assert process.poll() is None, log.read_text()
        yield found
    finally:
        process.kill()
        process.wait(10)


def orders(numbers: Sequence[int], **more: Any) -> list[dict[str, Any]]:
    """Orders with these numbers."""
    return [{"number": number, **more} for number in numbers]


class TestAtARealRedis:
    def test_what_waits_goes_up_and_down_again(self, rendered: Path, redis: Redis, tmp_path: Path) -> None:
        """Sent before the first worker came, too."""
        redis.send(*orders([1, 2, 3], seconds=0.2))
        with running(rendered, redis, tmp_path / "worker.log") as worker:
            redis.send(*orders([4, 5, 6], seconds=0.3), traceparent=TRACEPARENT)
            assert until(lambda: worker.waiting() == 0)
            waiting, ages = worker.seen.values()
            assert max(waiting) >= 2, waiting
            assert waiting == [*sorted(waiting, reverse=True)], "nothing was sent while it was looked at"
            assert max(ages) > 0.2
            assert ages[-1] == 0
            assert worker.numbers("finished") == [1, 2, 3, 4, 5, 6]
            labels = {"messaging_destination_name": NAME, "messaging_operation_name": "process", "error_type": ""}
            assert worker.metric("messaging_process_duration_seconds_count", **labels) == 6
            assert worker.metric("messaging_process_duration_seconds_sum", **labels) > 1.4
            build = {"service": NAME, "team": "payments", "environment": "local", "tier": "standard"}
            assert worker.metric("service_build_info", **build, version="1.2.3") == 1
            assert worker.metric("process_resident_memory_bytes") > 0
            traces = [line["trace_id"] for line in worker.lines("finished")]
            assert traces[3:] == [TRACE_ID] * 3
            assert TRACE_ID not in traces[:3]

    def test_a_message_that_always_fails_ends_among_the_dead(
        self, rendered: Path, redis: Redis, tmp_path: Path
    ) -> None:
        tries = {"QUEUE_ATTEMPTS": "3", "QUEUE_RETRY_SECONDS": "0.1"}
        with running(rendered, redis, tmp_path / "worker.log", **tries) as worker:
            redis.send(*orders([1], fail=True), traceparent=TRACEPARENT)
            redis.send(*orders([2]))
            assert until(lambda: redis.ask("XLEN", f"{NAME}.dead") == 1)
            ((_, letter),) = redis.ask("XRANGE", f"{NAME}.dead", "-", "+")
            kept = dict(zip(letter[::2], letter[1::2], strict=True))
            assert json.loads(kept.pop("body")) == {"number": 1, "fail": True}
            assert re.fullmatch(r"\d+-\d+", kept.pop("dead_letter_id"))
            assert kept == {
                "traceparent": TRACEPARENT,
                "dead_letter_reason": "ValueError",
                "dead_letter_attempts": "3",
            }
            labels = {"messaging_destination_name": NAME, "messaging_operation_name": "process"}
            count = "messaging_process_duration_seconds_count"
            assert worker.metric(count, **labels, error_type="ValueError") == 3
            assert until(lambda: worker.waiting() == 0)
            assert worker.numbers("finished") == [2], "it holds nobody up"

    def test_a_drill_fails_or_succeeds_as_a_message_says(self, rendered: Path, redis: Redis, tmp_path: Path) -> None:
        """As a proof sets it up: each failing message is one failed attempt, and dead at once."""
        proof = {"SERVICE_DRILL": "on", "QUEUE_ATTEMPTS": "1"}
        with running(rendered, redis, tmp_path / "worker.log", **proof) as worker:
            redis.send(*orders([1, 2]), drill="failure", traceparent=TRACEPARENT)
            redis.send(*orders([3, 4, 5]), drill="success")
            redis.send(*orders([6]))
            assert until(lambda: worker.numbers("finished") == [6] and worker.waiting() == 0), worker.log.read_text()
            assert redis.ask("XLEN", f"{NAME}.dead") == 2
            labels = {"messaging_destination_name": NAME, "messaging_operation_name": "process"}
            count = "messaging_process_duration_seconds_count"
            assert worker.metric(count, **labels, error_type="RuntimeError") == 2
            assert worker.metric(count, **labels, error_type="") == 4
            assert [line["trace_id"] for line in worker.lines("unhandled exception")] == [TRACE_ID] * 2

    def test_sigterm_finishes_what_is_in_hand_and_leaves_the_rest(
        self, rendered: Path, redis: Redis, tmp_path: Path
    ) -> None:
        redis.send(*orders(range(6), seconds=0.3))
        with running(rendered, redis, tmp_path / "first.log") as first:
            assert until(lambda: 1 in first.numbers("begun"))
            first.stop(signal.SIGTERM)
            done = first.numbers("finished")
            assert done == first.numbers("begun")
            assert 0 < len(done) < 6
            assert redis.ask("XPENDING", NAME, NAME)[0] == 0
            assert redis.ask("XINFO", "CONSUMERS", NAME, NAME) == []
        with running(rendered, redis, tmp_path / "second.log") as second:
            assert until(lambda: second.waiting() == 0)
            assert [*done, *second.numbers("finished")] == [0, 1, 2, 3, 4, 5], "each once"

    def test_a_kill_loses_nothing_either(self, rendered: Path, redis: Redis, tmp_path: Path) -> None:
        """What was in hand comes to another worker, once the first must be dead."""
        redis.send(*orders(range(3), seconds=0.2))
        impatient = {"QUEUE_TIMEOUT_SECONDS": "0.5"}
        with running(rendered, redis, tmp_path / "first.log", **impatient) as first:
            assert until(lambda: first.numbers("begun"))
            first.stop(signal.SIGKILL)
            assert redis.ask("XPENDING", NAME, NAME)[0] == 1
        with running(rendered, redis, tmp_path / "second.log", **impatient) as second:
            assert until(lambda: second.waiting() == 0)
            assert sorted({*first.numbers("finished"), *second.numbers("finished")}) == [0, 1, 2]
            assert redis.ask("XLEN", f"{NAME}.dead") == 0

    def test_without_the_queue_it_lives_and_is_not_ready(self, rendered: Path, redis: Redis, tmp_path: Path) -> None:
        with running(rendered, redis, tmp_path / "worker.log") as worker:
            redis.server.kill()
            assert until(lambda: not worker.ready())
            assert worker.get("/readyz") == (503, '{"status":"failing","checks":["queue"]}')
            assert worker.get("/healthz")[0] == 200
            assert "messaging_queue_messages{" not in worker.get("/metrics")[1]
            worker.stop(signal.SIGTERM)
            assert worker.lines("the queue failed")
            assert worker.lines("the queue was not left in order")


KUBERNETES: Final = "1.32"
OF_OPERATORS: Final = {"ExternalSecret", "ScaledObject"}
"""Kinds that Kubernetes itself does not have."""
MODULE: Final = """\
module "worker" {
  source      = "./modules/worker"
  name        = "payments-worker"
  team        = "payments"
  environment = "staging"
  tier        = "high-availability"
}
"""


def test_kubernetes_accepts_the_manifests(tmp_path: Path) -> None:
    """Those of KEDA and of External Secrets have no schema here; the module's own tests say what is in them."""
    shutil.copytree(ROOT / "modules", tmp_path / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    (tmp_path / "main.tf").write_text(MODULE)
    program = shutil.which("terraform") or shutil.which("tofu") or pytest.skip("neither terraform nor tofu is on PATH")
    subprocess.run([program, "init", "-input=false"], cwd=tmp_path, env=environment(), check=True, capture_output=True)
    manifests = [yaml.safe_load(text) for text in evaluate(tmp_path, "module.worker.manifests").values()]
    assert {manifest["kind"] for manifest in manifests} > OF_OPERATORS
    assert len(manifests) == 15
    for manifest in manifests:
        if manifest["kind"] not in OF_OPERATORS:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
