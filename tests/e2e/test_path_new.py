"""A golden path that was just begun: lint finds nothing, its own test passes, and it makes a service."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import Cli
from tests.e2e.sandbox import Says, World, row

BEGIN = ("--owner", "platform", "--title", "A Python library")


def test_it_passes_lint_and_its_own_test_at_once(cli: Cli) -> None:
    title = 'A "library": it\'s #1, {{ 7*7 }}, ${{ inputs.x }}, @NAME@ ☕'
    begun = cli.result("path", "new", "python-library", "--folder", "paths", "--owner", "a: b", "--title", title)
    folder = cli.cwd / "paths" / "python-library"
    assert begun["folder"] == str(folder)
    files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    assert begun["files"] == files
    assert [path.name for path in folder.parent.iterdir()] == ["python-library"]
    assert cli.run("path", "lint", str(folder)).stdout == "✓ python-library 0.1.0\n"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=folder, env=cli.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout
    platform = cli.cwd / "platform.yaml"
    platform.write_text("schema: 1\norganisation: local\ngolden_paths: [paths]\n", encoding="utf-8")
    cli.env["PLATFORMCTL_PLATFORM"] = str(platform)
    assert title in cli.run("path", "list").stdout
    assert "owner a: b" in cli.run("path", "show", "python-library").stdout
    assert cli.result("path", "new", "another", *BEGIN)["folder"] == str(cli.cwd / "paths" / "another")


def test_what_to_do_next_is_said(cli: Cli) -> None:
    out = cli.run("path", "new", "library", *BEGIN).stdout
    for text in (
        "library is begun in",
        "platformctl path lint",
        "path test",
        "path release",
        "under golden_paths:",
        "plan library",
    ):
        assert text in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        row("no title", ("library", "--owner", "x"), ["title is missing", "--title"]),
        row("no owner", ("library", "--title", "x"), ["owner is missing", "--owner"]),
        row("name", ("My Library", *BEGIN), ["name", "'My Library' is not allowed", "lower-case"]),
        row("name that leaves", ("../x", *BEGIN), ["name", "'../x'"]),
        row("two lines", ("library", *BEGIN, "--title", "a\nb"), ["title", "not one line"]),
        row("spaces", ("library", *BEGIN, "--owner", "  "), ["owner", "must not be empty"]),
        row("escape", ("library", *BEGIN, "--owner", "\x1b[2J"), ["owner", "not one line"]),
    ],
)
def test_texts_that_cannot_be_used(empty: World, arguments: tuple[str, ...], says: Says) -> None:
    empty.refused("path", "new", *arguments, code=2, says=says)


def test_nothing_is_overwritten(empty: World) -> None:
    (empty.work / "library").mkdir()
    empty.refused("path", "new", "library", *BEGIN, code=2, says=["library: there is something here already"])
    (empty.work / "file").write_text("")
    empty.refused("path", "new", "library", *BEGIN, "--folder", "file", code=1, says=["file"])
