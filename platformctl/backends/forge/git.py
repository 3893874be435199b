"""The git command line on one bare repository."""

from __future__ import annotations

import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from platformctl.backends import process
from platformctl.backends.forge import Commit, Entry, Touch
from platformctl.errors import BadInput, Moved, ToolFailed
from platformctl.model import Owner

TIMEOUT: Final = 60.0
"""Seconds; local git commands take milliseconds."""

_STALE_LOCK: Final = 5.0
"""Seconds after which a ref's lock file can only be a killed git's: git holds it for microseconds."""

_COMMIT: Final = re.compile(rb"[0-9a-f]{40}")
_NO_FILES: Final = ("040000", "160000")
"""Modes of folders and of other repositories."""
_IDENTITY: Final = "platformctl <platformctl@localhost>"


class Git:
    """A bare repository. Settings of the user or the system do not reach it."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._program = process.find("git")
        self._environment = process.environment(
            ("GIT_",),
            {
                "GIT_CONFIG_GLOBAL": "/dev/null",
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_TERMINAL_PROMPT": "0",
                "LC_ALL": "C",
            },
        )

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run a git command. Raises `ToolFailed` with git's own words."""
        done = self._try(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise ToolFailed(f"git {arguments[0]} failed: {_said(done.stderr)}", where=str(self._repository))
        return done.stdout

    def _try(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [self._program, f"--git-dir={self._repository}", *arguments]
        return process.run(command, env=self._environment, timeout=TIMEOUT, stdin=stdin)

    def initialise(self, branch: str) -> None:
        """Make it a bare repository whose hooks nobody's configuration can switch off."""
        self.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(self._repository))
        settings = "[core]\n\thooksPath = hooks\n[receive]\n\tdenyDeleteCurrent = true\n"
        with (self._repository / "config").open("a", encoding="utf-8") as config:
            config.write(settings)

    def resolve(self, ref: str) -> str:
        """The commit of a full ref name, empty when there is none. Raises `ToolFailed` for one that is damaged."""
        for _ in range(2):  # it may come while it is looked for
            if ref.startswith("refs/heads/") and (commit := self._loose(ref)):
                return commit
            done = self._try("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
            if done.returncode == 0:
                return done.stdout.decode().strip()
            known = self.run("for-each-ref", "--format=%(refname)", ref).decode().split()
            if ref not in known and not (self._repository / ref).is_file():
                return ""
        raise ToolFailed(f"git cannot read {ref}", where=str(self._repository))

    def _loose(self, ref: str) -> str:
        """A branch's commit from the file that git keeps it in, if it does: starting git takes ten times longer.

        Raises `ToolFailed` for a file that git would pass by as if there were no branch.
        """
        try:
            content = (self._repository / ref).read_bytes().strip()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return ""
        if _COMMIT.fullmatch(content):
            return content.decode()
        if content.startswith(b"ref: "):
            return ""
        raise ToolFailed("this branch is damaged", where=str(self._repository / ref))

    def refs(self) -> list[str]:
        """Every ref's full name."""
        return self.run("for-each-ref", "--format=%(refname)").decode().split()

    def tree(self, commit: str, under: str) -> dict[str, Entry]:
        """Files of a commit, below a folder; none where there is no such folder. Raises `ToolFailed`."""
        below = f"{under}/" if under else ""
        return {path.removeprefix(below): entry for path, entry in self._listed("-r", commit, below).items()}

    def _listed(self, *arguments: str) -> dict[str, Entry]:
        *options, commit, path = arguments
        listed = self.run("ls-tree", *options, "-z", "--full-tree", commit, *([path] if path else []))
        entries = {}
        for line in listed.decode(errors="surrogateescape").split("\0")[:-1]:
            about, _, name = line.partition("\t")
            mode, _, blob = about.split(" ")
            entries[name] = Entry(mode, blob)
        return entries

    def read(self, commit: str, path: str) -> bytes | None:
        """One file's content; None when there is no such file. Raises `ToolFailed`."""
        done = self._try("cat-file", "blob", f"{commit}:{path}")
        if done.returncode == 0:
            return done.stdout
        found = self._listed(commit, path).get(path)
        if found is None or found.mode in _NO_FILES:
            return None
        raise ToolFailed(f"git cannot read {path} of {commit}", where=str(self._repository))

    def trailers(self, commit: str, *names: str) -> list[list[str]]:
        """The values of trailers in the messages of a commit and all before it, empty where there is none."""
        wanted = "%x00".join(f"%(trailers:key={name},valueonly,separator=%x2C)" for name in names)
        said = self.run("log", f"--format={wanted}", commit).decode(errors="replace")
        return [line.split("\0") for line in said.splitlines()]

    def touched(self, commit: str, path: str, most: int) -> list[Touch]:
        """The last commits that changed a file, newest first."""
        marks = "%x00".join(
            f"%(trailers:key={name},valueonly,separator=%x2C)" for name in ("Platformctl-Service", "Platformctl-Run")
        )
        wanted = f"--format=%H%x00%an%x00%aI%x00{marks}"
        said = self.run("log", f"--max-count={most}", wanted, commit, "--", f":(literal){path}")
        rows = [line.split("\0") for line in said.decode(errors="replace").splitlines()]
        return [
            Touch(commit, author, datetime.fromisoformat(at).astimezone(UTC), Owner(service, run))
            for commit, author, at, service, run in rows
        ]

    def marks(self, commit: str) -> str:
        """The trailers of a commit's message as they stand there."""
        return self.run("log", "--max-count=1", "--format=%(trailers)", commit).decode(errors="replace").strip()

    def tree_id(self, commit: str) -> str:
        """The hash of a commit's tree."""
        return self.run("rev-parse", f"{commit}^{{tree}}").decode().strip()

    def committed_here(self, commit: str) -> bool:
        """Whether `write` has made a commit as it stands: who amends or rebases it becomes its committer."""
        return self.run("log", "--max-count=1", "--format=%cn <%ce>", commit).decode().strip() == _IDENTITY

    def parents(self, commit: str) -> list[str]:
        """The commits directly beneath one."""
        return self.run("log", "--max-count=1", "--format=%P", commit).decode().split()

    def contains(self, commit: str, other: str) -> bool:
        """Whether a commit is another or has it beneath."""
        return self._try("merge-base", "--is-ancestor", other, commit).returncode == 0

    def merged_tree(self, commit: str, other: str) -> str:
        """The hash of the tree in which two commits are merged; empty where both have changed the same."""
        done = self._try("merge-tree", "--write-tree", "--no-messages", commit, other)
        if done.returncode == 1:
            return ""
        if done.returncode != 0:
            raise ToolFailed(f"git merge-tree failed: {_said(done.stderr)}", where=str(self._repository))
        return done.stdout.decode().strip()

    def write(self, parent: str, commit: Commit, source: str = "", tree: str = "") -> str:
        """Write the objects of a commit, without putting a ref on it; deterministic but for the date.

        The files are changed from those of `source`, which becomes a parent too unless it is beneath; or of `parent`.
        With a `tree`, they are changed from its files.
        """
        seconds = str(int(time.time())) if commit.date == "now" else _seconds(commit.date)
        lines = [
            b"commit refs/platformctl/draft\n",
            b"mark :1\n",
            f"committer {_IDENTITY} {seconds} +0000\n".encode(),
            _data(commit.message.encode(errors="backslashreplace")),
            f"from {parent}\n".encode() if parent else b"",
        ]
        if source:
            merged = b"" if self.contains(parent, source) else f"merge {source}\n".encode()
            lines += [merged, f'M 040000 {tree or self.tree_id(source)} ""\n'.encode()]
        for path, file in sorted(commit.files.items()):
            name = _quoted(path)
            if file is None:
                lines.append(b"D " + name + b"\n")
            else:
                lines += [b"M ", file.mode.encode(), b" inline ", name, b"\n", _data(file.content)]
        # The draft is reset to nothing in the same process, so that no ref is left behind.
        lines.append(b"get-mark :1\nreset refs/platformctl/draft\nfrom " + b"0" * 40 + b"\n\ndone\n")
        out = self.run("fast-import", "--quiet", "--force", "--done", "--cat-blob-fd=1", stdin=b"".join(lines))
        return out.decode().strip()

    def swap(self, ref: str, old: str, new: str) -> None:
        """Move a ref from `old` to `new` (empty: none). Raises `Moved`."""
        absent = "0" * 40
        command = ["update-ref", ref, new, old or absent] if new else ["update-ref", "-d", ref, old]
        until = time.monotonic() + TIMEOUT
        while True:
            done = self._try(*command)
            if done.returncode == 0:
                return
            said = done.stderr.decode(errors="replace")
            if "File exists" not in said:
                break
            self._drop_stale_lock(ref)
            if time.monotonic() > until:
                raise ToolFailed(f"{ref} stays locked", where=str(self._repository), transient=True)
            time.sleep(0.02)
        if found := re.search("'refs/heads/([^']+)' exists", said):
            raise BadInput(
                f"branch {found[1]} is in the way of {ref.removeprefix('refs/heads/')}",
                where=str(self._repository),
                hint="Git has no branch below another: rename or delete it, and try again",
            )
        if self.resolve(ref) != old:
            raise Moved(f"{ref.removeprefix('refs/heads/')} has moved", where=str(self._repository))
        raise ToolFailed(f"git update-ref failed: {said.strip()}", where=str(self._repository))

    def _drop_stale_lock(self, ref: str) -> None:
        lock = self._repository / f"{ref}.lock"
        try:
            if time.time() - lock.stat().st_mtime > _STALE_LOCK:
                lock.unlink()
        except FileNotFoundError:
            pass


def _said(errors: bytes) -> str:
    """Git's own words for what went wrong, in one line."""
    lines = errors.decode(errors="replace").strip().splitlines() or ["no message"]
    return next((line for line in lines if line.startswith("fatal:")), lines[-1])


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode(errors="surrogateescape")


def _seconds(date: str) -> str:
    return str(int(datetime.fromisoformat(date).timestamp()))
