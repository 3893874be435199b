"""`platformctl path test`: whether the versions of a golden path render, and what its own tests say."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from platformctl.commands.path import as_it_is, named
from platformctl.commands.path_lint import unreleased
from platformctl.commands.session import Session
from platformctl.commands.trial import Case, Trials, cases, dead_globs
from platformctl.comparison.versions import Version
from platformctl.errors import Failure, NoAccess
from platformctl.golden_path import GoldenPath
from platformctl.recipe import Recipe
from platformctl.stack.child import Child
from platformctl.stack.tail import Tail
from platformctl.wiring import Wiring

_LOOK: Final = 0.1
"""Seconds between two looks at what pytest says."""
_NOTHING: Final = 5
"""How pytest ends when it has collected no test."""

Told = Callable[[str], None]
"""Is told a line that pytest has said."""


@dataclass(frozen=True)
class Check:
    """Something that has to hold, and what is wrong with it."""

    what: str
    problems: Sequence[str] = ()
    notes: Sequence[str] = ()


def test(target: str, version: str, session: Session, told: Told) -> Iterator[Check]:
    """Check every version of a golden path given by name or folder, or one, and then run its tests, as it goes.

    Raises `NotFound`, and `NoAccess` when there are tests and no pytest.
    """
    path = named(target, session)
    if version:
        path.version_folder(version)  # or there is no such version
    yield Check("what was released", [f"{problem.where}: {problem.what}" for problem in unreleased(path, session)])
    for one in (version,) if version else path.versions:
        yield rendered(path, one, session)
    yield from own_tests(path, told)


def rendered(path: GoldenPath, version: str, session: Session) -> Check:
    """Whether a version renders in every case, the same twice, and no glob is dead."""
    name = f"{path.name} {version}"
    try:
        recipe = as_it_is(path, version, session)
        if recipe.abstract:
            return Check(f"{name} is there to be extended only")
        given = cases(path, recipe)
    except Failure as failure:
        return Check(f"{name} renders", [str(failure)])
    if not given:
        return Check(f"{name} renders", ["no case of the grid is for it"])
    problems: list[str] = []
    whole = _tried(Trials(session.wiring, path), recipe, given, problems)
    # Nothing is remembered by another wiring: templates are read again.
    again = _tried(Trials(Wiring(session.wiring.config, session.wiring.home), path), recipe, given, [])
    problems += [f"case {case!r} renders differently the second time" for case in _differing(whole, again)]
    if not problems:
        problems += [f"{step.where}: {glob!r} fits no file in any case" for step, glob in dead_globs(whole)]
    return Check(f"{name} renders in {len(given)} case{'s' if len(given) > 1 else ''}, the same twice", problems)


def _tried(trials: Trials, recipe: Recipe, given: Sequence[Case], problems: list[str]) -> Version:
    """The version with the cases that can be rendered; why others cannot goes to the problems."""
    whole = trials.version(recipe, ())
    for case in given:
        try:
            whole = replace(whole, trials={**whole.trials, **trials.version(recipe, [case]).trials})
        except Failure as failure:
            problems.append(str(failure))
    return whole


def _differing(whole: Version, again: Version) -> Iterator[str]:
    return (case for case, trial in whole.trials.items() if trial != again.trials.get(case))


def own_tests(path: GoldenPath, told: Told) -> Iterator[Check]:
    """Run what is in `tests/` with pytest, in a process of its own; nothing where there are no tests.

    It runs in the working folder and writes no caches. Raises `NoAccess` without pytest.
    """
    folder = path.folder / "tests"
    if not any(folder.rglob("test_*.py")):
        return
    if find_spec("pytest") is None:
        raise NoAccess(
            "there are tests, and pytest is not installed",
            where=str(folder),
            hint=f"Install it: {sys.executable} -m pip install pytest",
        )
    code = _pytest(folder, told)
    said = {0: [], _NOTHING: ["pytest has found no test"]}.get(code or 0, [f"pytest ended with {code}"])
    yield Check(f"tests of {path.name} pass", said)


def _pytest(folder: Path, told: Told) -> int | None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(folder)]
    with tempfile.TemporaryDirectory(prefix="platformctl-") as place:
        log = Path(place, "pytest.log")
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
        with Child.start("pytest", command, cwd=Path.cwd(), env=env, log=log) as child:
            tail = Tail(log)
            while child.running:
                for line in tail.lines():
                    told(line)
                time.sleep(_LOOK)
            for line in tail.lines(last=True):
                told(line)
            return child.code
