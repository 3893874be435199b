"""A home folder that is foreign, full, read-only or none, and a temporary folder and a cache that are full."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.sandbox import NEW, World, changed, row, run_id


@pytest.mark.parametrize("command", [NEW, ("path", "list"), ("init",)], ids=["new", "path", "init"])
def test_a_home_of_a_newer_version(used: World, command: tuple[str, ...]) -> None:
    (used.home / "version").write_text("99\n")
    says = [str(used.home), "newer platformctl", "format 99", "Upgrade platformctl"]
    used.refused(*command, code=2, says=says)


@pytest.mark.parametrize("content", [b"x", b"", b"\xff", b"1 2"], ids=ascii)
def test_a_folder_that_is_no_home(empty: World, content: bytes) -> None:
    empty.home.mkdir()
    (empty.home / "version").write_bytes(content)
    empty.refused(*NEW, code=2, says=["not a platformctl home folder", "PLATFORMCTL_HOME"])


@pytest.mark.parametrize("command", [NEW, (*NEW, "--dry-run"), ("runs", "list")], ids=["new", "dry-run", "runs"])
def test_the_home_is_a_file(empty: World, command: tuple[str, ...]) -> None:
    empty.home.write_text("mine")
    empty.refused(*command, code=2, says=[str(empty.home), "PLATFORMCTL_HOME"])


@pytest.mark.parametrize("command", [NEW, (*NEW, "--dry-run"), ("runs", "list")], ids=["new", "dry-run", "runs"])
def test_the_home_is_below_a_file(empty: World, command: tuple[str, ...]) -> None:
    (empty.root / "file").write_text("mine")
    empty.env["PLATFORMCTL_HOME"] = str(empty.root / "file" / "home")
    empty.refused(*command, code=2, says=[str(empty.root / "file"), "PLATFORMCTL_HOME"])


@pytest.mark.parametrize("name", ["runs", "locks", "forge", "terraform"])
def test_a_file_where_a_folder_of_the_home_should_be(empty: World, name: str) -> None:
    empty.home.mkdir()
    (empty.home / name).write_text("mine")
    before = empty.tree()
    done = empty.run(*NEW)
    assert done.code in (1, 2), done.err
    assert str(empty.home / name) in done.message
    assert (empty.home / name).read_text() == "mine"
    assert list(empty.tmp.iterdir()) == []
    assert {path for path in changed(before, empty.tree()) if not path.startswith("home/")} == set()


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own, for as long as the block runs; skips where nobody may mount one."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    if done is None or done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip() if done else 'there is no mount'}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@pytest.mark.parametrize("size", ["16k", "64k", "256k"])
def test_the_home_is_full(empty: World, size: str) -> None:
    """It fails in one line, and with room again the same command finishes."""
    with mounted(empty.home, f"size={size}"):
        done = empty.run(*NEW)
        assert (done.code, run_id(done.message) != "") == (1, True)
        assert list(empty.tmp.iterdir()) == []
        remount(empty.home, "size=64m")
        assert empty.run(*NEW).code == 0
        assert empty.run("doctor", "new-api").code == 0


def test_the_cache_is_full(empty: World) -> None:
    (empty.home / "cache").mkdir(parents=True)
    with mounted(empty.home / "cache", "size=64k"):
        done = empty.run(*NEW)
        assert done.code == 0, done.err


def test_the_temporary_folder_is_full(used: World) -> None:
    before = used.tree()
    with mounted(used.tmp, "size=16k"):
        done = used.run(*NEW)
        assert done.code == 1, done.err
        assert done.message
        assert list(used.tmp.iterdir()) == []
    assert changed(before, used.tree()) == []


@pytest.mark.parametrize(
    "size",
    [
        200,
        4_000,
        row("20000", 20_000),
    ],
)
def test_files_may_not_grow(used: World, size: int) -> None:
    """A limit on a file's size stands in for a disk that is full, also where nothing can be mounted."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    done = used.run(*NEW, preexec_fn=limit)
    assert done.code == 1, done.err
    assert done.message
    assert list(used.tmp.iterdir()) == []
    assert used.run(*NEW).code == 0
    assert used.run("doctor", "new-api").code == 0


@pytest.mark.parametrize("command", [NEW, ("init",), ("undo", "last", "--yes")], ids=["new", "init", "undo"])
def test_the_home_is_read_only(used: World, command: tuple[str, ...]) -> None:
    kept = used.home.rename(used.root / "kept")
    with mounted(used.home, "size=64m"):
        shutil.copytree(kept, used.home, symlinks=True, dirs_exist_ok=True)
        remount(used.home, "ro")
        used.refused(*command, code=1, says=[str(used.home), "Read-only file system"])


def test_looking_at_a_home_that_is_read_only(empty: World) -> None:
    with mounted(empty.home, "size=64m"):
        assert empty.run(*NEW).code == 0
        remount(empty.home, "ro")
        for command in ("path list", "runs list", "runs show last", "doctor new-api"):
            done = empty.run(*command.split())
            assert done.code == 0, f"{command}: {done.err}"
