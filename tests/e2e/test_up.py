"""`up` and `down` with real programs: a service of a real golden path whose Makefile starts a small server instead."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from platformctl.stack.loopback import free_port, get, listens
from tests.e2e.sandbox import Done, World, ended
from tests.programs import programs

SERVER = """\
import http.server, json, os, signal, sys, time

def log(level, message, **fields):
    named = {"service": "base-api", "team": "payments", "environment": os.environ.get("SERVICE_ENVIRONMENT")}
    print(json.dumps({"timestamp": "2026-01-02T03:04:05.678Z", "level": level, "message": message, **named, **fields}),
          flush=True)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/end":
            log("ERROR", "giving up", exception="Traceback:\\n  line 1")
            os._exit(7)
        body = b"service_build_info{version='dev'} 1\\n".replace(b"'", b'"') if self.path == "/metrics" else b"{}"
        self.send_response(200 if self.path in ("/readyz", "/metrics", "/openapi.json") else 404)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

time.sleep(float(os.environ.get("SLOW", 0)))
log("INFO", "began", endpoint=os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"], redis=os.environ.get("REDIS_URL"))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def world(used: World) -> Iterator[World]:
    """A world with a service, and a clone of it around the working folder that takes no time to start."""
    programs(used.bin)
    clone = used.work / "base-api"
    subprocess.run(["git", "clone", "--quiet", used.home / "forge/local/base-api.git", clone], check=True)
    (clone / "server.py").write_text(SERVER)
    (clone / "Makefile").write_text("run:\n\t@exec python3 server.py $(PORT)\n")
    yield used
    used.run("down", "base-api")
    assert used.processes() == []


def until(condition: Callable[[], object], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Up:
    """A `platformctl up` in the foreground, with what it says as it says it."""

    def __init__(self, clone: World, *arguments: str) -> None:
        self.process = clone.start("up", *arguments)
        self.out, self.err = "", ""
        self._readers = [threading.Thread(target=self._read, args=(name,)) for name in ("out", "err")]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str) -> None:
        for line in getattr(self.process, f"std{name}"):
            setattr(self, name, getattr(self, name) + line.decode())

    def place(self, name: str) -> str:
        """Where something is, once that is said."""
        assert until(lambda: "OpenAPI" in self.err or self.process.poll() is not None), self.err
        found = re.search(rf"^  {name} +(\S+)", self.err, re.MULTILINE)
        assert found, self.err
        return found[1]

    def end(self, how: signal.Signals = signal.SIGINT) -> Done:
        """How it ended."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.ended()

    def kill(self) -> None:
        """Have it gone."""
        self.process.kill()
        self.ended()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()

    def ended(self) -> Done:
        """How it ended by itself."""
        self.process.wait(30)
        for reader in self._readers:
            reader.join()
        return Done(self.process.returncode, self.out, self.err)


class Clone(World):
    """The same world, in a clone."""

    def __init__(self, world: World, service: str = "base-api") -> None:
        self._service = service
        super().__init__(world.root, world.path, world.env)

    @property
    def work(self) -> Path:
        return self.root / "work" / self._service


@contextmanager
def up(world: World, *arguments: str) -> Iterator[Up]:
    """One that is up for the length of a block, whatever happens in it."""
    running = Up(Clone(world), *arguments)
    try:
        yield running
    finally:
        running.kill()


def ask(url: str) -> Any:
    return json.loads(get(url)[1])["data"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_service_is_up_with_its_rules_until_it_is_stopped(how: signal.Signals, world: World) -> None:
    with up(world) as running:
        service, prometheus = running.place("service"), running.place("Prometheus")
        assert get(f"{service}/readyz")[0] == 200
        assert running.place("metrics") == f"{service}/metrics"
        assert running.place("OpenAPI") == f"{service}/openapi.json"
        (began,) = map(json.loads, running.out.splitlines())
        assert (began["message"], began["environment"]) == ("began", "staging")
        assert listens(int(began["endpoint"].rpartition(":")[2]))
        assert until(lambda: ask(f"{prometheus}/api/v1/query?query=up")["result"])
        (target,) = ask(f"{prometheus}/api/v1/query?query=up")["result"]
        assert target["metric"].items() >= {"service": "base-api", "environment": "staging"}.items()
        rules = {rule["name"] for group in ask(f"{prometheus}/api/v1/rules")["groups"] for rule in group["rules"]}
        assert {"AvailabilityBudgetBurnsFast", "MetricsAbsent"} <= rules
        done = running.end(how)
    assert (done.code, done.message) == (130, "platformctl: stopped")
    assert "base-api is down: ended the service, alertmanager, prometheus" in done.err
    assert world.processes() == []
    assert sorted(file.name for file in (world.home / "up" / "local").iterdir()) == [".base-api.lock"]


def test_who_asks_again_is_told_where_and_down_ends_it_from_anywhere(world: World) -> None:
    with up(world) as running:
        service = running.place("service")
        again = world.run("up", "base-api")
        assert (again.code, f"service       {service}" in again.out) == (0, True)
        down = world.run("down", "--json")
        result = json.loads(down.out.splitlines()[-1])
        assert (down.code, result["service"], result["data"]) == (0, "base-api", {"was_up": True})
        done = running.ended()
    assert (done.code, done.err.splitlines()[-1].startswith("base-api is down")) == (0, True)
    again = world.run("down", "base-api")
    assert (again.code, again.out) == (0, "base-api was not up\n")


def test_nothing_survives_a_kill_and_what_it_left_is_in_nobodys_way(world: World) -> None:
    with up(world) as running:
        service = running.place("service")
        assert len(world.processes()) >= 5
        running.process.kill()
        assert until(lambda: not world.processes(), 5), world.processes()
    assert (world.home / "up" / "local" / "base-api.json").exists()
    assert world.run("down", "base-api").out == "base-api was not up\n"
    with up(world) as running:
        assert running.place("service") != service
        running.end()


def test_what_ends_by_itself_ends_all_of_it_with_its_last_words(world: World) -> None:
    with up(world) as running:
        with pytest.raises(ConnectionError):
            get(f"{running.place('service')}/end")
        done = running.ended()
    assert done.code == 1
    assert re.search(r"base-api ended with code \d+; its log ends with: .*giving up", done.message)
    assert '"giving up"' in done.out
    assert world.processes() == []


def test_a_worker_has_a_redis_to_take_its_work_from(world: World) -> None:
    done = world.run("new", "worker", "base-worker", "--team", "payments", "--no-input")
    assert done.code == 0, done.err
    clone = Clone(world, "base-worker")
    subprocess.run(["git", "clone", "--quiet", world.home / "forge/local/base-worker.git", clone.work], check=True)
    for file in ("server.py", "Makefile"):
        shutil.copy(world.work / "base-api" / file, clone.work)
    running = Up(clone)
    try:
        redis = running.place("REDIS_URL")
        assert listens(int(redis.rpartition(":")[2].partition("/")[0]))
        assert json.loads(running.out.splitlines()[0])["redis"] == redis
        assert running.end().code == 130
    finally:
        running.kill()
    assert world.processes() == []


def test_a_server_that_ends_is_named(world: World) -> None:
    with up(world) as running:
        running.place("service")
        (prometheus,) = (
            folder.name
            for folder in Path("/proc").glob("[0-9]*")
            if f"{world.root}/home/up/local/base-api/prometheus/prometheus.yml".encode() in read(folder / "cmdline")
        )
        os.kill(int(prometheus), signal.SIGKILL)
        done = running.ended()
    assert (done.code, "prometheus ended with code -9" in done.message) == (1, True)


def read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def test_in_the_background_it_outlives_who_started_it(world: World) -> None:
    done = Clone(world).run("up", "--detach", "--json")
    assert done.code == 0, done.err
    data = json.loads(done.out.splitlines()[-1])["data"]
    assert get(f"{data['places']['service']}/readyz")[0] == 200
    assert os.getsid(data["pid"]) == data["pid"]
    assert "began" in (world.home / "up" / "local" / "base-api.log").read_text()
    assert world.run("down").out == "base-api is down\n"
    assert not listens(int(data["places"]["service"].rpartition(":")[2]))


def test_in_the_background_what_does_not_come_up_says_why(world: World) -> None:
    (Clone(world).work / "Makefile").write_text("run:\n\t@echo no compiler; exit 3\n")
    done = Clone(world).run("up", "--detach")
    assert done.code == 1
    assert re.search(r"base-api does not come up: .*no compiler", done.message)
    assert world.processes() == []


def test_a_stopped_start_in_the_background_leaves_nothing(world: World) -> None:
    world.env["SLOW"] = "30"
    process = Clone(world).start("up", "--detach")
    assert until(lambda: any("server.py" in words for words in world.processes()))
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 130
    assert until(lambda: not world.processes()), world.processes()


def test_down_ends_one_that_is_not_ready_yet(world: World) -> None:
    world.env["SLOW"] = "30"
    with up(world) as running:
        assert until(lambda: any("server.py" in words for words in world.processes()))
        refused = world.run("up", "base-api")
        assert (refused.code, "is being started by process" in refused.message) == (1, True)
        assert world.run("down", "base-api").out == "base-api is down\n"
        assert running.ended().code == 0


def test_a_page_is_told_with_the_key_of_its_team(world: World) -> None:
    shared = world.home / "monitoring" / "local" / "alertmanager.yml"
    shared.write_text(shared.read_text().replace("route:\n", "route:\n  group_wait: 0s\n", 1))
    labels = {"alertname": "It", "severity": "critical", "service": "base-api", "environment": "staging"}
    alert = [{"labels": labels, "annotations": {"summary": "it is broken"}}]
    for arguments in ([], ["--json"]):
        with up(world, *arguments) as running:
            if arguments:
                assert until(lambda: '"type": "result"' in running.out), running.err
                result = next(form for form in map(json.loads, running.out.splitlines()) if form["type"] == "result")
                url = result["data"]["places"]["Alertmanager"]
            else:
                url = running.place("Alertmanager")
            send(f"{url}/api/v2/alerts", alert)
            if arguments:
                assert until(lambda: '"status": "page"' in running.out), running.out
                page = next(form for form in map(json.loads, running.out.splitlines()) if form.get("status") == "page")
                assert page["data"] == {
                    "action": "trigger",
                    "severity": "critical",
                    "summary": "it is broken",
                    "key": "secret:payments",
                    "refused": "",
                }
                logged = [form for form in map(json.loads, running.out.splitlines()) if form.get("status") == "log"]
                assert json.loads(logged[0]["message"])["message"] == "began"
            else:
                assert until(lambda: "page critical: it is broken  key secret:payments\n" in running.err), running.err
            running.end()


def send(url: str, body: Any) -> None:
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)).close()


def test_at_a_terminal_the_log_is_for_people(world: World) -> None:
    keyboard, screen = pty.openpty()
    world.env |= {"CI": "", "TERM": "xterm"}
    process = Clone(world).start("up", stdin=screen, stdout=screen, stderr=screen, start_new_session=True)
    os.close(screen)
    seen = ""
    try:
        while "OpenAPI" not in seen:
            seen += os.read(keyboard, 4096).decode()
        text = re.sub(r"\x1b\[[0-9;]*m", "", seen)
        assert re.search(r"^03:04:05\.678Z INFO +began  endpoint=http", text, re.MULTILINE), seen
        assert "base-api is up" in text
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        os.close(keyboard)
    assert process.returncode == 130


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_without_a_program_nothing_is_begun(name: str, world: World) -> None:
    usual = {one: f"/usr/bin/{one}" for one in ("git", "make", "python3", "sh")}
    world.only(**usual, **{one: str(world.bin / one) for one in ("prometheus", "alertmanager") if one != name})
    world.refused("up", "base-api", code=4, says=[f"{name} is not on PATH", "apt-get install prometheus"])


def test_a_port_that_is_in_use_is_refused(world: World) -> None:
    with up(world) as running:
        port = running.place("service").rpartition(":")[2]
        running.end()
    with subprocess.Popen(["python3", "-m", "http.server", "--bind", "127.0.0.1", port], stderr=-3) as other:
        assert until(lambda: listens(int(port)))
        done = Clone(world).run("up", "--port", port)
        other.terminate()
    assert (done.code, done.message) == (
        2,
        f"platformctl: port {port} is in use. Choose another with --port, or leave it out",
    )


def test_a_port_can_be_chosen(world: World) -> None:
    port = free_port()
    with up(world, "--port", str(port)) as running:
        assert running.place("service") == f"http://127.0.0.1:{port}"
        running.end()


def test_nothing_is_guessed_when_nothing_is_up(world: World) -> None:
    done = world.run("down")
    assert (done.code, done.message) == (2, "platformctl: which service? None is up")


def test_the_real_service_from_main(used: World) -> None:
    """By its name: a checkout of main, made by its own Makefile, with what it needs from its package index."""
    programs(used.bin)
    try:
        done = used.run("up", "base-api", "--detach", "--json")
        assert done.code == 0, done.err
        places = json.loads(done.out.splitlines()[-1])["data"]["places"]
        assert get(f"{places['service']}/openapi.json")[0] == 200
        assert places["OpenAPI"] == f"{places['service']}/openapi.json"
        assert b"http_server_request_duration_seconds_bucket" in get(places["metrics"])[1]
        checkout = used.home / "cache" / "checkouts" / "local" / "base-api"
        assert (checkout / ".venv" / "installed").exists()
        log = used.home / "up" / "local" / "base-api.log"
        assert until(lambda: '"/openapi.json"' in log.read_text())
    finally:
        down = used.run("down", "base-api")
    assert down.out == "base-api is down\n"
    assert used.processes() == []
