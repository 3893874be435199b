"""Imports point down: what may import what, by layer."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "platformctl"

LAYERS = [
    {"model", "errors", "folders", "schemas"},
    {"events", "action", "document", "references", "locks", "port", "page", "unified"},
    {
        "adoption",
        "campaign",
        "home",
        "inputs",
        "extended",
        "recipe",
        "overrides",
        "extension_points",
        "answers",
        "merge",
        "migration",
        "migration_script",
        "rewriting",
        "journal",
        "golden_path",
        "notices",
        "released",
        "changelog",
        "comparison",
        "engine",
    },
    {"backends", "stack"},
    {"resources", "renderers", "proof", "drivers"},
    {"config", "wiring", "ports", "plugins", "testing"},
    {"commands"},
    {"reporters"},
    {"cli"},
    {"__main__"},
]
"""From the bottom. `backends` and `stack` stand above the core only because they use its home folder and locks; see
below."""

FORBIDDEN = {
    "adoption": {"action", "engine", "journal", "home", "locks", "yaml"},
    "merge": {"action", "document", "engine", "home", "journal", "recipe", "subprocess"},
    "campaign": {"action", "engine", "journal", "home", "locks", "yaml"},
    "engine": {"backends", "resources", "renderers", "wiring", "commands", "reporters", "cli"},
    "commands": {"typer", "rich", "resources", "renderers", "backends", "reporters"},
    "resources": {"engine", "wiring"},
    "renderers": {"engine", "backends", "wiring"},
    "backends": {"engine", "resources", "renderers", "wiring", "action", "stack"},
    "stack": {"backends", "engine", "recipe", "journal", "events"},
    "proof": {"backends", "engine", "recipe", "journal", "resources", "renderers", "events"},
    "drivers": {"proof", "resources", "renderers"},
    "testing": {"backends", "resources", "renderers", "wiring", "pytest"},
    "model": {"yaml", "jsonschema"},
}


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "platformctl":
                found |= {f"platformctl.{alias.name}" for alias in node.names}
            else:
                found.add(node.module)
    return found


def part(module: str) -> str:
    pieces = module.split(".")
    return pieces[1] if pieces[0] == "platformctl" and len(pieces) > 1 else pieces[0]


FILES = sorted(file for file in ROOT.rglob("*.py") if "_golden_paths" not in file.parts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_imports_point_down(file: Path) -> None:
    mine = file.relative_to(ROOT).parts[0].removesuffix(".py")
    if mine == "__init__":
        return
    level = next(index for index, layer in enumerate(LAYERS) if mine in layer)
    for module in imports(file):
        other = part(module)
        assert other not in FORBIDDEN.get(mine, set()), f"{mine} must not import {module}"
        for index, layer in enumerate(LAYERS):
            if other in layer and other != mine:
                assert index <= level, f"{mine} is below {other}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_only_the_command_line_and_the_reporters_print(file: Path) -> None:
    if file.relative_to(ROOT).parts[0] in ("cli", "reporters", "__main__.py"):
        return
    text = file.read_text()
    assert "print(" not in text and "sys.stdout" not in text and "typer" not in text.replace("Typer", "")


def test_files_have_one_subject() -> None:
    assert {file.name: lines for file in FILES if (lines := file.read_text().count("\n")) > 300} == {}
