"""`platformctl path lint`: what can be said of a golden path without rendering it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from platformctl import changelog, migration, released
from platformctl.commands.path import as_it_is, named
from platformctl.commands.session import Session
from platformctl.comparison.inputs import input_names
from platformctl.engine.request import takes_upgrade
from platformctl.errors import Failure
from platformctl.golden_path import GoldenPath
from platformctl.notices import DAYS, days
from platformctl.recipe import Recipe

_KNOWN: Final = ("recipe.yaml", migration.FILE)
"""What a version's folder has beside what these two name."""
_WORD: Final = re.compile(r"[^\s/\"'\[\]{},:]+")


@dataclass(frozen=True)
class Problem:
    """Why a version of a golden path cannot be released."""

    where: str
    what: str


def lint(target: str, session: Session) -> tuple[list[str], list[Problem]]:
    """Check every version of a golden path, given by name or as a folder. Gives what was checked, and what is wrong.

    Raises `NotFound` when there is no such path.
    """
    found = named(target, session)
    return [f"{found.name} {version}" for version in found.versions], list(problems(found, found.versions, session))


def problems(path: GoldenPath, versions: Sequence[str], session: Session) -> Iterator[Problem]:
    """What is wrong with a golden path, of its versions with these alone."""
    recipes = {}
    for version in versions:
        try:
            recipes[version] = as_it_is(path, version, session)
            yield from _recipe(path, version, recipes[version])
            yield from _upgrades(path, recipes[version], session)
        except Failure as failure:
            yield Problem(failure.where, failure.what)
        yield from (Problem(wrong.where, wrong.what) for wrong in migration.problems(path.folder / version))
    yield from unreleased(path, session)
    yield from _changelog(path, versions)
    yield from _notices(path)
    yield from _deprecations(path, recipes)


def unreleased(path: GoldenPath, session: Session) -> Iterator[Problem]:
    """Versions that are not any more what was released."""
    for version, release in path.releases.items():
        name, folder = f"{path.name} {version}", path.folder / version
        if folder.is_dir():
            for what in released.broken(release, name, folder, session.wiring.version_folder):
                yield Problem(str(folder), f"{what}; a released version never changes: make a new one")
        elif not ((notice := path.notice(version)) and notice.ended(session.today)):
            what = f"{name}, which was released on {release.day}, is missing: bring it back, or say when it ends"
            yield Problem(str(path.folder / released.FILE), what)
    newest = path.versions[-1]
    if newest in path.releases:
        name = f"{path.name} {newest}"
        for what in released.changed_beside(path.releases[newest], name, path.folder.parent):
            yield Problem(str(path.folder / newest), f"{what}; a released version never changes: make a new one")


def _recipe(path: GoldenPath, version: str, recipe: Recipe) -> Iterator[Problem]:
    folder = path.folder / version
    file = str(folder / "recipe.yaml")
    if (recipe.path, recipe.version) != (path.name, version):
        yield Problem(file, f"it says {recipe.path} {recipe.version}")
    for name, part in recipe.inputs.get("properties", {}).items():
        if not part.get("description"):
            yield Problem(file, f"input {name!r} has no description")
    words = set(_words([step.arguments for step in recipe.steps])) | set(_words(recipe.inputs))
    if (said := folder / migration.FILE).is_file():
        words |= set(_WORD.findall(said.read_text(encoding="utf-8", errors="replace")))
    for child in sorted(folder.iterdir()):
        if child.name not in words | {*_KNOWN, *released.TOOLS}:
            yield Problem(str(child), "nothing in the recipe or the migration names it")


def _upgrades(path: GoldenPath, recipe: Recipe, session: Session) -> Iterator[Problem]:
    """Steps that would each propose an upgrade, which is one proposal, with the record in it."""
    found = [step for step in recipe.steps if takes_upgrade(session.wiring.action_class(step.uses))]
    for step in [] if path.internal else found[1:]:
        what = f"{step.id} keeps files as {found[0].id} does; a service with both cannot be upgraded: make it one step"
        yield Problem(step.where, what)


def _words(value: Any) -> Iterator[str]:
    """Every part of a path in a nest of lists, mappings and texts."""
    if isinstance(value, str):
        yield from _WORD.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)


def _changelog(path: GoldenPath, versions: Sequence[str]) -> Iterator[Problem]:
    file = path.folder / changelog.FILE
    headings = changelog.read(path.folder)
    for version in versions:
        if version not in {heading.version for heading in headings}:
            yield Problem(str(file), f"version {version} is not in it")
    for line, what in changelog.problems(headings):
        yield Problem(f"{file}:{line}", what)


def _notices(path: GoldenPath) -> Iterator[Problem]:
    """What is wrong with what is said of versions."""
    for version, notice in path.notices.items():
        known = {*path.versions, *path.releases}
        if version not in known | {f"{one.partition('.')[0]}.x" for one in known}:
            yield Problem(notice.where, f"{path.name} has no version {version}")
        if notice.status == "deprecated" and notice.removed and notice.removed < notice.since + timedelta(DAYS):
            noticed = days((notice.removed - notice.since).days)
            yield Problem(notice.where, f"{version} ends {noticed} after it was announced, not at least {DAYS}")


def _deprecations(path: GoldenPath, recipes: Mapping[str, Recipe]) -> Iterator[Problem]:
    """What is wrong with what is said of parts. Files are not looked for: they would have to be rendered."""
    parts = {part for recipe in recipes.values() for part in _parts(recipe)}
    for one in path.deprecations:
        not_yet = one.removed_in and one.removed_in not in recipes  # it may be about what only that version has
        if not (one.what.startswith("file:") or not_yet or any(map(one.covers, parts))):
            yield Problem(one.where, f"no version of {path.name} has {one.what}")
        if one.removed and one.removed < one.since + timedelta(DAYS):
            noticed = days((one.removed - one.since).days)
            yield Problem(one.where, f"{one.what} goes {noticed} after it was announced, not at least {DAYS}")


def _parts(recipe: Recipe) -> Iterator[str]:
    """Everything of a recipe that can be deprecated, but files."""
    yield from (f"input:{name}" for name in input_names(recipe.inputs))
    yield from (f"step:{step.id}" for step in recipe.steps)
    yield from (f"output:{label}" for label in recipe.outputs)
    yield from (f"extension_point:{name}" for name in recipe.extension_points)
    if recipe.proof:
        yield "proof"
