"""`platformctl path list` and `show`: the golden paths that this platform offers, and where the others are found."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

from platformctl import golden_path
from platformctl.commands.session import Session
from platformctl.config import FACTS
from platformctl.errors import NotFound
from platformctl.golden_path import GoldenPath
from platformctl.model import Json
from platformctl.recipe import Recipe, load


def listed(session: Session, *, internal: bool = False) -> list[GoldenPath]:
    """Every golden path that people can use."""
    found = session.wiring.golden_paths().values()
    return [path for path in found if internal or not path.internal]


def show(name: str, version: str, session: Session) -> tuple[GoldenPath, Recipe]:
    """One golden path and one of its recipes."""
    return session.wiring.golden_path(name), session.wiring.recipe(name, version)


def named(target: str, session: Session) -> GoldenPath:
    """A golden path, given by name or as a folder. Raises `NotFound`."""
    folder = Path(target)
    if folder.is_dir():
        return golden_path.find([folder.absolute().parent], folder.absolute().name)
    if "/" in target:
        raise NotFound(f"there is no folder {target!r}")
    return session.wiring.golden_path(target)


def as_it_is(path: GoldenPath, version: str, session: Session) -> Recipe:
    """The recipe of a version as it stands there, whether it is still what was released or not.

    Raises `BadRecipe`, and `NotFound` for a version that there is not.
    """
    folder = path.version_folder(version)
    return load(folder, session.wiring.action_class, FACTS, session.wiring.version_folder)


def summary(path: GoldenPath, today: date) -> dict[str, Json]:
    """A golden path and its versions, for machines."""
    return {
        "name": path.name,
        "versions": list(path.versions),
        "latest": path.latest,
        "lifecycle": path.lifecycle,
        "owner": path.owner,
        "released": {version: release.day.isoformat() for version, release in path.releases.items()},
        "notices": {version: notice.to_json(today) for version, notice in path.notices.items()},
        "deprecations": [one.to_json() for one in path.deprecations],
        "roadmap": [asdict(planned) for planned in path.roadmap],
    }
