"""How files came to differ, whose doing it was, and what they say: from the history that git keeps."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Final

from platformctl.action import Inputs
from platformctl.backends.forge import Entry, Forge, Touch
from platformctl.errors import NoAccess, ToolFailed
from platformctl.model import Change, Difference, Drift, File, Observed, Trace
from platformctl.resources.file_set import FileSet

_LOOKED_AT: Final = 20
"""Commits of a file that are looked at for the last one of platformctl's."""


class FileDiagnosis:
    """Of a resource whose parts are files in a repository."""

    def __init__(self, port: Forge) -> None:
        self._forge = port

    @abstractmethod
    def file_set(self, inputs: Inputs) -> FileSet:
        """The inputs of this action as files and where they belong."""

    def kinds(self, inputs: Inputs) -> Mapping[str, str]:
        wanted = self.file_set(inputs)
        return {path: wanted.kind(path) for path in wanted.tree}

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        try:
            touches = self._touches(self.file_set(inputs), line.what, _LOOKED_AT)
            if line.sign == "+":
                # Nobody has removed what never was there.
                return Drift.MISSING if touches and not touches[0].owner.service else Drift.BEHIND
            left = self._as_left(self.file_set(inputs), line.what, touches, seen.facts["entries"])
        except (ToolFailed, NoAccess):
            return Drift.MISSING if line.sign == "+" else Drift.EDITED
        return Drift.BEHIND if left else Drift.EDITED

    def _is_by_hand(self, wanted: FileSet, entries: Mapping[str, Entry], path: str) -> bool:
        """Whether somebody else has changed or removed a file; what nobody ever had, nobody has removed."""
        touches = self._touches(wanted, path, _LOOKED_AT)
        return bool(touches) and not self._as_left(wanted, path, touches, entries)

    def _as_left(self, wanted: FileSet, path: str, touches: Sequence[Touch], entries: Mapping[str, Entry]) -> bool:
        """Whether a file is what platformctl committed last, whatever people have done and undone since."""
        ours = next((touch for touch in touches if touch.owner.service), None)
        if ours is None or ours is touches[0]:
            return ours is not None
        then = self._forge.tree(wanted.repository, ours.commit, wanted.under)
        return then.get(path) == entries.get(path)

    def _touches(self, wanted: FileSet, path: str, most: int) -> Sequence[Touch]:
        head = self._forge.head(wanted.repository, wanted.branch)
        return self._forge.touched(wanted.repository, head, wanted.place(path), most) if head else ()

    def last(self, wanted: FileSet, path: str) -> File | None:
        """What was in a file before somebody removed it; None where it never was there."""
        for touch in self._touches(wanted, path, _LOOKED_AT):
            content = self._forge.read(wanted.repository, touch.commit, wanted.place(path))
            if content is not None:
                return File(content)
        return None

    def trace(self, inputs: Inputs, change: Change, line: Difference) -> Trace | None:
        for touch in self._touches(self.file_set(inputs), line.what, 1):
            return Trace(touch.author, touch.at, ours=bool(touch.owner.service))
        return None

    def texts(self, inputs: Inputs, change: Change, line: Difference) -> tuple[str, str] | None:
        wanted = self.file_set(inputs)
        before = (change.before or {}).get(line.what, "")
        contents = [
            self._forge.blob(wanted.repository, before.split(" ")[1]) if before else b"",
            wanted.tree[line.what].content if line.what in wanted.tree and line.sign != "-" else b"",
        ]
        try:
            there, then = (content.decode() for content in contents)
        except UnicodeDecodeError:
            return None
        return there, then
