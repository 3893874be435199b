"""The home folder, files that are replaced whole, and locks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from platformctl.errors import BadConfig, Busy
from platformctl.home import FORMAT, Home, write_atomically
from platformctl.locks import Lock, held


def test_looking_at_a_home_writes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.check()
    assert not home.path.exists()
    home.prepare()
    home.prepare()
    assert (home.path / "version").read_text() == f"{FORMAT}\n"
    assert home.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [f"{FORMAT + 1}\n", "x", ""])
def test_a_home_of_another_kind_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "version").write_text(content)
    with pytest.raises(BadConfig):
        Home(tmp_path).prepare()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f"
    write_atomically(file, b"one")
    (tmp_path / ".f.draft").write_bytes(b"a killed writer's")
    write_atomically(file, b"two")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        write_atomically(file, b"three")
    assert file.read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_a_lock_says_who_holds_it_and_is_free_when_given_up(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with held(file, "platformctl new x") as lock:
        with pytest.raises(Busy, match=rf"platformctl new x is running \(process {os.getpid()} on .*, since 20"):
            Lock(file).acquire("other")
        assert lock.handles
    other = Lock(file)
    assert other.try_acquire("other") and other.taken_over is None


def test_a_killed_holder_is_taken_over_and_named(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from platformctl.locks import Lock;"
        "assert Lock(Path(sys.argv[1])).try_acquire('work'); os.kill(os.getpid(), 9)"
    )
    dead = subprocess.run([sys.executable, "-c", program, str(tmp_path / "lock")], check=False)
    assert dead.returncode == -9
    lock = Lock(tmp_path / "lock")
    assert lock.try_acquire("next")
    assert lock.taken_over is not None and lock.taken_over.what == "work"


def test_a_child_keeps_the_lock_of_a_killed_holder(tmp_path: Path) -> None:
    program = (
        "import os, subprocess, sys; from pathlib import Path; from platformctl.locks import Lock;"
        "lock = Lock(Path(sys.argv[1])); assert lock.try_acquire('work');"
        "subprocess.Popen(['sleep', '1'], pass_fds=lock.handles); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "lock")], check=False)
    lock = Lock(tmp_path / "lock")
    assert not lock.try_acquire("next")
    lock.acquire("next", timeout=10)


def test_who_only_looks_writes_nothing(tmp_path: Path) -> None:
    assert Lock(tmp_path / "lock").try_acquire()
    assert list(tmp_path.iterdir()) == []
