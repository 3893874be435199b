"""A later version of the golden path `service`, made from the newest one, so that there is something to come to."""

from __future__ import annotations

import shutil
from pathlib import Path

from platformctl import golden_path
from platformctl.released import order

SHIPPED = golden_path.find([golden_path.shipped()], "service")
FIRST = SHIPPED.latest
NEXT = f"{FIRST.partition('.')[0]}.99.0"
_COMMENTS = (".py", ".toml")
"""How the names of files end that take a comment at their end."""
_TEMPLATE = Path("template", "python", "{{cookiecutter.name}}")


def write(folder: Path) -> None:
    """Golden paths of one's own in a folder: `service` up to the newest version, and the one that is later."""
    path = folder / "service"
    before = [version for version in SHIPPED.versions if order(version) <= order(FIRST)]
    for version in before:
        shutil.copytree(SHIPPED.folder / version, path / version)
    shutil.copytree(path / FIRST, path / NEXT)
    for name in ("path.yaml", "CHANGELOG.md"):
        shutil.copy(SHIPPED.folder / name, path / name)
    recipe = path / NEXT / "recipe.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace(f"version: {FIRST}", f"version: {NEXT}", 1))
    # A version that extends another has only those files of it that it changes.
    for version in before:
        _changed(path / version / _TEMPLATE, path / NEXT / _TEMPLATE)
    (path / NEXT / _TEMPLATE / "docs").mkdir(exist_ok=True)
    (path / NEXT / _TEMPLATE / "docs" / "next.md").write_text("# What is new\n", encoding="utf-8")


def _changed(template: Path, target: Path) -> None:
    """Each file of a template that takes a comment, with one more at its end."""
    for file in template.rglob("*"):
        if file.suffix in _COMMENTS:
            place = target / file.relative_to(template)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(f"{file.read_text(encoding='utf-8')}# {NEXT}\n", encoding="utf-8")
