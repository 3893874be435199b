"""Migrations: what a service needs, beside merged files, to come to a version of its golden path.

A version's folder may hold `migration.yaml`. Coming from `a` to `b`, those of all versions with a < version <= b are
carried out, in their order.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from platformctl.answers import FILE as RECORD
from platformctl.document import Document, every_problem
from platformctl.errors import BadConfig, BadRecipe
from platformctl.folders import is_outside
from platformctl.golden_path import GoldenPath
from platformctl.model import Json
from platformctl.overrides import Override
from platformctl.released import order
from platformctl.schemas import schema

FILE: Final = "migration.yaml"
_PATHS: Final[Mapping[str, Sequence[str]]] = {"move_file": ("from", "to"), "rewrite": ("file",), "script": ("run",)}
"""The fields of operations that are paths."""


@dataclass(frozen=True)
class Operation:
    """One thing to be done."""

    kind: str
    """`rename_input`, `drop_input`, `move_file`, `rewrite` or `script`."""
    given: Mapping[str, Any]
    folder: Path
    """The folder of the version that asks for it."""
    where: str
    """`file:line`, for errors."""


def between(path: GoldenPath, before: str, to: str) -> tuple[Operation, ...]:
    """What has to be done to come from one version to a later one. Raises `BadRecipe` for a file that is not right."""
    versions = (version for version in path.versions if order(before) < order(version) <= order(to))
    return tuple(operation for version in versions for operation in read(path.folder / version))


def read(folder: Path) -> Iterator[Operation]:
    """What a version asks for; nothing where it has no `migration.yaml`. Raises `BadRecipe` with file and line."""
    for found in _read(folder):
        if isinstance(found, BadRecipe):
            raise found
        yield found


def problems(folder: Path) -> Iterator[BadRecipe]:
    """Everything that `read` would refuse, each with file and line."""
    return (found for found in _read(folder) if isinstance(found, BadRecipe))


def _read(folder: Path) -> Iterator[Operation | BadRecipe]:
    """The operations, what is wrong standing for those that cannot be carried out."""
    file = folder / FILE
    if not file.is_file():
        return
    try:
        document = Document.load(file, BadRecipe)
    except BadRecipe as problem:
        yield problem
        return
    wrong = list(every_problem(schema("migration"), document.data))
    yield from (BadRecipe(what, where=document.where(*at)) for at, what in wrong)
    not_as_it_should = {at[:2] for at, _ in wrong}
    operations = document.data.get("operations") if isinstance(document.data, Mapping) else None
    for at, operation in enumerate(operations if isinstance(operations, list) else ()):
        if ("operations", at) not in not_as_it_should:
            ((kind, given),) = operation.items()
            for what, field in _unfit(folder, kind, given):
                yield BadRecipe(what, where=document.where("operations", at, kind, field))
            yield Operation(kind, given, folder, document.where("operations", at))


def _unfit(folder: Path, kind: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Why an operation that has the right form cannot be carried out all the same, each with the field."""
    wrong = [field for field in _PATHS.get(kind, ()) if is_outside(given[field])]
    of = "version's folder" if kind == "script" else "repository"
    yield from ((f"the path {given[field]!r} is outside of the {of}", field) for field in wrong)
    if kind == "script" and not wrong:
        script = folder / given["run"]
        if not script.exists():
            yield f"there is no script {given['run']!r}", "run"
        elif not (script.is_file() and script.resolve().is_relative_to(folder.resolve())):
            yield f"the script {given['run']!r} is no file of the version's folder", "run"


def migrated_answers(operations: Iterable[Operation], answers: Mapping[str, Json]) -> dict[str, Json]:
    """The answers as the later version asks for them. Raises `BadConfig` where one has the new name of another."""
    whole: dict[str, Json] = copy.deepcopy(dict(answers))
    for operation in operations:
        if operation.kind == "rename_input":
            before, after = (operation.given[end].split(".") for end in ("from", "to"))
            found, value = _taken(whole, before)
            if found and _taken(copy.deepcopy(whole), after)[0]:
                raise BadConfig(
                    f"answer {operation.given['to']} is there already, and {operation.given['from']} is to become it",
                    where=operation.where,
                    hint=f"Take one of them out with platformctl configure, or out of {RECORD}",
                )
            if found:
                _put(whole, after, value)
        elif operation.kind == "drop_input":
            _taken(whole, operation.given["name"].split("."))
    return whole


def migrated_overrides(operations: Iterable[Operation], overrides: Sequence[Override]) -> tuple[Override, ...]:
    """The overrides, those of a file that moves with its new place."""
    given = moves(operations)
    return tuple(replace(one, file=given.get(one.file, one.file)) if one.file else one for one in overrides)


def moves(operations: Iterable[Operation]) -> Mapping[str, str]:
    """Where files go that get another place, from where they are now."""
    found: dict[str, str] = {}
    for operation in operations:
        if operation.kind == "move_file":
            before, after = operation.given["from"], operation.given["to"]
            found = {start: after if end == before else end for start, end in found.items()}
            found.setdefault(before, after)
    return found


def _taken(answers: dict[str, Json], place: Sequence[str]) -> tuple[bool, Json]:
    """Take what stands at a place away, with groups that it leaves empty; say whether there was something."""
    name, *inner = place
    if name not in answers:
        return False, None
    if not inner:
        return True, answers.pop(name)
    group = answers[name]
    if not isinstance(group, dict):
        return False, None
    found = _taken(group, inner)
    if found[0] and not group:
        del answers[name]
    return found


def _put(answers: dict[str, Json], place: Sequence[str], value: Json) -> None:
    here = answers
    for name in place[:-1]:
        inner = here.get(name)
        if not isinstance(inner, dict):
            inner = here[name] = {}
        here = inner
    here[place[-1]] = value
