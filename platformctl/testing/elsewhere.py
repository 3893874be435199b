"""Renders once more where everything is different: `python -m platformctl.testing.elsewhere ANSWER_FILE`.

The question comes on standard input, pickled, because rendered files travel among the inputs: module and name of the
renderer, its folder, its inputs. The process is started with another hash seed, locale, time zone and user; it changes
environment and clock itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import sys
from collections.abc import Callable
from copy import deepcopy
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

from platformctl.model import Tree
from platformctl.testing import clock


def digests(tree: Tree) -> dict[str, str]:
    """Mode and SHA-256 of every file."""
    return {path: f"{file.mode} {hashlib.sha256(file.content).hexdigest()}" for path, file in tree.items()}


class _EveryVariable(dict[str, str]):
    """An environment in which every variable is set."""

    def __missing__(self, name: object) -> str:
        if isinstance(name, str):
            return "1"
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def get(self, name: object, default: Any = None) -> Any:
        return super().get(name, "1" if isinstance(name, str) else default)  # type: ignore[call-overload]


def main(answer: Path, asked: dict[str, Any]) -> None:
    """Write what the renderer gives by what was changed around it: digests, or the exception as text."""
    clock.install()
    action: Callable[[Path], Any] = attrgetter(asked["name"])(import_module(asked["module"]))

    def rendered() -> object:
        try:
            return digests(action(Path(asked["folder"])).render(deepcopy(asked["inputs"])))
        except Exception as problem:
            return f"{type(problem).__name__}: {problem}"

    given = {"another hash seed, locale, time zone and user": rendered()}
    clock.forward(days=400)
    given["another date"] = rendered()
    os.environ = _EveryVariable(os.environ)  # type: ignore[assignment]  # noqa: B003 - what the renderer asks for
    given["other environment variables"] = rendered()
    answer.write_text(json.dumps(given), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), pickle.load(sys.stdin.buffer))  # noqa: S301 - from the process that started this one
