"""A later version of the golden path `service`, made from the newest one, so that there is something to come to."""

from __future__ import annotations

import shutil
from pathlib import Path

from platformctl import golden_path

SHIPPED = golden_path.find([golden_path.shipped()], "service")
FIRST = SHIPPED.latest
NEXT = f"{FIRST.partition('.')[0]}.99.0"
_COMMENTS = (".py", ".toml")
"""How the names of files end that take a comment at their end."""


def write(folder: Path) -> None:
    """Golden paths of one's own in a folder: `service` in both versions."""
    path = folder / "service"
    for version in (FIRST, NEXT):
        shutil.copytree(SHIPPED.folder / FIRST, path / version)
    for name in ("path.yaml", "CHANGELOG.md"):
        shutil.copy(SHIPPED.folder / name, path / name)
    recipe = path / NEXT / "recipe.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace(f"version: {FIRST}", f"version: {NEXT}", 1))
    template = path / NEXT / "template" / "python" / "{{cookiecutter.name}}"
    for file in template.rglob("*"):
        if file.suffix in _COMMENTS:
            file.write_text(f"{file.read_text(encoding='utf-8')}# {NEXT}\n", encoding="utf-8")
    (template / "docs").mkdir(exist_ok=True)
    (template / "docs" / "next.md").write_text("# What is new\n", encoding="utf-8")
