"""What doctor says where the platform has moved on: newer versions, withdrawn ones, teams that are gone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.demo_path import TEMPLATE, scaffold
from tests.e2e.sandbox import World

ANSWERS = (
    '  - id: answers\n    uses: answers_file\n    plane: developer\n    with: {path: "${{ recipe.path }}", '
    'version: "${{ recipe.version }}", answers: "${{ inputs }}", overrides: "${{ overrides }}"}\n'
)


@pytest.fixture
def made(acme: World, recipe: Callable[..., Path]) -> Path:
    """The golden path `demo`, with a service of its version 1.0.0."""
    text = scaffold().replace('["${{ steps.code.outputs.files }}"]', "[" + _files() + "]")
    folder = recipe(text.replace("  - id: repository\n", ANSWERS + "  - id: repository\n", 1), TEMPLATE)
    done = acme.run("new", "demo", "new-api", "--no-input")
    assert done.code == 0, done.err
    return folder.parent


def _files() -> str:
    return ", ".join(f'"${{{{ steps.{step}.outputs.files }}}}"' for step in ("code", "answers"))


def looked(world: World, *arguments: str) -> Mapping[str, Any]:
    done = world.run("doctor", *(arguments or ("new-api",)), "--json")
    found: Mapping[str, Any] = json.loads(done.out.splitlines()[-1])["data"]
    return {**found, "code": done.code}


def newer(paths: Path) -> None:
    shutil.copytree(paths / "1.0.0", paths / "1.1.0")
    file = paths / "1.1.0" / "recipe.yaml"
    file.write_text(file.read_text().replace("version: 1.0.0", "version: 1.1.0"))


def say(paths: Path, status: str) -> None:
    with (paths / "path.yaml").open("a") as file:
        file.write(f"versions:\n  1.0.0: {{status: {status}, since: 2026-11-01, reason: It leaks}}\n")


def test_a_newer_version_is_said_and_is_no_drift(acme: World, made: Path) -> None:
    assert looked(acme)["findings"] == []
    newer(made)
    found = looked(acme)
    (finding,) = found["findings"]
    assert (found["code"], found["drift"]) == (0, False)
    about = ("address", "part", "class", "severity", "expected", "found", "fix")
    assert [finding[name] for name in about] == ["record/new-api", "version", "behind", "note", "1.1.0", "1.0.0", None]
    assert "version 1.1.0 is there; this is 1.0.0" in acme.run("doctor", "new-api").out


@pytest.mark.parametrize(("status", "code", "severity"), [("deprecated", 0, "warning"), ("withdrawn", 3, "error")])
def test_a_version_that_is_to_be_left(status: str, code: int, severity: str, acme: World, made: Path) -> None:
    say(made, status)
    found = looked(acme)
    (finding,) = found["findings"]
    assert (found["code"], finding["severity"]) == (code, severity)
    assert finding["reason"] == f"demo 1.0.0 is {status} since 2026-11-01: It leaks"
    assert looked(acme, "--all")["code"] == code


def test_a_service_that_only_the_catalog_knows_has_lost_its_repository(used: World) -> None:
    shutil.rmtree(used.home / "forge/local/base-api.git")
    found = looked(used, "base-api")
    (finding,) = found["findings"]
    assert (found["code"], finding["address"], finding["class"]) == (3, "repository/base-api", "missing")
    assert looked(used, "--all")["drifted"] == 1


def test_a_team_that_is_gone_is_named_with_its_services(acme: World) -> None:
    done = acme.run("new", "service", "pay-api", "--team", "payments", "--no-input")
    assert done.code == 0, done.err
    acme.write_platform(acme.platform.read_text().replace("slug: payments", "slug: money").replace("Payments", "Money"))
    found = looked(acme, "pay-api")
    (finding,) = found["findings"]
    assert (found["code"], finding["address"], finding["part"]) == (3, "record/pay-api", "team")
    assert "there is no team 'payments'" in finding["reason"]
    (whole,) = looked(acme, "--all")["services"]
    assert whole["findings"][0]["part"] == "team"
