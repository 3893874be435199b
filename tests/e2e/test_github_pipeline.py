"""Variables, secrets and environments of pipelines on GitHub, from platform.yaml to what workflows are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from platformctl.testing.github import FakeGitHub
from tests.conftest import Cli
from tests.github import TOKEN, VARIABLE, platform

CANARY = "canary-5e8a-19d2"
CI = {
    "variables": {"REGISTRY_USERNAME": "robot"},
    "secrets": {"REGISTRY_PASSWORD": "env:REGISTRY_PASSWORD"},
    "environments": True,
}
NEW = ("new", "service", "payments-api", "--team", "payments", "--set", "visibility=private", "--yes")
READS = ("/actions/variables", "/actions/secrets", "/environments/staging")


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as github:
        github.token(TOKEN, role="admin")
        github.team("payments", "Payments")
        yield github


def configured(cli: Cli, github: FakeGitHub, ci: dict[str, Any]) -> Path:
    """A platform.yaml with these settings, prepared."""
    file = cli.cwd / "platform.yaml"
    file.write_text(yaml.safe_dump({**platform(github, visibility="private"), "ci": ci}))
    cli.env |= {"PLATFORMCTL_PLATFORM": str(file), VARIABLE: TOKEN}
    return file


def asked(github: FakeGitHub, since: int) -> list[str]:
    """What was asked about pipelines."""
    return [each.path for each in github.exchanges[since:] if each.path.endswith(READS)]


def writes(github: FakeGitHub, since: int) -> list[str]:
    return [f"{each.method} {each.path}" for each in github.exchanges[since:] if each.method != "GET"]


def test_from_platform_yaml_to_the_workflows_and_back(cli: Cli, github: FakeGitHub, tmp_path: Path) -> None:
    file = configured(cli, github, CI)
    for command in (("init",), NEW):
        done = cli.run(*command, code=4)
        line = 1 + file.read_text().splitlines().index("    REGISTRY_PASSWORD: env:REGISTRY_PASSWORD")
        assert f"{file}:{line}: the secret REGISTRY_PASSWORD: REGISTRY_PASSWORD is not set" in done.stderr
    assert github.exchanges == []
    cli.env["REGISTRY_PASSWORD"] = CANARY
    cli.run("init")
    cli.run(*NEW)
    for repository in ("platform-workflows", "payments-api"):
        assert github.secret(repository, "REGISTRY_PASSWORD") == CANARY
    there = github.state()["repositories"]["payments-api"]
    assert there["variables"] == {"REGISTRY_USERNAME": "robot"}
    assert there["environments"]["staging"]["deployment_branch_policy"]["protected_branches"] is True
    first_commit = next(i for i, each in enumerate(github.exchanges) if "payments-api/git/commits" in each.path)
    assert any(
        each.path.endswith("payments-api/actions/secrets/REGISTRY_PASSWORD") for each in github.exchanges[:first_commit]
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()] == []

    since = len(github.exchanges)
    cli.run(*NEW)
    cli.run("init")
    assert writes(github, since) == []
    del cli.env["REGISTRY_PASSWORD"]
    cli.run("doctor", "payments-api")
    cli.env["REGISTRY_PASSWORD"] = CANARY
    cli.run("undo", "last", "--yes")
    assert "payments-api" not in github.state()["repositories"]


def test_a_platform_without_settings_asks_nothing_more(cli: Cli, github: FakeGitHub) -> None:
    configured(cli, github, {})
    cli.run("init")
    cli.run(*NEW)
    cli.run("doctor", "payments-api")
    assert asked(github, 0) == []


def test_drift_is_found_and_mended(cli: Cli, github: FakeGitHub) -> None:
    configured(cli, github, CI)
    cli.env["REGISTRY_PASSWORD"] = CANARY
    cli.run("init")
    cli.run(*NEW)
    repository = github._forge.world.repositories["payments-api"]
    repository.variables["REGISTRY_USERNAME"]["value"] = "mallory"
    repository.variables["THEIRS"] = {**repository.variables["REGISTRY_USERNAME"]}
    del repository.secrets["REGISTRY_PASSWORD"]
    repository.environments["staging"]["deployment_branch_policy"] = None
    said = cli.run("doctor", "payments-api", code=3).stdout
    for part in ("mallory", "secrets.REGISTRY_PASSWORD", "protected_branches_only"):
        assert part in said
    for how in (("--diff",), ("--json",), *(("--format", name) for name in ("sarif", "junit", "markdown", "html"))):
        for who in (("payments-api",), ("--all", "--fix") if how[0] == "--diff" else ("--all",)):
            done = cli.run("doctor", *who, *how, code=3)
            assert "mallory" in done.stdout and "secrets.REGISTRY_PASSWORD" in done.stdout
            assert CANARY not in done.stdout + done.stderr and TOKEN not in done.stdout + done.stderr
    cli.run("doctor", "payments-api", "--fix", "--yes")
    assert github.secret("payments-api", "REGISTRY_PASSWORD") == CANARY
    assert github.state()["repositories"]["payments-api"]["variables"]["THEIRS"] == "mallory"
    cli.run("doctor", "payments-api")
