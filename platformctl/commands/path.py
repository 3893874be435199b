"""`platformctl path list`, `show` and `lint`: the golden paths that this platform offers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformctl import golden_path
from platformctl.commands.session import Session
from platformctl.config import FACTS
from platformctl.errors import Failure, NotFound
from platformctl.golden_path import GoldenPath
from platformctl.recipe import Recipe, load


@dataclass(frozen=True)
class Problem:
    """Why a version of a golden path cannot be released."""

    where: str
    what: str


def listed(session: Session, *, internal: bool = False) -> list[GoldenPath]:
    """Every golden path that people can use."""
    found = session.wiring.golden_paths().values()
    return [path for path in found if internal or not path.internal]


def show(name: str, version: str, session: Session) -> tuple[GoldenPath, Recipe]:
    """One golden path and one of its recipes."""
    return session.wiring.golden_path(name), session.wiring.recipe(name, version)


def lint(target: str, session: Session) -> tuple[list[str], list[Problem]]:
    """Check every version of a golden path, given by name or as a folder. Gives what was checked, and what is wrong.

    Raises `NotFound` when there is no such path.
    """
    folder = Path(target)
    if folder.is_dir():
        found = golden_path.find([folder.absolute().parent], folder.absolute().name)
    elif "/" in target:
        raise NotFound(f"there is no folder {target!r}")
    else:
        found = session.wiring.golden_path(target)
    checked, problems = [], []
    for version in found.versions:
        checked.append(f"{found.name} {version}")
        problems += _problems(found, version, session)
    return checked, problems


def _problems(found: GoldenPath, version: str, session: Session) -> list[Problem]:
    folder = found.folder / version
    try:
        recipe = load(folder, session.wiring.action_class, FACTS, session.wiring.version_folder)
    except Failure as failure:
        return [Problem(failure.where, failure.what)]
    problems = []
    if (recipe.path, recipe.version) != (found.name, version):
        problems.append(Problem(str(folder / "recipe.yaml"), f"it says {recipe.path} {recipe.version}"))
    changelog = found.folder / "CHANGELOG.md"
    if not changelog.is_file() or f"## {version}" not in changelog.read_text(encoding="utf-8"):
        problems.append(Problem(str(changelog), f"version {version} is not in it"))
    for name, part in recipe.inputs.get("properties", {}).items():
        if not part.get("description"):
            problems.append(Problem(str(folder / "recipe.yaml"), f"input {name!r} has no description"))
    return problems
