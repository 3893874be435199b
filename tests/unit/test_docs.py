"""The documentation keeps up with the code: references, links, and every command that is shown."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from platformctl import config
from platformctl.cli import app
from platformctl.home import Home
from platformctl.inputs import leaves
from platformctl.wiring import Wiring

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^(?P<fence>```+)(?P<kind>[^\n]*)\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_COMMAND = re.compile(r"^\s*(?P<prompt>\$ )?(?:(?:- )?run: )?(?:[A-Z_]+=\S+ )*(?P<command>platformctl(?: .*)?)$")
_SUBSTITUTION = re.compile(r"\$\([^)]*\)")
_SHELL = re.compile(r"[|&;<]+|\d?>.*")


@pytest.fixture(autouse=True)
def no_platform_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLATFORMCTL_PLATFORM", raising=False)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("columns", ["40", "200"])
def test_the_references_are_not_stale(columns: str, tmp_path: Path) -> None:
    environment = {**os.environ, "COLUMNS": columns, "PLATFORMCTL_HOME": str(tmp_path), "PYTHONHASHSEED": columns}
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for found in _LINK.finditer(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        target, _, anchor = found["target"].partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        other = (page.parent / target).resolve() if target else page
        assert other.exists(), f"{name(page)} links to {target}"
        assert other.is_relative_to(ROOT), f"{name(page)} links to {target}, outside of the project"
        if anchor:
            assert anchor in anchors(other), f"{name(page)} links to {found['target']}"


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every command that a page shows in a fenced block; where there is a prompt, the rest is output."""
    for block in _FENCE.finditer(page.read_text(encoding="utf-8")):
        for line in block["body"].replace("\\\n", " ").splitlines():
            found = _COMMAND.match(_SUBSTITUTION.sub("RUN", line))
            if found and (found["prompt"] or block["kind"] != "console"):
                words = shlex.split(found["command"].replace(" [OPTIONS]", ""), comments=True)
                end = next((at for at, word in enumerate(words) if _SHELL.fullmatch(word)), len(words))
                yield words[1:end]


def check(words: list[str]) -> None:
    """Parse a command's arguments without running it; raises for what the command line would refuse."""
    command: Any = typer.main.get_command(app)
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        found = command.get_command(None, words[0])
        assert found is not None, f"there is no command {words[0]!r}"
        command, words = found, words[1:]
    if isinstance(command, TyperGroup):
        assert {*words} <= {"-h", "--help", *(option for param in command.params for option in param.opts)}
        return
    context = command.make_context(command.name, [*words])
    if context.args:
        check_inputs(context.params["path"], context.args)


def check_inputs(path: str, extra: list[str]) -> None:
    """What is left over must be inputs of the golden path, if it is one of those that ship."""
    home = Home(ROOT / "no-such-home")
    wiring = Wiring(config.load(home), home)
    if path in wiring.golden_paths():
        inputs = {f"--{dotted.replace('_', '-')}" for dotted, _ in leaves(wiring.recipe(path).inputs)}
        given = {word.partition("=")[0] for word in extra if word.startswith("--")}
        assert given <= inputs, f"{path} has no inputs {given - inputs}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_that_is_shown_exists(page: Path) -> None:
    for words in commands(page):
        try:
            check([*words])
        except Exception as problem:
            pytest.fail(f"{name(page)}: platformctl {shlex.join(words)}: {problem}")


def test_commands_are_found_and_wrong_ones_refused() -> None:
    tutorial = list(commands(ROOT / "docs" / "tutorial" / "first-service.md"))
    assert ["doctor", "--fix"] in tutorial
    assert sum(len(list(commands(page))) for page in PAGES) > 30
    for wrong in (["docter"], ["doctor", "--fx"], ["path", "lists"], ["new", "service", "a-name", "--tear", "batch"]):
        with pytest.raises(Exception, match=r".+"):
            check(wrong)
