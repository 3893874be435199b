"""`uses: folder`: files as they are, for what is shipped and not rendered."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import ClassVar

from platformctl.action import Inputs
from platformctl.errors import BadRecipe
from platformctl.model import File, Json, Tree


class Folder:
    """Copies a folder that ships with the golden paths."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["from"],
        "additionalProperties": False,
        "properties": {
            "from": {"type": "string", "description": "A folder beside the golden path's: `modules`."},
            "to": {"type": "string", "description": "The folder in the repository that it becomes; the top."},
            "only": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Globs of what is taken; all.",
            },
            "without": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Globs of what is not; none.",
            },
        },
    }

    def __init__(self, *folders: Path) -> None:
        self._root = folders[0].parent.parent

    def render(self, inputs: Inputs) -> Tree:
        source = (self._root / inputs["from"]).resolve()
        if not source.is_relative_to(self._root.resolve()) or not source.is_dir():
            raise BadRecipe(f"there is no folder {inputs['from']!r}", where=str(self._root))
        to = f"{inputs['to'].rstrip('/')}/" if inputs.get("to") else ""
        tree = {}
        for file in sorted(source.rglob("*")):
            path = file.relative_to(source).as_posix()
            if file.is_file() and _taken(path, inputs):
                tree[f"{to}{path}"] = File(file.read_bytes(), bool(file.stat().st_mode & 0o100))
        return tree


def _taken(path: str, inputs: Inputs) -> bool:
    if "__pycache__" in path or ".terraform" in path.split("/"):
        return False
    only = inputs.get("only", ["*"])
    without = inputs.get("without", ())
    return any(fnmatchcase(path, glob) for glob in only) and not any(fnmatchcase(path, glob) for glob in without)
