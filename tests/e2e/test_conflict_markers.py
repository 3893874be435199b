"""Conflicts that nobody has resolved fail CI: the very script of `service.yml`, run on real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.sandbox import row
from tests.e2e.workflow_steps import Script

CONFLICT: Final = "one\n<<<<<<< the service\nours\n=======\ntheirs\n>>>>>>> service 2.0.0\ntwo\n"


def checked(folder: Path, files: dict[str, str | bytes], untracked: str = "") -> subprocess.CompletedProcess[str]:
    """The step's script in a checkout with these files."""
    repository = folder / "service"
    repository.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
    for path, content in files.items():
        file = repository / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    subprocess.run(["git", "add", "--all", "--force"], cwd=repository, check=True)
    if untracked:
        (repository / "untracked").write_text(untracked)
    temp = folder / "runner"
    temp.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "RUNNER_TEMP": str(temp)}
    return Script.of("service.yml", "lint", "Refuse conflicts that nobody has resolved").run(
        repository, environment, {}
    )


@pytest.mark.parametrize(
    "content",
    [
        row("a conflict", CONFLICT),
        row("at the top", CONFLICT.removeprefix("one\n")),
        row("with the base between", CONFLICT.replace("=======", "||||||| service 1.1.0\nbase\n=======")),
        row("with an end of line of Windows", CONFLICT.replace("\n", "\r\n")),
        row("without a last line end", CONFLICT.rstrip("\n").removesuffix("two").rstrip("\n")),
        row("the second of two", CONFLICT.replace(">>>>>>>", "> > >") + CONFLICT),
        row("in what is no UTF-8", CONFLICT.encode().replace(b"ours", b"\xff\xfe")),
        row("nothing of either", "<<<<<<< the service\n=======\n>>>>>>> service 2.0.0\n"),
    ],
)
def test_a_conflict_is_refused_and_its_file_named(content: str | bytes, tmp_path: Path) -> None:
    done = checked(tmp_path, {"a/b.py": content, "c.py": "fine\n", "README.md": "fine\n"})
    assert done.returncode == 1
    first, *named = done.stdout.splitlines()
    assert first.startswith("::error::There are conflicts that nobody has resolved") and named == ["- a/b.py"]


@pytest.mark.parametrize(
    "files",
    [
        row("nothing at all", {"README.md": "fine\n"}),
        row("a page that shows the first line", {"docs/a.md": "It begins with\n\n<<<<<<< the service\n\nand so on.\n"}),
        row("a page that shows it in a list", {"docs/a.md": CONFLICT.replace("\n", "\n    ")}),
        row("a page that shows it in quotes", {"docs/a.md": "> " + CONFLICT.replace("\n", "\n> ")}),
        row("a page that tells of its end only", {"docs/a.md": "=======\n>>>>>>> service 2.0.0\n"}),
        row("the parts in another order", {"a.md": ">>>>>>> service 2.0.0\n=======\n<<<<<<< the service\n"}),
        row("a heading under a marker", {"a.rst": "Title\n=======\n\n<<<<<<< the service\n"}),
        row("git's own, which git has words for", {"a.py": CONFLICT.replace("the service", "HEAD")}),
    ],
)
def test_what_only_looks_like_one_is_none(files: dict[str, str | bytes], tmp_path: Path) -> None:
    done = checked(tmp_path, files, untracked=CONFLICT)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_names_of_files_are_text_and_never_commands(tmp_path: Path) -> None:
    """Neither to a shell nor to the runner, which reads what stands at the beginning of a line."""
    names = ["-rf", "$(touch canary)", "a b", "::stop-commands::x", "é", "a\n::add-mask::x", "##[error]x"]
    done = checked(tmp_path, {**dict.fromkeys(names, CONFLICT), ".gitattributes": "* -diff\n"})
    assert done.returncode == 1 and list(tmp_path.rglob("canary")) == []
    first, *named = done.stdout.splitlines()
    assert len(named) == len(names) and all(line.startswith("- ") for line in named)
    assert "##[" not in done.stdout and first.count("::") == 2


def test_a_search_that_fails_is_no_search_that_finds_nothing(tmp_path: Path) -> None:
    temp = tmp_path / "runner"
    temp.mkdir()
    script = Script.of("service.yml", "lint", "Refuse conflicts that nobody has resolved")
    done = script.run(tmp_path, {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "RUNNER_TEMP": str(temp)}, {})
    assert done.returncode != 0 and "not a git repository" in done.stderr
