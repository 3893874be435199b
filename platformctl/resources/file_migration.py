"""What migrations do to a service's files before they are merged: they move, rewrite, and run scripts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platformctl.errors import BadConfig
from platformctl.folders import in_the_way
from platformctl.merge import Conflict, Dispute, Three
from platformctl.migration_script import run
from platformctl.model import File, Tree
from platformctl.resources.file_set import FileSet
from platformctl.rewriting import ANYTHING, rewritten


@dataclass
class Migration:
    """A service's files on their way through the operations of an upgrade. What the team has taken over only moves."""

    wanted: FileSet
    files: dict[str, File]
    disputed: list[Conflict] = field(default_factory=list)
    """What could not be done, and is for a person."""
    written: list[str] = field(default_factory=list)
    """The values that were written, each in a line."""

    @property
    def _upgrade(self) -> Mapping[str, Any]:
        return self.wanted.upgrade or {}

    def move(self, base: Tree, others: Collection[str]) -> None:
        """Move the team's own files; those of the path's do so in the merge. `others` are links and submodules."""
        for before, after in self.wanted.moves.items():
            if before not in self.files or before in base or before == after:
                continue
            file = self.files.pop(before)
            blocked = after in others or in_the_way([after], [*self.files, *others])
            if blocked or self.files.get(after, file) != file:
                self.files[before] = file
                paths = Three(before, before, after)
                self.disputed.append(Conflict(before, None, file, None, paths, Dispute.IN_THE_WAY))
            else:
                self.files[after] = file

    def rewrite(self) -> None:
        """Write values."""
        for one in self._upgrade.get("rewrites", ()):
            path, file = one["file"], self.files.get(one["file"])
            if file is None or self._is_taken_over(path):
                continue
            try:
                content = rewritten(path, file.content, one["at"], one["value"], one.get("from", ANYTHING))
            except BadConfig:
                self.disputed.append(Conflict(path, None, file, None, Three.of(path), Dispute.NOT_REWRITTEN))
                content = file.content
            if content != file.content:
                self.files[path] = replace(file, content=content)
                place = ".".join(map(str, one["at"]))
                self.written.append(f"{path}: {place} becomes {json.dumps(one['value'], ensure_ascii=False)}")

    def run(self) -> None:
        """Run scripts. Raises `BadRecipe` when one fails."""
        taken_over = {path: file for path, file in self.files.items() if self._is_taken_over(path)}
        for script in self._upgrade.get("scripts", ()):
            self.files = run(Path(script), self.files)
        self.files |= taken_over

    def _is_taken_over(self, path: str) -> bool:
        return self.wanted.kind(self.wanted.moves.get(path, path)) == "overridden"
