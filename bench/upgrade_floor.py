"""`python -m bench.upgrade_floor PATHS REPOSITORY`: what an upgrade cannot do without, and nothing else.

It renders both versions, reads the service's files, merges them three ways, and puts one commit on a branch.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from bench.next_version import FIRST, NEXT
from platformctl.config import Config
from platformctl.engine.plan import plan_step
from platformctl.engine.request import Request
from platformctl.home import Home
from platformctl.inputs import complete
from platformctl.merge import merge_trees
from platformctl.model import File
from platformctl.wiring import Wiring

FIXED = Path(__file__).parents[1] / "golden_paths" / "tests" / "platform.yaml"


def main() -> None:
    """Do it once."""
    gc.set_threshold(100_000, 50, 50)  # as platformctl does
    paths, repository = sys.argv[1:]
    record = yaml.safe_load(_git(repository, "show", "main:.platformctl.yaml"))
    wiring = Wiring(Config({"golden_paths": [paths]}, None), Home(Path(os.devnull)))
    base, theirs = (_rendered(wiring, version, record["answers"]) for version in (FIRST, NEXT))
    merged = merge_trees(base, dict(_files(repository)), theirs, {})
    _commit(repository, merged.tree)


def _rendered(wiring: Wiring, version: str, answers: dict[str, Any]) -> dict[str, File]:
    """The files of a version: all renderers whose files go into the repository."""
    recipe = wiring.recipe("service", version)
    fixed = yaml.safe_load(FIXED.read_text(encoding="utf-8"))
    request = Request(recipe, complete(recipe.inputs, answers), fixed["platform"], wiring.action)
    given = next(step.arguments["files"] for step in recipe.steps if step.uses == "files")
    outputs, whole = dict(fixed["outputs"]), {}
    for step in recipe.steps:
        if hasattr(wiring.action_class(step.uses), "render"):
            planned = plan_step(request, step, outputs)
            outputs[step.id] = planned.outputs
            if f"${{{{ steps.{step.id}.outputs.files }}}}" in given:
                whole |= dict(planned.outputs["files"])
    return whole


def _files(repository: str) -> list[tuple[str, File]]:
    listed = _git(repository, "ls-tree", "-r", "-z", "main").decode().split("\0")[:-1]
    rows = [(line.split("\t")[1], *line.split()[0:3:2]) for line in listed]
    asked = "".join(f"{blob}\n" for _, _, blob in rows).encode()
    said, files = _git(repository, "cat-file", "--batch", stdin=asked), []
    for path, mode, _ in rows:
        head, _, said = said.partition(b"\n")
        size = int(head.split()[2])
        files.append((path, File(said[:size], mode == "100755")))
        said = said[size + 1 :]
    return files


def _commit(repository: str, tree: Any) -> None:
    lines = [b"commit refs/heads/floor\ncommitter floor <floor@localhost> now\ndata 2\nup\n"]
    lines.append(b"from refs/heads/main^0\ndeleteall\n")
    for path, file in sorted(tree.items()):
        lines.append(f'M {file.mode} inline "{path}"\ndata {len(file.content)}\n'.encode() + file.content + b"\n")
    _git(repository, "fast-import", "--quiet", "--date-format=now", stdin=b"".join(lines))


def _git(repository: str, *arguments: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(
        ["git", f"--git-dir={repository}", *arguments], input=stdin, capture_output=True, check=True
    ).stdout


if __name__ == "__main__":
    main()
