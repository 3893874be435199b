"""The example plug-in as a package of its own: installed beside platformctl, it is found, tested and used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Cli

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "platformctl-motd"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the example was installed into; its source is not on any path."""
    root = tmp_path_factory.mktemp("plugin")
    shutil.copytree(EXAMPLE, root / "source", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    install = [sys.executable, "-m", "pip", "install", *options, "--target", root / "site", root / "source"]
    subprocess.run(install, check=True, capture_output=True, cwd=root)
    shutil.rmtree(root / "source" / "platformctl_motd")
    return root


@pytest.fixture
def with_plugin(cli: Cli, installed: Path) -> Cli:
    """platformctl with the example, on a platform that offers its golden path."""
    platform = cli.cwd / "platform.yaml"
    paths = installed / "source" / "golden_paths"
    platform.write_text(f"schema: 1\norganisation: local\ngolden_paths: [{paths}]\n", encoding="utf-8")
    cli.env |= {"PYTHONPATH": str(installed / "site"), "PLATFORMCTL_PLATFORM": str(platform)}
    return cli


def test_its_own_tests_pass(installed: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    environment = {**os.environ, "PYTHONPATH": str(installed / "site")}
    where = installed / "source"
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_its_actions_are_listed_and_shown_with_their_package(with_plugin: Cli) -> None:
    found = {row["name"]: row for row in with_plugin.result("actions", "list")["actions"]}
    assert found["motd"] == {
        "name": "motd",
        "kind": "resource",
        "port": "motd",
        "package": "platformctl-motd",
        "version": "0.1.0",
        "summary": "One message on the board.",
        "problem": "",
    }
    assert found["banner"]["kind"] == "renderer"
    assert found["files"]["package"] == "platformctl"
    shown = with_plugin.run("actions", "show", "motd").stdout
    assert "text  What it says.  string (required)" in shown
    assert "revision  What changes with the text." in shown


def test_its_contract_is_tried(with_plugin: Cli, tmp_path: Path) -> None:
    out = with_plugin.run("actions", "test", "motd", "--folder", str(tmp_path / "kept")).stdout
    assert "✓ planning writes nothing\n" in out and out.endswith("motd keeps all 15 promises.\n")
    assert (tmp_path / "kept" / "1 apply converges" / "stage" / "world").is_dir()
    tried = with_plugin.result("actions", "test", "banner")["promises"]
    assert [row["kept"] for row in tried] == [True] * 6
    refused = with_plugin.run("actions", "test", "motd", "--folder", str(tmp_path / "kept"), code=2)
    assert "this is not an empty folder" in refused.stderr


def test_a_broken_promise_is_named(with_plugin: Cli, installed: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(installed / "site", site)
    file = site / "platformctl_motd" / "motd.py"
    source = file.read_text(encoding="utf-8")
    assert source.count("change.revision)") == 1
    file.write_text(source.replace("change.revision)", "self.observe(inputs)[change.address].revision)"))
    with_plugin.env["PYTHONPATH"] = str(site)
    out = with_plugin.run("actions", "test", "motd", code=1).stdout
    broken = "✗ a stale change is refused: motd/svc was written from a plan made before somebody else wrote there"
    assert broken in out.splitlines()
    assert out.endswith("motd breaks 1 of 15 promises.\n")


def test_a_recipe_uses_it(with_plugin: Cli) -> None:
    with_plugin.run("init", "--yes")
    with_plugin.run("new", "greeted", "payments-api", "--message", "Down from 12 to 13", "--yes")
    assert "* payments-api *" in with_plugin.git("payments-api", "show", "main:BANNER.txt")
    with_plugin.run("doctor", "payments-api")
    board = with_plugin.home / "motd" / "local" / "payments-api.json"
    board.write_text(board.read_text().replace("12", "11"))
    assert "motd/payments-api" in with_plugin.run("doctor", "payments-api", code=3).stdout
    with_plugin.run("doctor", "payments-api", "--fix", "--yes")
    with_plugin.run("doctor", "payments-api")


def test_what_it_made_is_undone(with_plugin: Cli) -> None:
    with_plugin.run("init", "--yes")
    with_plugin.run("new", "greeted", "payments-api", "--message", "Down from 12 to 13", "--yes")
    board = with_plugin.home / "motd" / "local" / "payments-api.json"
    assert board.is_file()
    with_plugin.run("undo", "last", "--yes")
    assert not board.exists()
