"""`platformctl path diff`: what has changed between two versions of a golden path, and what that asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from platformctl import migration
from platformctl.commands.path import as_it_is, named
from platformctl.commands.session import Session
from platformctl.commands.trial import Case, Trials, cases, samples
from platformctl.comparison.inputs import now_called
from platformctl.comparison.versions import Comparison, Version, compare
from platformctl.errors import BadInput
from platformctl.golden_path import GoldenPath
from platformctl.inputs import complete, leaves, put
from platformctl.migration import Operation
from platformctl.model import Json
from platformctl.overrides import value_at
from platformctl.recipe import Recipe
from platformctl.released import order


def diff(target: str, before: str, after: str, session: Session) -> Comparison:
    """What has changed between two versions, by default the newest two, of a golden path given by name or folder.

    Raises `BadInput` where there are no two versions to compare, `NotFound` or `BadRecipe`.
    """
    path = named(target, session)
    if not before and len(path.versions) < 2:
        raise BadInput(f"{path.name} has one version, {path.latest}", hint="Name two, or make another one")
    after = after or path.versions[-1]
    older = [version for version in path.versions if order(version) < order(after)]
    if not before and not older:
        raise BadInput(f"{path.name} has nothing older than {after}", hint=f"It has {', '.join(path.versions)}")
    return between(path, before or older[-1], after, session)


def between(path: GoldenPath, before: str, after: str, session: Session) -> Comparison:
    """What has changed from a version to a later one. Raises `BadInput`, `NotFound` or `BadRecipe`."""
    old, new = (as_it_is(path, version, session) for version in (before, after))
    if order(before) >= order(after):
        raise BadInput(f"{before} is not older than {after}", hint="The older version comes first")
    operations = migration.between(path, before, after)
    renamed, moves = _renamed(operations), migration.moves(operations)
    kept, notes = _cases(path, old, new, renamed)
    trials = Trials(session.wiring, path)

    def tried(recipe: Recipe, given: Sequence[Case]) -> Version:
        # What differs by the version's number alone has not changed.
        return replace(trials.version(replace(recipe, version=after), given), recipe=recipe)

    versions = tried(old, [case for case, _ in kept]), tried(new, [case for _, case in kept])
    return compare(*versions, renamed, moves, notes)


def _cases(
    path: GoldenPath, old: Recipe, new: Recipe, renamed: Mapping[str, str]
) -> tuple[Sequence[tuple[Case, Case]], Sequence[str]]:
    """The cases that both versions can be tried with, as each of them is asked; why others cannot."""
    if old.abstract or new.abstract:
        return (), [f"{path.name} is there to be extended only, and renders nothing by itself"]
    kept, notes = [], []
    for case in cases(path, old):
        carried = replace(case, answers=_carried_over(case.answers, old, new, renamed))
        try:
            complete(old.inputs, case.answers)
            complete(new.inputs, carried.answers)
            kept.append((case, carried))
        except BadInput as problem:
            notes.append(f"case {case.name!r} is not compared: {problem.what}")
    return kept, notes


def _carried_over(
    answers: Mapping[str, Json], old: Recipe, new: Recipe, renamed: Mapping[str, str]
) -> Mapping[str, Json]:
    """The answers that a later version still asks for, by its names for them; to what is new and required, samples."""
    known = {name for name, _ in leaves(new.inputs)}
    carried: dict[str, Json] = {}
    for name, _ in leaves(old.inputs):
        value, now = value_at(answers, name.split(".")), now_called(name, renamed)
        if value is not None and now in known:
            put(carried, tuple(now.split(".")), value)
    return {**carried, **samples(new.inputs, carried)}


def _renamed(operations: Iterable[Operation]) -> Mapping[str, str]:
    """The inputs that have another name afterwards, old names to new ones."""
    found: dict[str, str] = {}
    for one in operations:
        if one.kind == "rename_input":
            old, new = one.given["from"], one.given["to"]
            found = {start: new if end == old else end for start, end in found.items()}
            found.setdefault(old, new)
    return found
