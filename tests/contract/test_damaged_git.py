"""A repository of the embedded forge whose objects or refs are damaged: what cannot be read is not absent."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from platformctl.backends.forge import Commit
from platformctl.backends.forge.git import Git
from platformctl.backends.forge.local import LocalForge
from platformctl.backends.forge.objects import Objects
from platformctl.errors import ToolFailed
from platformctl.model import File

FILES = {"a": File(b"a\n"), "b/c/d": File(b"d\n"), "b/e": File(b"e\n")}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git = Git(tmp_path / "svc.git")
    git.initialise("main")
    git.swap("refs/heads/main", "", git.write("", Commit(FILES, "m", "2026-11-23T00:00:00+00:00")))
    # Each object in a file of its own, so that one can be lost.
    for pack in (tmp_path / "svc.git/objects/pack").glob("*.pack"):
        apart = pack.rename(tmp_path / pack.name)
        with apart.open("rb") as content:
            command = ["git", f"--git-dir={tmp_path / 'svc.git'}", "unpack-objects", "-q"]
            subprocess.run(command, stdin=content, check=True)
    return tmp_path / "svc.git"


def lose(repository: Path, name: str) -> None:
    found = subprocess.run(
        ["git", f"--git-dir={repository}", "rev-parse", name], check=True, capture_output=True, text=True
    ).stdout.strip()
    (repository / "objects" / found[:2] / found[2:]).unlink()


@pytest.mark.parametrize("reader", [Git, Objects])
@pytest.mark.parametrize(
    ("lost", "asked"),
    [
        ("main", ["tree", "below", "other", "file"]),
        ("main^{tree}", ["tree", "below", "other", "file"]),
        ("main:b", ["tree", "below", "file"]),
        ("main:b/c", ["tree", "below", "file"]),
        ("main:b/c/d", ["file"]),
        ("main:a", []),
    ],
)
def test_what_is_lost_is_told_from_what_is_not_there(
    reader: Callable[[Path], Git | Objects], lost: str, asked: list[str], repository: Path
) -> None:
    head = Git(repository).resolve("refs/heads/main")
    lose(repository, lost)
    look = reader(repository)
    looks: dict[str, Callable[[], object]] = {
        "tree": lambda: sorted(look.tree(head, "")),
        "below": lambda: sorted(look.tree(head, "b")),
        "other": lambda: look.tree(head, "nowhere"),
        "file": lambda: look.read(head, "b/c/d"),
    }
    for name, found in looks.items():
        if name in asked:
            with pytest.raises(ToolFailed, match="git"):
                found()
        else:
            assert found() == {"tree": sorted(FILES), "below": ["c/d", "e"], "other": {}, "file": b"d\n"}[name]


@pytest.mark.parametrize("reader", [Git, Objects])
def test_what_is_no_file_is_not_there(reader: Callable[[Path], Git | Objects], repository: Path) -> None:
    head, look = Git(repository).resolve("refs/heads/main"), reader(repository)
    assert [look.read(head, path) for path in ("b", "x", "a/x", "b/x")] == [None] * 4
    assert look.tree(head, "a") == {}


@pytest.mark.parametrize("content", ["", "garbage\n", "0" * 40 + "\n", "1" * 12])
def test_a_damaged_branch_is_not_absent(content: str, repository: Path) -> None:
    forge = LocalForge(repository.parent.parent, repository.parent.name)
    (repository / "refs/heads/main").write_text(content)
    with pytest.raises(ToolFailed, match="git"):
        forge.tree("svc", forge.head("svc", "main"))
    assert forge.head("svc", "other") == ""


def test_a_branch_beneath_another_name_is_no_damaged_branch(repository: Path) -> None:
    git = Git(repository)
    git.swap("refs/heads/feature/a", "", git.resolve("refs/heads/main"))
    assert git.resolve("refs/heads/feature") == ""


def test_a_packed_branch_is_found(repository: Path) -> None:
    git = Git(repository)
    before = git.resolve("refs/heads/main")
    git.run("pack-refs", "--all", "--prune")
    assert git.resolve("refs/heads/main") == before != ""
    lose(repository, "main")
    with pytest.raises(ToolFailed, match="refs/heads/main"):
        git.resolve("refs/heads/main")
