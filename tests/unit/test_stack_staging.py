"""What is up is believed while its holder lives, and a log is followed line by line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformctl.stack import staging
from platformctl.stack.staging import Staging, Standing
from platformctl.stack.tail import Tail

HOLDER = """
import signal, sys, time
from pathlib import Path
from platformctl.stack.staging import Staging
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
place = Staging(Path(sys.argv[1]), "acme", "svc")
assert place.take()
place.tell(ready=True, places={"service": "http://x"})
print("up", flush=True)
while place.wanted or sys.argv[2] != "good":
    time.sleep(0.01)
place.release()
"""


@pytest.fixture
def place(tmp_path: Path) -> Staging:
    return Staging(tmp_path, "acme", "svc")


def holder(folder: Path, how: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder), how], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


@pytest.fixture
def held(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    with holder(tmp_path, request.param) as process:
        yield process
        process.kill()


def test_what_one_has_up_others_see_and_cannot_take(tmp_path: Path, place: Staging) -> None:
    assert place.standing() is None
    with holder(tmp_path, "good") as process:
        assert place.standing() == Standing("svc", process.pid, True, {"service": "http://x"})
        assert not place.take()
        assert Staging.services(tmp_path, "acme") == ["svc"]
        assert Staging.services(tmp_path, "other") == []
        assert place.end()
        assert process.wait(5) == 0
    assert (place.standing(), place.end(), Staging.services(tmp_path, "acme")) == (None, False, [])


def test_what_a_killed_one_left_is_not_believed_and_is_cleared_away(tmp_path: Path, place: Staging) -> None:
    with holder(tmp_path, "good") as process:
        (place.folder / "left").touch()
        process.kill()
    assert json.loads((tmp_path / "up" / "acme" / "svc.json").read_text())["pid"] == process.pid
    assert (place.standing(), Staging.services(tmp_path, "acme")) == (None, [])
    assert place.take()
    assert list(place.folder.iterdir()) == []
    place.release()
    assert place.take()
    place.release()
    assert not place.folder.exists()


@pytest.mark.parametrize(
    ("held", "code"), [("stubborn", -signal.SIGTERM), ("deaf", -signal.SIGKILL)], indirect=["held"]
)
def test_who_does_not_end_is_made_to(
    held: subprocess.Popen[str], code: int, place: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_PATIENCE", ((None, 0.1), (signal.SIGTERM, 0.5), (signal.SIGKILL, 5)))
    assert place.end()
    assert held.wait(5) == code


def test_a_look_in_passing_keeps_nobody_from_taking(tmp_path: Path, place: Staging) -> None:
    """`standing` holds the lock for an instant."""
    assert place.take()
    place.release()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            place_again.standing()

    place_again = Staging(tmp_path, "acme", "svc")
    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(50):
            mine = Staging(tmp_path, "acme", "svc")
            assert mine.take()
            mine.release()
    finally:
        stop.set()
        looking.join()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"service": "svc"}'])
def test_a_damaged_file_is_no_standing(text: str, tmp_path: Path, place: Staging) -> None:
    with holder(tmp_path, "good") as process:
        (tmp_path / "up" / "acme" / "svc.json").write_text(text)
        assert place.standing() is None
        assert place.end()
        assert process.wait(5) == 0


def test_a_tail_gives_whole_lines_once(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "log")
    assert tail.lines() == []
    with (tmp_path / "log").open("ab", buffering=0) as log:
        log.write(b"one\ntw")
        assert tail.lines() == ["one"]
        assert tail.lines() == []
        log.write("o\nthrée".encode()[:-3])
        assert tail.lines() == ["two"]
        log.write("ée".encode()[-3:])
        assert tail.lines() == []
        assert tail.lines(last=True) == ["thrée"]
        assert tail.lines(last=True) == []


def test_waiting_for_an_end_takes_no_longer_than_it_does(tmp_path: Path, place: Staging) -> None:
    with holder(tmp_path, "good"):
        began = time.monotonic()
        assert place.end()
        assert time.monotonic() - began < 3
