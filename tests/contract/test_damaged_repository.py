"""The embedded forge's two ways to read a repository: both tell what is damaged from what is not there."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from platformctl.backends.forge import Commit
from platformctl.backends.forge.git import Git
from platformctl.backends.forge.objects import Objects
from platformctl.errors import ToolFailed
from platformctl.model import File


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a.git"
    git = Git(folder)
    git.initialise("main")
    files = {"a": File(b"a\n"), "b/c": File(b"c\n"), "b/d/e": File(b"e\n")}
    git.swap("refs/heads/main", "", git.write("", Commit(files, "Begin")))
    return folder


def ask(folder: Path, *words: str) -> str:
    command = ["git", f"--git-dir={folder}", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def damage(folder: Path, what: str, content: bytes | None) -> str:
    """Damage one object; gives the commit."""
    head, name = ask(folder, "rev-parse", "main"), ask(folder, "rev-parse", what)
    file = folder / "objects" / name[:2] / name[2:]
    file.chmod(0o644)
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    return head


both = pytest.mark.parametrize("reader", [Git, Objects])
damaged = pytest.mark.parametrize("content", [None, b"", b"damaged"], ids=["gone", "empty", "damaged"])


@both
def test_what_is_not_there_is_no_failure(folder: Path, reader: Any) -> None:
    head, git = ask(folder, "rev-parse", "main"), reader(folder)
    assert sorted(git.tree(head, "")) == ["a", "b/c", "b/d/e"] and sorted(git.tree(head, "b")) == ["c", "d/e"]
    assert git.tree(head, "none") == git.tree(head, "b/none") == git.tree(head, "a") == {}
    assert git.read(head, "b/c") == b"c\n"
    assert [git.read(head, path) for path in ("none", "b/none", "b", "a/b")] == [None] * 4


@both
@damaged
@pytest.mark.parametrize("what", ["main", "main^{tree}"])
def test_without_a_commit_nothing_can_be_said(folder: Path, reader: Any, what: str, content: bytes | None) -> None:
    head = damage(folder, what, content)
    git = reader(folder)
    for look in (lambda: git.tree(head, ""), lambda: git.tree(head, "none"), lambda: git.read(head, "none")):
        with pytest.raises(ToolFailed):
            look()


@both
@damaged
def test_a_damaged_folder_is_not_an_empty_one(folder: Path, reader: Any, content: bytes | None) -> None:
    head = damage(folder, "main:b", content)
    git = reader(folder)
    for look in (lambda: git.tree(head, ""), lambda: git.tree(head, "b"), lambda: git.tree(head, "b/d")):
        with pytest.raises(ToolFailed):
            look()
    assert git.read(head, "a") == b"a\n" and git.read(head, "none") is None


@both
@damaged
def test_a_damaged_file_is_not_a_missing_one(folder: Path, reader: Any, content: bytes | None) -> None:
    head = damage(folder, "main:a", content)
    git = reader(folder)
    assert sorted(git.tree(head, "")) == ["a", "b/c", "b/d/e"]
    with pytest.raises(ToolFailed):
        git.read(head, "a")


@pytest.mark.parametrize("content", [b"", b"\0" * 41, b"abc\n"], ids=["empty", "zeros", "text"])
def test_a_damaged_branch_is_not_a_missing_one(folder: Path, content: bytes) -> None:
    git = Git(folder)
    assert git.resolve("refs/heads/none") == ""
    (folder / "refs" / "heads" / "main").write_bytes(content)
    with pytest.raises(ToolFailed, match="this branch is damaged"):
        git.resolve("refs/heads/main")


def test_a_branch_that_git_has_packed_is_found(folder: Path) -> None:
    head = ask(folder, "rev-parse", "main")
    ask(folder, "pack-refs", "--all")
    assert not (folder / "refs" / "heads" / "main").exists()
    assert Git(folder).resolve("refs/heads/main") == head
