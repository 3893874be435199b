"""`platformctl path release`: a version is checked against what was promised, and from then on it never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Final

from platformctl import changelog, migration, released
from platformctl.commands.announced import Announced
from platformctl.commands.path import as_it_is, named
from platformctl.commands.path_diff import between
from platformctl.commands.path_lint import problems
from platformctl.commands.path_test import Check, Told, own_tests, rendered
from platformctl.commands.session import Session
from platformctl.comparison.rules import Bump, Level
from platformctl.comparison.versions import Comparison, bump
from platformctl.errors import BadInput, Failure
from platformctl.golden_path import GoldenPath
from platformctl.home import write_atomically
from platformctl.model import Json
from platformctl.recipe import Recipe
from platformctl.released import Release, order

_FOLDER: Final = "folder"
"""The action that publishes a folder beside the golden path's."""


class Releasing:
    """One version on its way to be released. Raises `NotFound` for one that there is not."""

    def __init__(self, target: str, version: str, session: Session) -> None:
        self.path: GoldenPath = named(target, session)
        self.version = version
        self._session = session
        self.folder = self.path.version_folder(version)
        self.since = max((one for one in self.path.releases if order(one) < order(version)), key=order, default="")
        """The version that was released before it; empty when there is none."""
        self._heading = next((one for one in changelog.read(self.path.folder) if one.version == version), None)

    @property
    def done(self) -> Release | None:
        """How it was released, if it was."""
        return self.path.releases.get(self.version)

    @property
    def day(self) -> date:
        """The day of the release: that of the changelog, as far as it has one."""
        return (self._heading and self._heading.day) or self._session.today

    @property
    def file(self) -> Path:
        """Where it is recorded."""
        return self.path.folder / released.FILE

    def checks(self, told: Told) -> Iterator[Check]:
        """Everything that has to hold, as it is checked; what takes long comes last. `told` hears pytest's lines."""
        looked_at = [one for one in self.path.versions if one in self.path.releases or one == self.version]
        changes = str(self.path.folder / changelog.FILE)
        wrong: dict[bool, list[str]] = {True: [], False: []}
        for one in problems(self.path, looked_at, self._session):
            wrong[one.where.startswith(changes)].append(f"{one.where}: {one.what}")
        yield Check("format and what was released", wrong[False])
        if self.done:
            return
        yield Check("owner", list(self._owner()))
        yield Check("changelog", [*wrong[True], *self._changelog()])
        yield self._guarded("what it extends", self._extended)
        if self.since:
            yield from self._policy()
        yield from self._tests(told)

    def record(self) -> Release:
        """What is written of it. Raises `BadRecipe`."""
        recipe = self._recipe()
        bases = {_name(folder): released.digest(folder) for folder in _extended(recipe)}
        beside = {name: released.digest(self.path.folder.parent / name) for name in _published(recipe, self.folder)}
        return Release(self.day, released.digest(self.folder), bases, beside)

    def write(self) -> Release:
        """Record it. Raises `BadRecipe` or OSError."""
        record = self.record()
        text = released.text_of({**self.path.releases, self.version: record})
        write_atomically(self.file, text.encode())
        return record

    def to_json(self, checks: Sequence[Check], made: Release | None, *, dry: bool) -> dict[str, Json]:
        """How it went, for machines; `made` is what was written, or would be."""
        release = made or self.done
        return {
            "path": self.path.name,
            "version": self.version,
            "since": self.since,
            "checks": [asdict(check) for check in checks],
            "released": release.to_record() if release else None,
            "written": made is not None and not dry,
            "file": str(self.file),
        }

    def _recipe(self) -> Recipe:
        return as_it_is(self.path, self.version, self._session)

    def _guarded(self, what: str, look: Callable[[], Iterator[str]]) -> Check:
        """A check that cannot be made, because something is broken, does not hold."""
        try:
            return Check(what, list(look()))
        except Failure as failure:
            return Check(what, [str(failure)])

    def _owner(self) -> Iterator[str]:
        config = self._session.wiring.config
        if config.data.get("teams"):
            try:
                config.team(self.path.owner)
            except BadInput as unknown:
                yield f"owner: {str(unknown).removeprefix('team: ')}"

    def _changelog(self) -> Iterator[str]:
        heading = self._heading
        if heading is None:
            return
        where = f"{self.path.folder / changelog.FILE}:{heading.line}"
        if not heading.said:
            yield f"{where}: version {self.version} has no day, as in: ## {self.version} - {self._session.today}"
        elif heading.day and heading.day > self._session.today:
            yield f"{where}: {heading.day} is still to come"
        if not heading.entries:
            yield f"{where}: it does not say what is new in {self.version}"

    def _extended(self) -> Iterator[str]:
        for folder in _extended(self._recipe()):
            base = self._session.wiring.golden_path(folder.parent.name)
            name, release = _name(folder), base.releases.get(folder.name)
            if release is None:
                yield f"{name} is not released; release that first: platformctl path release {name}"
            else:
                yield from released.broken(release, name, folder, self._session.wiring.version_folder)

    def _policy(self) -> Iterator[Check]:
        """What is promised of versions."""
        try:
            found = between(self.path, self.since, self.version, self._session)
        except Failure as failure:
            yield Check(f"what has changed since {self.since}", [str(failure)])
            return
        yield self._semver(found)
        if not found.cases and not self._recipe().abstract:
            yield Check("files compared", ["no case of the grid can be rendered with both versions", *found.notes])
        breaking = found.of(Level.BREAKING)
        if breaking:
            announced = Announced(self.path, self.version, self.day, self._session)
            yield announced.check(breaking)
            file = self.folder / migration.FILE
            missing = f"{file}: a breaking version says how a service comes to it, and this is missing"
            yield Check("migration", [] if file.is_file() else [missing])

    def _semver(self, found: Comparison) -> Check:
        """Whether the version's number is large enough for what has changed."""
        made = bump(self.since, self.version)
        wanted = found.level.asks_for if found.level else Bump.PATCH
        what = f"{made.value} version after {self.since}"
        beside = released.changed_beside(
            self.path.releases[self.since], f"{self.path.name} {self.since}", self.path.folder.parent
        )
        notes = [*found.notes, *(f"{one}; what that is to services is not compared" for one in beside)]
        sizes = list(Bump)
        if sizes.index(made) > sizes.index(wanted):
            forcing = [one for one in found.changes if sizes.index(one.level.asks_for) < sizes.index(made)]
            why = [f"{one.said} asks for a {one.level.asks_for.value} version" for one in forcing]
            return Check(what, why, notes)
        if not found.changes:
            notes.insert(0, f"nothing that could be compared has changed since {self.since}")
        elif sizes.index(made) < sizes.index(wanted):
            notes.insert(0, f"a {wanted.value} version would do")
        return Check(what, (), notes)

    def _tests(self, told: Told) -> Iterator[Check]:
        yield rendered(self.path, self.version, self._session)
        try:
            yield from own_tests(self.path, told)
        except Failure as failure:
            yield Check(f"tests of {self.path.name} pass", [str(failure)])


def _name(folder: Path) -> str:
    """A version's folder as people write it: `base 1.0.0`."""
    return f"{folder.parent.name} {folder.name}"


def _extended(recipe: Recipe) -> Sequence[Path]:
    """The folders of the versions that a recipe extends, the nearest first."""
    return recipe.steps[0].folders[1:]


def _published(recipe: Recipe, folder: Path) -> Iterator[str]:
    """The folders beside the golden path's that a version publishes, but its own."""
    root = folder.parent.parent
    named = {str(step.arguments.get("from", "")) for step in recipe.steps if step.uses == _FOLDER}
    for name in sorted(named):
        if (root / name).is_dir() and not (root / name).is_relative_to(folder):
            yield name
