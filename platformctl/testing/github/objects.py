"""A bare git repository on disk, read and written without starting git.

Objects are loose always: pushes are unpacked (`receive.unpackLimit`) and nothing is ever packed (`gc.auto`). The
formats are git's: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from pathlib import Path
from typing import Final

from platformctl.testing.github.errors import not_found

_CONFIG: Final = """\
[core]
\trepositoryformatversion = 0
\tbare = true
\thooksPath = /dev/null
[gc]
\tauto = 0
[maintenance]
\tauto = false
[http]
\treceivepack = true
[receive]
\tunpackLimit = 1000000000
\tdenyDeleteCurrent = ignore
\tdenyCurrentBranch = ignore
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
"""

ENVIRONMENT: Final = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
"""In which git runs: no settings of the user or the system."""


class Objects:
    """The objects and refs of one repository, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[str, bytes]] = {}

    def create(self, branch: str) -> None:
        """Make it an empty bare repository."""
        for part in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (self.folder / part).mkdir(parents=True)
        (self.folder / "config").write_text(_CONFIG, encoding="utf-8")
        self.point_head(branch)

    def point_head(self, branch: str) -> None:
        """Say which branch a clone checks out."""
        (self.folder / "HEAD").write_text(f"ref: refs/heads/{branch}\n", encoding="utf-8")

    def write(self, kind: str, content: bytes) -> str:
        """Store an object; its name."""
        whole = b"%s %d\0%s" % (kind.encode(), len(content), content)
        name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        if name not in self._known:
            path = self.folder / "objects" / name[:2] / name[2:]
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                draft = path.with_suffix(".draft")
                draft.write_bytes(zlib.compress(whole, 1))
                draft.replace(path)
            self._known[name] = (kind, content)
        return name

    def kind(self, name: str) -> str:
        """An object's kind, empty when there is none."""
        return self._find(name)[0]

    def read(self, name: str, kind: str) -> bytes:
        """An object's content; GitHub's 404 when there is none of that kind."""
        found, content = self._find(name)
        if found != kind:
            raise not_found()
        return content

    def _find(self, name: str) -> tuple[str, bytes]:
        if name not in self._known:
            if len(name) != 40 or not all(digit in "0123456789abcdef" for digit in name):
                return "", b""
            try:
                whole = zlib.decompress((self.folder / "objects" / name[:2] / name[2:]).read_bytes())
            except FileNotFoundError:
                return "", b""
            head, _, content = whole.partition(b"\0")
            self._known[name] = (head.split(b" ")[0].decode(), content)
        return self._known[name]

    def put_ref(self, ref: str, name: str) -> None:
        """Let a full ref name stand on an object; an empty name removes it."""
        path = self.folder / ref
        if name:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.lock")
            draft.write_text(f"{name}\n", encoding="ascii")
            draft.replace(path)
            return
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder.parent == self.folder / "refs" or any(folder.iterdir()):
                break
            folder.rmdir()

    def refs(self) -> dict[str, str]:
        """Every ref on disk, by full name."""
        root = self.folder / "refs"
        found = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock")
        return {path.relative_to(self.folder).as_posix(): path.read_text(encoding="ascii").strip() for path in found}

    def git(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a git command in this repository, for what is not done here: merges, diffs, packs."""
        command = ["git", f"--git-dir={self.folder}", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, env=ENVIRONMENT, timeout=60, check=False)
