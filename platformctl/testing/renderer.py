"""What every renderer promises. Each check tries one promise in an empty folder, and raises `Broken`."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from platformctl.model import File, Tree
from platformctl.testing.case import Broken, RendererCase
from platformctl.testing.declared import check_inputs
from platformctl.testing.elsewhere import digests
from platformctl.testing.process import Act, touches

_TIMEOUT: Final = 60.0
"""Seconds for rendering in another process."""


def inputs_are_described(case: RendererCase, folder: Path) -> None:
    check_inputs(case)
    asked = _Asked(case.inputs)
    case.action(_recipe(case, folder)).render(asked)
    for name in sorted(asked.names - case.action.INPUTS["properties"].keys()):
        raise Broken(f"it asks for the input {name}, which INPUTS does not have")


class _Asked(dict[str, Any]):
    """Inputs that remember which of them were asked for."""

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        super().__init__(inputs)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)


def what_it_gives_is_a_tree_of_safe_paths(case: RendererCase, folder: Path) -> None:
    tree = _rendered(case, _recipe(case, folder))
    if not isinstance(tree, Mapping) or not tree:
        raise Broken("render gives no files")
    for path, file in tree.items():
        if not isinstance(file, File) or not isinstance(file.content, bytes):
            raise Broken(f"{path!r} is {type(file).__name__}, and not a File of bytes")
        parts = path.split("/")
        outside = bool({"", ".", ".."} & set(parts)) or ".git" in map(str.lower, parts)
        if outside or not path.isprintable() or "\\" in path:
            raise Broken(f"the path {path!r} is outside of the repository")


def the_same_inputs_give_the_same_bytes(case: RendererCase, folder: Path) -> None:
    recipe, inputs = _recipe(case, folder), copy.deepcopy(dict(case.inputs))
    action = case.action(recipe)
    first = dict(action.render(inputs))
    if inputs != case.inputs:
        raise Broken("it changes the inputs that it is given")
    for again, tree in {
        "again": action.render(inputs),
        "by another instance": case.action(recipe).render(inputs),
    }.items():
        if path := _differing(digests(first), digests(tree)):
            raise Broken(f"rendered {again}, {path} differs")


def it_touches_nothing(case: RendererCase, folder: Path) -> None:
    recipe = _recipe(case, folder)
    if done := touches(lambda: _rendered(case, recipe), Act.WRITE, Act.START, Act.CONNECT):
        raise Broken(f"it {done[0]}")


def it_reads_golden_paths_only(case: RendererCase, folder: Path) -> None:
    recipe = _recipe(case, folder)
    for deed in touches(lambda: _rendered(case, recipe), Act.READ):
        if not Path(deed.partition(" ")[2]).is_relative_to(folder):
            raise Broken(f"it {deed}")


def nothing_around_it_changes_a_byte(case: RendererCase, folder: Path) -> None:
    recipe = _recipe(case, folder)
    asked = {
        "module": case.action.__module__,
        "name": case.action.__qualname__,
        "folder": str(recipe),
        "inputs": dict(case.inputs),
    }
    wanted = digests(_rendered(case, recipe))
    for around, found in _elsewhere(asked, folder).items():
        if isinstance(found, str):
            raise Broken(f"with {around}, it raises {found}")
        if path := _differing(wanted, found):
            raise Broken(f"with {around}, {path} differs")


def _elsewhere(asked: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What a process gives that has nothing in common with this one but its code."""
    answer = folder / "elsewhere.json"
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONHASHSEED": "1",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "LC_ALL": "C",
        "TZ": "Pacific/Kiritimati",
        "HOME": str(folder),
        "USER": "somebody",
    }
    done = subprocess.run(
        [sys.executable, "-m", "platformctl.testing.elsewhere", str(answer)],
        input=pickle.dumps(asked),
        env=environment,
        cwd="/",
        capture_output=True,
        check=False,
        timeout=_TIMEOUT,
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Broken(f"it cannot be rendered by another process: {last}")
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def _recipe(case: RendererCase, folder: Path) -> Path:
    """The recipe's folder, in a folder of golden paths, with the files of the case."""
    recipe = folder / "golden_paths" / "path" / "1.0.0"
    recipe.mkdir(parents=True, exist_ok=True)
    for name, text in case.files.items():
        file = recipe / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return recipe


def _rendered(case: RendererCase, recipe: Path) -> Tree:
    tree: Tree = case.action(recipe).render(dict(case.inputs))
    return tree


def _differing(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """The first path that differs, or an empty string."""
    return next((path for path in sorted({*wanted, *found}) if wanted.get(path) != found.get(path)), "")


RENDERER_CHECKS: Final[tuple[Callable[[RendererCase, Path], None], ...]] = (
    inputs_are_described,
    what_it_gives_is_a_tree_of_safe_paths,
    the_same_inputs_give_the_same_bytes,
    it_touches_nothing,
    it_reads_golden_paths_only,
    nothing_around_it_changes_a_byte,
)
