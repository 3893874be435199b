"""`platformctl actions list`, `show` and `test`: what steps can use, and whether it keeps the contract."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from platformctl import plugins
from platformctl.commands.session import Session
from platformctl.errors import BadInput, Failure, NotFound, ToolFailed
from platformctl.model import Json

if TYPE_CHECKING:
    from platformctl.testing import Case, Promise

CONTRACTS: Final = "platformctl.contracts"
"""The group of entry points that name an action's cases, by the action's name."""


@dataclass(frozen=True)
class About:
    """An action as people choose it."""

    name: str
    kind: str
    """`renderer` or `resource`; empty when it cannot be loaded."""
    port: str
    package: str
    version: str
    summary: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    outputs: Mapping[str, Json] = field(default_factory=dict)
    problem: str = ""
    """Why it cannot be used, or empty."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "name": self.name,
            "kind": self.kind,
            "port": self.port,
            "package": self.package,
            "version": self.version,
            "summary": self.summary,
            "problem": self.problem,
        }


@dataclass(frozen=True)
class Tried:
    """One promise, tried with one case; `broken` says how it is not kept, or is empty."""

    promise: str
    broken: str = ""


def listed(session: Session) -> list[About]:
    """Every action, those that cannot be used too."""
    return [_about(session, name) for name in sorted(session.wiring.action_points)]


def show(name: str, session: Session) -> About:
    """One action. Raises `NotFound` naming those there are, `ToolFailed` when it cannot be used."""
    _point(name, session)
    about = _about(session, name)
    if about.problem:
        raise ToolFailed(about.problem)
    return about


def test(name: str, folder: Path | None, session: Session) -> Iterator[Tried]:
    """Try every promise with every case that comes with an action, as it goes.

    What the cases need is made in `folder`, which must be empty and is kept; without one, in a temporary folder. Raises
    `NotFound` when the action brings no cases, `ToolFailed` when they cannot be used.
    """
    from platformctl.testing import promises

    cases = _cases(_point(name, session))
    with _workplace(folder) as place:
        for number, case in enumerate(cases, start=1):
            for promise in promises(case):
                corner = place / f"{number} {promise}"
                corner.mkdir()
                yield Tried(promise.name, _broken(promise, case, corner))


def _point(name: str, session: Session) -> EntryPoint:
    points = session.wiring.action_points
    if name not in points:
        raise NotFound(f"there is no action {name!r}", hint=f"There is {', '.join(sorted(points))}")
    return points[name]


def _about(session: Session, name: str) -> About:
    point = session.wiring.action_points[name]
    package, version = plugins.package(point)
    try:
        kind = session.wiring.action_class(name)
    except Failure as failure:
        return About(name, "", "", package, version, "", problem=failure.what)
    pure = hasattr(kind, "render")
    outputs = {"files": {"type": "files", "description": "The rendered files."}} if pure else kind.OUTPUTS["properties"]
    return About(
        name=name,
        kind="renderer" if pure else "resource",
        port="" if pure else kind.PORT,
        package=package,
        version=version,
        summary=(kind.__doc__ or "").strip().partition("\n")[0],
        inputs=kind.INPUTS,
        outputs=outputs,
    )


def _cases(point: EntryPoint) -> Sequence[Case]:
    found = {contract.name: contract for contract in entry_points(group=CONTRACTS)}.get(point.name)
    package, _ = plugins.package(point)
    if found is None and plugins.is_built_in(point):
        hint = "The tests of platformctl itself try it"
        raise NotFound(f"{point.name} comes with platformctl and brings no cases of its own", hint=hint)
    if found is None:
        hint = f"Its package names them under the entry points {CONTRACTS}"
        raise NotFound(f"{point.name} of {package} brings no cases to try it with", hint=hint)
    try:
        cases = found.load()
    except Exception as problem:
        # A module can raise anything while it is imported.
        said = f"{type(problem).__name__}: {problem}"
        raise ToolFailed(f"the cases of {point.name} cannot be loaded: {said}", where=found.value) from problem
    return _checked(cases, point, found.value)


def _checked(cases: Any, point: EntryPoint, where: str) -> Sequence[Case]:
    from platformctl.testing import RendererCase, ResourceCase

    good = isinstance(cases, list | tuple) and all(isinstance(case, RendererCase | ResourceCase) for case in cases)
    if not good or not cases:
        raise ToolFailed(f"the cases of {point.name} are not a list of RendererCase or ResourceCase", where=where)
    if strange := [case.action for case in cases if case.action is not point.load()]:
        raise ToolFailed(f"the cases of {point.name} are about {strange[0].__qualname__}", where=where)
    checked: Sequence[Case] = cases
    return checked


def _broken(promise: Promise, case: Case, folder: Path) -> str:
    from platformctl.testing import Broken

    try:
        promise(case, folder)
    except Broken as broken:
        return str(broken).partition(f": not kept: {promise}: ")[2]
    except Exception as problem:
        # The action can raise anything; that is what is to be found out.
        return f"{type(problem).__name__}: {str(problem).strip().rpartition(chr(10))[2]}"
    return ""


@contextmanager
def _workplace(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        made = tempfile.mkdtemp(prefix="platformctl-")
        try:
            yield Path(made)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("this is not an empty folder", where=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    yield folder.resolve()
