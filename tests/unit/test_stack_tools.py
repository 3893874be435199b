"""Programs are found where the platform says, else on PATH, and who lacks one is told how to get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from platformctl.errors import NoAccess, ToolFailed
from platformctl.stack.tools import Tools


def program(file: Path, says: str = "") -> str:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{says}\n")
    file.chmod(0o755)
    return str(file)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path / "path"


def test_the_platforms_folder_comes_before_path(path: Path, tmp_path: Path) -> None:
    on_path = program(path / "prometheus")
    assert Tools().find("prometheus") == Tools(tmp_path / "own").find("prometheus") == on_path
    own = program(tmp_path / "own" / "prometheus")
    assert Tools(tmp_path / "own").find("prometheus") == own


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("alertmanager", "alertmanager"),
        ("alertmanager", "prometheus-alertmanager"),
        ("redis-server", "valkey-server"),
        ("redis-cli", "valkey-cli"),
    ],
)
def test_a_program_may_go_by_another_name(name: str, known_as: str, path: Path) -> None:
    there = program(path / known_as)
    assert Tools().find(name) == there


@pytest.mark.parametrize(
    ("name", "install"),
    [
        ("prometheus", "apt-get install prometheus prometheus-alertmanager, brew install prometheus alertmanager"),
        ("promtool", "apt-get install prometheus "),
        ("alertmanager", "apt-get install prometheus prometheus-alertmanager"),
        ("redis-server", "apt-get install redis-server"),
        ("redis-cli", "brew install redis"),
        ("grafana", "https://grafana.com/grafana/download"),
        ("make", "apt-get install make"),
        ("git", "apt-get install git"),
    ],
)
@pytest.mark.usefixtures("path")
def test_who_lacks_one_is_told_how_to_get_it(name: str, install: str, tmp_path: Path) -> None:
    with pytest.raises(NoAccess, match=f"^{name} is not on PATH") as caught:
        Tools().find(name)
    assert install in caught.value.hint
    assert Tools().look(name) == ""
    with pytest.raises(NoAccess, match=f"^{name} is neither in {tmp_path}/own nor on PATH"):
        Tools(tmp_path / "own").find(name)


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("echo 'prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0)'", "2.42.0"),
        ("echo 'prometheus, version 3.5.0' >&2", "3.5.0"),
        ("echo 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'", "7.0.15"),
    ],
)
def test_a_version_is_what_the_program_says(says: str, version: str, path: Path) -> None:
    program(path / "prometheus", says)
    assert Tools().version("prometheus") == version


def test_a_program_without_a_version_is_named(path: Path) -> None:
    program(path / "prometheus", "exit 1")
    with pytest.raises(ToolFailed, match="prometheus does not say its version"):
        Tools().version("prometheus")
