"""A child ends when it should, with everything that it started, however its parent went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from platformctl.errors import ToolFailed
from platformctl.stack.child import Child
from platformctl.stack.loopback import free_port, listens, wait_until

FAMILY = "sh -c 'echo $$ > grandchild; exec sleep 60' & echo $$ > child; wait"
"""A shell that starts another; both say their ids."""


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def until(condition: Callable[[], object], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def ids(folder: Path) -> list[int]:
    """The ids of child and grandchild, once both have said them."""
    files = [folder / "child", folder / "grandchild"]
    assert until(lambda: all(file.exists() and file.read_text().endswith("\n") for file in files))
    return [int(file.read_text()) for file in files]


def shell(text: str, folder: Path) -> Child:
    return Child.start("it", ["/bin/sh", "-c", text], cwd=folder, log=folder / "log")


def test_what_it_says_is_in_its_log_and_how_it_ended_is_known(tmp_path: Path) -> None:
    with shell("echo one; echo two >&2; exit 3", tmp_path) as child:
        assert until(lambda: not child.running)
        assert (child.code, child.said(), child.said(1)) == (3, "one\ntwo", "two")


def test_a_log_is_appended_to(tmp_path: Path) -> None:
    for word in ("one", "two"):
        with shell(f"echo {word}", tmp_path) as child:
            assert until(lambda child=child: not child.running)
    assert (tmp_path / "log").read_text() == "one\ntwo\n"


def test_its_environment_is_what_is_given(tmp_path: Path) -> None:
    with Child.start("it", ["/usr/bin/env"], cwd=tmp_path, env={"A": "b c"}, log=tmp_path / "log") as child:
        assert until(lambda: not child.running)
        assert child.said() == "A=b c"


def test_what_cannot_be_started_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    before = children()
    with pytest.raises(ToolFailed, match="it cannot be started: No such file"):
        Child.start("it", [str(tmp_path / "none")], cwd=tmp_path, log=tmp_path / "log")
    assert children() == before


def children() -> set[str]:
    """The processes that this one has started and that still are."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_stopping_ends_child_and_grandchild(tmp_path: Path) -> None:
    child = shell(FAMILY, tmp_path)
    both = ids(tmp_path)
    assert all(map(alive, both))
    child.stop()
    assert not any(map(alive, both))
    assert child.code == -signal.SIGTERM
    child.stop()


def test_a_child_has_time_to_end_what_it_does(tmp_path: Path) -> None:
    with shell("trap 'sleep 0.2; echo done; exit 0' TERM; echo ready; while :; do sleep 0.05; done", tmp_path) as child:
        assert until(lambda: child.said() == "ready")
    assert (child.said(1), child.code) == ("done", 0)


def test_who_does_not_end_is_ended(tmp_path: Path) -> None:
    child = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done", tmp_path)
    assert until(lambda: child.said() == "ready")
    began = time.monotonic()
    child.stop(0.2)
    assert child.code == -signal.SIGKILL
    assert 0.2 <= time.monotonic() - began < 5


def test_what_a_child_leaves_behind_is_ended_too(tmp_path: Path) -> None:
    child = shell("trap '' TERM; sleep 60 & echo $! > child; echo $! > grandchild", tmp_path)
    pid, _ = ids(tmp_path)
    assert until(lambda: not child.running)
    assert alive(pid)
    child.stop()
    assert until(lambda: not alive(pid), 2)


PARENT = """
import sys, time
from pathlib import Path
from platformctl.stack.child import Child
folder = Path(sys.argv[1])
for number in range(2):
    (folder / str(number)).mkdir()
    Child.start("it", ["/bin/sh", "-c", sys.argv[2]], cwd=folder / str(number), log=folder / "log")
print("started", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_a_parent_that_is_killed(how: signal.Signals, tmp_path: Path) -> None:
    """Nothing but the kernel is left to tell the guards, and they do their work."""
    command = [sys.executable, "-c", PARENT, str(tmp_path), FAMILY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0) as parent:
        assert parent.stdout and parent.stdout.readline() == b"started\n"
        all_of_them = [pid for number in "01" for pid in ids(tmp_path / number)]
        assert all(map(alive, all_of_them))
        parent.send_signal(how)
        assert until(lambda: not any(map(alive, all_of_them)), 2)


@pytest.mark.slow
def test_a_child_that_will_not_hear_is_ended_too_when_its_parent_is_killed(tmp_path: Path) -> None:
    deaf = FAMILY.replace("sleep 60", "sleep 61").replace("sh -c '", "trap '' TERM; sh -c 'trap \"\" TERM; ")
    command = [sys.executable, "-c", PARENT, str(tmp_path), deaf]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout and parent.stdout.readline() == b"started\n"
        all_of_them = [pid for number in "01" for pid in ids(tmp_path / number)]
        parent.kill()
        assert until(lambda: not any(map(alive, all_of_them)), 5)


def test_waiting_ends_when_it_is_ready(tmp_path: Path) -> None:
    port = free_port()
    listen = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(60)"
    with Child.start("it", [sys.executable, "-c", listen], cwd=tmp_path, log=tmp_path / "log") as child:
        wait_until(lambda: listens(port), child, 10, "it")
        assert listens(port)
    assert not listens(port)


def test_waiting_for_who_has_ended_tells_the_end_of_its_log(tmp_path: Path) -> None:
    with (
        shell("echo one; echo the reason; exit 4", tmp_path) as child,
        pytest.raises(ToolFailed, match=r"the thing ended with code 4; its log ends with: one \| the reason"),
    ):
        wait_until(lambda: False, child, 10, "the thing")


def test_waiting_too_long_says_so(tmp_path: Path) -> None:
    with (
        shell("exec sleep 60", tmp_path) as child,
        pytest.raises(ToolFailed, match=r"the thing is not ready after 0\.1 s; its log ends with: nothing"),
    ):
        wait_until(lambda: False, child, 0.1, "the thing")
