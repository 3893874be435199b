"""Many names worked through by a few processes: none of them waits for another, and none outlives who started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from platformctl.commands import pool
from platformctl.commands.pool import Lost, Pool


def begin(folder: str) -> Callable[[str], str]:
    """What a process answers: its own number, after whatever the name tells it to do before."""
    if folder == "dies":
        os._exit(3)

    def answer(name: str) -> str:
        kind = name.partition("-")[0]
        if kind == "dies":
            os.kill(os.getpid(), signal.SIGSEGV)
        if kind == "hangs":
            child = subprocess.Popen(["sleep", "300"])
            (Path(folder) / f"{name}.pid").write_text(f"{os.getpid()} {child.pid}")
            child.wait()
        if kind == "slow":
            time.sleep(0.5)
        return f"{name} {os.getpid()}"

    return answer


def alive(number: int) -> bool:
    """Whether there is such a process, but for one that nobody has buried."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except FileNotFoundError:
        return False


def gone(numbers: list[int]) -> bool:
    """Whether these processes are there no more, within a moment."""
    until = time.monotonic() + 5
    while any(map(alive, numbers)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(alive, numbers))


def run(folder: Path, names: list[str], size: int = 1, timeout: float = 30) -> dict[str, Any]:
    made = Pool(begin, str(folder), size, timeout)
    try:
        return dict(made.run(names))
    finally:
        made.end()


def processes(folder: Path) -> list[int]:
    return [int(word) for file in folder.glob("*.pid") for word in file.read_text().split()]


def test_every_name_has_its_answer_and_one_process_is_enough(tmp_path: Path) -> None:
    names = [f"fine-{number}" for number in range(20)]
    found = run(tmp_path, names)
    assert sorted(found) == sorted(names)
    numbers = {answer.split()[1] for answer in found.values()}
    assert len(numbers) == 1 and gone([int(number) for number in numbers])


def test_nothing_to_do_starts_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, []) == {}


@pytest.mark.slow
def test_one_that_hangs_is_ended_with_what_it_has_started(tmp_path: Path) -> None:
    found = run(tmp_path, ["hangs-1", "fine-1", "hangs-2", "fine-2"], timeout=1)
    assert found["hangs-1"] == found["hangs-2"] == Lost("it gave no answer within 1 s")
    assert found["fine-1"].startswith("fine-1") and found["fine-2"].startswith("fine-2")
    assert len(processes(tmp_path)) == 4 and gone(processes(tmp_path))


def test_others_do_not_wait_for_one_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SLOW", 0.2)
    made = Pool(begin, str(tmp_path), 1, 60)
    names = [*(f"fine-{number}" for number in range(50)), "hangs-1"]  # which are begun from the end
    try:
        answers = made.run(names)
        found = dict(next(answers) for _ in range(50))
    finally:
        made.end()
    assert not any(isinstance(answer, Lost) for answer in found.values()) and "hangs-1" not in found
    assert gone(processes(tmp_path))


@pytest.mark.slow
def test_processes_beside_slow_ones_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SLOW", 0.1)
    monkeypatch.setattr(pool, "_SPARE", 2)
    found = run(tmp_path, [f"slow-{number}" for number in range(6)])
    assert 2 <= len({answer.split()[1] for answer in found.values()}) <= 3


def test_one_that_dies_costs_its_own_name_an_answer(tmp_path: Path) -> None:
    found = run(tmp_path, ["fine-1", "dies-1", "fine-2", "dies-2"])
    assert found["dies-1"] == found["dies-2"] == Lost("whoever looked at it has died")
    assert found["fine-1"] and found["fine-2"]


def test_when_none_can_begin_every_name_says_so(tmp_path: Path) -> None:
    assert set(run(Path("dies"), ["a", "b"]).values()) == {Lost("whoever looked at it has died")}


def test_who_stops_listening_leaves_no_process(tmp_path: Path) -> None:
    made = Pool(begin, str(tmp_path), 2, 60)
    answers = made.run(["fine-1", "hangs-1", "hangs-2", "fine-2"])
    try:
        next(answers)
        answers.close()
    finally:
        made.end()
    assert gone(processes(tmp_path))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_who_started_it_however_that_ends(tmp_path: Path, how: signal.Signals) -> None:
    program = (
        "from pathlib import Path; from tests.unit.test_pool import run; import sys\n"
        "run(Path(sys.argv[1]), ['hangs-1'], timeout=60)"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=root) as who:
        while not list(tmp_path.glob("*.pid")) or len(processes(tmp_path)) < 2:
            time.sleep(0.02)
            assert who.poll() is None
        who.send_signal(how)
    assert gone(processes(tmp_path))
