"""How files came to differ, whose doing it was, and what they say: from the history that git keeps."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from platformctl.action import Inputs
from platformctl.backends.forge import Forge
from platformctl.model import Change, Difference, Drift, Observed, Trace
from platformctl.resources.file_set import FileSet


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
        if line.sign == "+":
            return Drift.MISSING
        trace = self.trace(inputs, change, line)
        return Drift.BEHIND if trace and trace.ours else Drift.EDITED

    def trace(self, inputs: Inputs, change: Change, line: Difference) -> Trace | None:
        wanted = self.file_set(inputs)
        head = self._forge.head(wanted.repository, wanted.branch)
        if not head:
            return None
        for touch in self._forge.touched(wanted.repository, head, wanted.place(line.what)):
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
