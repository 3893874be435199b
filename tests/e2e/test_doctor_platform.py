"""`platformctl doctor --platform`: what the platform needs, before anybody needs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformctl.testing.github import FakeGitHub
from tests.conftest import Cli
from tests.github import TOKEN, VARIABLE, written


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github", organisation="acme") as made:
        made.token(TOKEN, role="admin")
        made.token("poor", user="poor", scopes=("repo",), role="admin")
        yield made


@pytest.fixture
def on_github(cli: Cli, github: FakeGitHub, tmp_path: Path) -> Cli:
    file = written(github, tmp_path)
    file.write_text(f"{file.read_text()}registry: 127.0.0.1:9\n")
    return Cli(cli.home, cli.cwd, {"PLATFORMCTL_PLATFORM": str(file), VARIABLE: TOKEN})


def needs(cli: Cli, code: int) -> dict[str, str]:
    """What is needed, with what is wrong about it."""
    said = cli.run("doctor", "--platform", "--json", code=code).stdout.splitlines()
    found = json.loads(said[-1])["data"]["needs"]
    return {f"{need['port']}: {need['what']}": need["problem"] for need in found}


def test_the_embedded_platform_has_all_it_needs(cli: Cli) -> None:
    assert set(needs(cli, 0).values()) == {""}
    assert "Everything that the platform needs is there." in cli.run("doctor", "--platform").stdout


def test_a_tool_that_is_missing_is_named(cli: Cli, tmp_path: Path) -> None:
    found = needs(Cli(cli.home, cli.cwd, {"PATH": str(tmp_path)}), 4)
    assert "terraform or tofu is not on PATH" in found["terraform: backend cli"]
    assert found["grafana: backend files"] == ""


def test_each_thing_that_github_lacks_is_named(on_github: Cli, github: FakeGitHub) -> None:
    found = needs(on_github, 4)
    assert found["forge: scope workflow (commit .github/workflows)"] == ""
    assert found["forge: team payments"] and "init" not in found["forge: team payments"]
    assert "they are not what" in needs_after(on_github, github, found)
    assert "no registry answers at 127.0.0.1:9" in found["images: address"]
    on_github.env[VARIABLE] = "poor"
    assert needs(on_github, 4)["forge: scope workflow (commit .github/workflows)"] == "it is missing"
    on_github.env[VARIABLE] = "unknown"
    assert "does not accept the credential" in next(iter(problems(needs(on_github, 4), "forge")))


def needs_after(cli: Cli, github: FakeGitHub, before: dict[str, str]) -> str:
    """Once the team is there, the next thing is named: the organisation's own repositories."""
    assert "forge: the organisation's own repositories" not in before
    github.team("payments", "Payments")
    found = needs(cli, 4)
    assert found["forge: team payments"] == ""
    return found["forge: the organisation's own repositories"]


def problems(found: dict[str, str], port: str) -> list[str]:
    return [problem for what, problem in found.items() if what.startswith(port) and problem]


def test_it_looks_at_no_service(cli: Cli) -> None:
    assert "looks at no service" in cli.run("doctor", "payments-api", "--platform", code=2).stderr
