"""A service that runs by its own Makefile, and the sources that it runs from."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from platformctl.errors import Busy, ToolFailed
from platformctl.stack.checkout import checkout
from platformctl.stack.loopback import get, listens
from platformctl.stack.service import Service, parsed

SERVER = """\
import http.server, json, os, signal, sys

def log(message, **fields):
    print(json.dumps({"level": "INFO", "message": message, **fields}), flush=True)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/readyz", "/metrics") else 404)
        self.end_headers()
        log("asked", path=self.path)
    def log_message(self, *_):
        pass

def end(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # make passes on what it is told itself
    log("ended")
    sys.exit(0)

signal.signal(signal.SIGTERM, end)
print("not JSON", flush=True)
log("began", environment={name: os.environ.get(name) for name in %s})
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SEEN = ["SERVICE_TEAM", "SERVICE_ALIEN", "OTEL_ALIEN", "MAKEFLAGS_ALIEN", "PLATFORMCTL_HOME", "MINE", "no_proxy"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sources of a service that takes no time to start."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "server.py").write_text(SERVER % SEEN)
    (tmp_path / "sources" / "Makefile").write_text("run:\n\t@echo made\n\t@exec python3 server.py $(PORT)\n")
    return tmp_path / "sources"


def test_it_runs_by_its_makefile_and_ends_politely(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SEEN:
        monkeypatch.setenv(name, "alien")
    with Service.start(folder, "svc", {"SERVICE_TEAM": "a"}, log=tmp_path / "log", ready_path="/readyz") as service:
        assert not service.ready() or get(f"{service.url}/readyz")[0] == 200
        service.wait(20)
        assert service.ready()
    assert not listens(service.port)
    made, text, began, *_, ended = [line for line in service.lines() if "make:" not in line]
    assert (made, text) == ("made", "not JSON")
    assert isinstance(began, dict)
    assert began["environment"] == {
        **dict.fromkeys(SEEN),
        "SERVICE_TEAM": "a",
        "MINE": "alien",
        "no_proxy": "alien,127.0.0.1,localhost",
    }
    assert ended == {"level": "INFO", "message": "ended"}


def test_without_a_path_that_says_so_it_is_ready_when_it_listens(folder: Path, tmp_path: Path) -> None:
    with Service.start(folder, "svc", {}, log=tmp_path / "log") as service:
        service.wait(20)
        assert listens(service.port)


def test_a_path_that_is_not_ready_is_waited_for(folder: Path, tmp_path: Path) -> None:
    with Service.start(folder, "svc", {}, log=tmp_path / "log", ready_path="/never") as service:
        with pytest.raises(ToolFailed, match=r"svc is not ready after 0\.5 s"):
            service.wait(0.5)
        assert not service.ready()


def test_what_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("run:\n\t@echo no compiler; exit 3\n")
    with (
        Service.start(tmp_path, "svc", {}, log=tmp_path / "log") as service,
        pytest.raises(ToolFailed, match=r"svc ended with code 2; its log ends with: no compiler \| make: .*Error 3"),
    ):
        service.wait(20)


@pytest.mark.parametrize(
    ("line", "found"), [('{"a": 1}', {"a": 1}), ("{", "{"), ("[1]", "[1]"), ("", ""), ("text", "text"), ("1", "1")]
)
def test_a_line_is_an_object_or_text(line: str, found: Any) -> None:
    assert parsed(line) == found


# Checkouts.


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with one commit on main."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "a.txt", "one")
    return folder


def commit(folder: Path, name: str, text: str) -> str:
    (folder / ".gitignore").write_text("built/\n")
    (folder / name).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", text)
    return git(folder, "rev-parse", "HEAD")


def test_a_checkout_follows_the_branch_and_keeps_what_was_built(origin: Path, tmp_path: Path) -> None:
    place = tmp_path / "home" / "svc"
    first = git(origin, "rev-parse", "HEAD")
    with checkout(place, origin.as_uri(), first, environment={}, what="a test") as source:
        assert (source.folder, source.commit) == (place, first)
        assert (place / "a.txt").read_text() == "one"
        (place / "built").mkdir()
        (place / "built" / "it").touch()
        (place / "a.txt").write_text("edited")
        (place / "left").touch()
    second = commit(origin, "b.txt", "two")
    for wanted, names in ((second, {"a.txt", "b.txt"}), (first, {"a.txt"})):
        with checkout(place, origin.as_uri(), wanted, environment={}, what="a test"):
            assert {file.name for file in place.iterdir()} == {".git", ".gitignore", "built", *names}
            assert (place / "a.txt").read_text() == "one"
            assert git(place, "rev-parse", "--short", "HEAD") == wanted[:7]
    assert (place / "built" / "it").exists()


def test_a_commit_that_is_there_needs_no_forge(origin: Path, tmp_path: Path) -> None:
    head = git(origin, "rev-parse", "HEAD")
    with checkout(tmp_path / "svc", origin.as_uri(), head, environment={}, what="a test"):
        pass
    with checkout(tmp_path / "svc", "file:///nowhere", head, environment={}, what="a test"):
        pass
    with (
        pytest.raises(ToolFailed, match=r"git fetch failed: fatal: '/nowhere'"),
        checkout(tmp_path / "svc", "file:///nowhere", "0" * 40, environment={}, what="a test"),
    ):
        pass


def test_the_forges_environment_is_what_git_gets(origin: Path, tmp_path: Path) -> None:
    head = git(origin, "rev-parse", "HEAD")
    forge = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{origin.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://forge.example.org/svc",
    }
    with checkout(tmp_path / "svc", "https://forge.example.org/svc", head, environment=forge, what="a test"):
        assert (tmp_path / "svc" / "a.txt").exists()
    assert "forge.example.org" not in (tmp_path / "svc" / ".git" / "config").read_text()


def test_two_do_not_work_in_one_checkout(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformctl.stack.checkout._PATIENCE", 0.1)
    head, place = git(origin, "rev-parse", "HEAD"), tmp_path / "svc"
    refused: list[str] = []

    def other() -> None:
        try:
            with checkout(place, origin.as_uri(), head, environment={}, what="a test"):
                refused.append("")
        except Busy as busy:
            refused.append(busy.what)

    with checkout(place, origin.as_uri(), head, environment={}, what="a test"):
        at_once(other)
    at_once(other)
    assert refused[0].startswith("a test is running (process ")
    assert refused[1:] == [""]


def at_once(work: Any) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_hooks_of_a_checkout_do_not_run(origin: Path, tmp_path: Path) -> None:
    head, place = git(origin, "rev-parse", "HEAD"), tmp_path / "svc"
    with checkout(place, origin.as_uri(), head, environment={}, what="a test"):
        hook = place / ".git" / "hooks" / "post-checkout"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {json.dumps(str(tmp_path / 'ran'))}\n")
        hook.chmod(0o755)
        git(place, "checkout", "--quiet", "--detach", "HEAD")
        assert (tmp_path / "ran").exists()
        (tmp_path / "ran").unlink()
    with checkout(place, origin.as_uri(), head, environment={}, what="a test"):
        assert not (tmp_path / "ran").exists()
