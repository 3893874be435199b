"""A person's clone: read like the forge that it came from; its index and working tree can be changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from platformctl.backends import process
from platformctl.backends.forge import Commit, Entry, Touch
from platformctl.backends.forge.git import TIMEOUT, Git
from platformctl.errors import BadInput, ToolFailed
from platformctl.folders import folders_of
from platformctl.model import File

Stages = tuple[File | None, File | None, File | None]
"""A file that a person has to merge: what it was, what is here, and what comes; None where there is none."""


class Clone:
    """A working tree and its repository. What reads has a forge's signatures; a repository's name says nothing here.

    Raises `BadInput` where git sees no repository, `NoAccess` without git.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = process.find("git")
        self._environment = process.environment(("GIT_",), {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"})
        found = self._try("rev-parse", "--git-dir")
        if found.returncode != 0:
            said = (found.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[0]
            hint = "Go into a clone of the service's repository"
            raise BadInput(f"this is no clone: git says: {said}", where=str(folder), hint=hint)
        self._git = Git(folder / found.stdout.decode().strip())

    def check_clean(self) -> None:
        """Raise `BadInput` where something is not committed: it could not be told from what is to come."""
        changed = self._run("status", "--porcelain", "--untracked-files=no").decode(errors="replace").splitlines()
        if changed:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            raise BadInput(
                f"{changed[0][3:]}{more}: changed and not committed",
                where=str(self._folder),
                hint="Commit it, or put it aside with git stash",
            )

    def head(self, name: str, ref: str) -> str:
        """The commit that is checked out, whatever branch is asked for. Raises `BadInput` where there is none yet."""
        if commit := self._git.resolve("HEAD"):
            return commit
        raise BadInput("this clone has no commit yet", where=str(self._folder))

    def tree(self, name: str, commit: str, under: str = "") -> Mapping[str, Entry]:
        """Every file of a commit, as the forge gives it."""
        return self._git.tree(commit, under)

    def read(self, name: str, commit: str, path: str) -> bytes | None:
        """One file's content."""
        return self._git.read(commit, path)

    def blob(self, name: str, blob: str) -> bytes:
        """A file's content by its blob hash."""
        return self._git.run("cat-file", "blob", blob)

    def touched(self, name: str, commit: str, path: str, most: int = 1) -> list[Touch]:
        """The last commits that changed a file, newest first."""
        return self._git.touched(commit, path, most)

    def change(self, files: Mapping[str, File | None], conflicts: Mapping[str, Stages]) -> None:
        """Bring index and working tree from HEAD to these files, all or none; those in conflict get git's stages.

        Raises `BadInput` where a file that git does not know is in the way.
        """
        head = self.head("", "")
        self._refuse_what_git_does_not_know([path for path, file in files.items() if file is not None], head)
        commit = self._git.write(head, Commit(files, "platformctl"))
        moved = self._try("read-tree", "-m", "-u", head, commit)
        if moved.returncode != 0:
            said = " ".join(moved.stderr.decode(errors="replace").replace("error:", "").split())
            raise BadInput(said, where=str(self._folder), hint="Move it away, and try again")
        lines = [line for path, stages in conflicts.items() for line in self._staged(path, stages)]
        if lines:
            self._run("update-index", "-z", "--index-info", stdin=b"".join(lines))

    def _refuse_what_git_does_not_know(self, paths: Sequence[str], head: str) -> None:
        """Git itself guards what is not tracked, but not what is ignored."""
        known = self.tree("", head)
        for path in paths:
            for place in (path, *folders_of(path)):
                there = self._folder / place
                folder = place != path and there.is_dir() and not there.is_symlink()
                if place not in known and os.path.lexists(there) and not folder:
                    hint = "Git does not know it: move it away, and try again"
                    raise BadInput(f"{place} is in the way of a new file", where=str(self._folder), hint=hint)

    def _staged(self, path: str, stages: Stages) -> list[bytes]:
        name = path.encode(errors="surrogateescape")
        lines = [b"0 " + b"0" * 40 + b"\t" + name + b"\0"]
        for stage, file in enumerate(stages, 1):
            if file is not None:
                blob = self._git.run("hash-object", "-w", "--stdin", stdin=file.content).strip()
                lines.append(b"%s %s %d\t%s\0" % (file.mode.encode(), blob, stage, name))
        return lines

    def _run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = self._try(*arguments, stdin=stdin)
        if done.returncode != 0:
            said = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
            raise ToolFailed(f"git {arguments[0]} failed: {said}", where=str(self._folder))
        return done.stdout

    def _try(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [self._program, "-C", str(self._folder), *arguments]
        return process.run(command, env=self._environment, timeout=TIMEOUT, stdin=stdin)
