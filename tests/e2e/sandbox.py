"""What bad input is tried out in: platformctl as real processes, in folders that belong to one test alone.

A world has a home folder, a working folder, a user's folder and a TMPDIR of its own. A case is a row of data;
`World.refused` is what all of them have to satisfy: one clear line, the right exit code, no traceback, and nothing
left behind.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

TERRAFORM = shutil.which("terraform") or shutil.which("tofu") or ""
GIT = shutil.which("git") or ""
NEW = ("new", "service", "new-api", "--team", "payments", "--no-input")
"""What would go well, if it were not for what a test breaks."""

Says = Sequence[str]


def row(id_: str, *values: Any) -> Any:
    """One case of a table, with its name."""
    return pytest.param(*values, id=id_)


@dataclass
class Done:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """The one line that says what is wrong."""
        own = [line for line in self.err.splitlines() if line.startswith("platformctl: ")]
        usage = [line for line in self.err.splitlines() if line.startswith("Error: ")]
        assert len(own) + len(usage) == 1, f"not one clear line, exit {self.code}:\n{self.err}\n{self.out}"
        return (own + usage)[0]


@dataclass
class World:
    """Folders that belong to one test, and platformctl run in them."""

    root: Path
    path: str = ""
    """PATH, when it is not the usual one."""
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in (self.work, self.tmp, self.user, self.bin):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def user(self) -> Path:
        return self.root / "user"

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def platform(self) -> Path:
        return self.root / "org" / "platform.yaml"

    def environment(self) -> dict[str, str]:
        """A user's environment in which every folder is this world's."""
        ours = ("PLATFORMCTL_", "GIT_", "TF_", "XDG_", "PYTHONDEVMODE")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        own = {
            "PLATFORMCTL_HOME": str(self.home),
            "HOME": str(self.user),
            "TMPDIR": str(self.tmp),
            "PATH": self.path or f"{self.bin}{os.pathsep}{kept['PATH']}",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            "CI": "1",
        }
        if self.platform.exists():
            own["PLATFORMCTL_PLATFORM"] = str(self.platform)
        return kept | own | self.env

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start platformctl and go on."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        command = [sys.executable, "-m", "platformctl", *arguments]
        return subprocess.Popen(command, env=self.environment(), **{"cwd": self.work, **pipes, **options})

    def run(self, *arguments: str, **options: Any) -> Done:
        """Run platformctl to its end; whatever happens, it shows no traceback and finds no bug in itself."""
        with self.start(*arguments, **options) as process:
            return ended(process)

    def processes(self) -> list[str]:
        """Command lines of processes that have to do with this world."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                place = (folder / "cwd").readlink()
            except OSError:
                continue
            if str(self.root) in f"{words} {place}":
                found.append(words)
        return found

    def tree(self) -> dict[str, str]:
        """Everything in this world by its path, but for `locks/` and `cache/`, with what is in it."""
        found = {}
        home, start = str(self.home), len(str(self.root)) + 1
        for folder, folders, files in os.walk(self.root):
            if folder == home:
                folders[:] = [name for name in folders if name not in ("locks", "cache")]
            found |= {f"{folder}/{name}"[start:]: read(f"{folder}/{name}") for name in (*folders, *files)}
        return found

    def refused(self, *arguments: str, code: int, says: Says = (), **options: Any) -> Done:
        """Expect one line with all of `says` in it, this exit code, and a world as it was."""
        before = self.tree()
        done = self.run(*arguments, **options)
        after = self.tree()
        message = done.message
        assert not [text for text in says if text not in message], f"{says} should be in: {message}"
        assert done.code == code, f"exit {done.code}: {message}"
        assert changed(before, after) == [], message
        return done

    def write_platform(self, text: str) -> None:
        """An organisation's platform.yaml; from here on it is the platform."""
        self.platform.parent.mkdir(exist_ok=True)
        self.platform.write_text(text, encoding="utf-8")

    def shim(self, body: str, name: str = "terraform") -> None:
        """Put a program first on PATH. `$REAL` is Terraform itself."""
        file = self.bin / name
        file.write_text(f'#!/bin/sh\nREAL="{TERRAFORM}"\n{body}\nexec "$REAL" "$@"\n', encoding="utf-8")
        file.chmod(0o755)

    def only(self, **programs: str) -> None:
        """Leave nothing on PATH but these programs."""
        folder = self.root / "path"
        folder.mkdir()
        for name, program in programs.items():
            (folder / name).symlink_to(program)
        self.path = str(folder)

    def git(self, repository: str, *arguments: str, stdin: bytes = b"", **env: str) -> str:
        """Work on a repository of the embedded forge behind platformctl's back."""
        folder = next((self.home / "forge").glob(f"*/{repository}.git"))
        who = ["-c", "user.name=a", "-c", "user.email=a@localhost"]
        command = ["git", f"--git-dir={folder}", *who, *arguments]
        done = subprocess.run(command, input=stdin, env={**os.environ, **env}, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def overwrite(self, repository: str, ref: str, path: str, content: bytes) -> str:
        """Commit one changed file onto a ref; gives the commit that was there before."""
        index = {"GIT_INDEX_FILE": str(self.root / "index")}
        before = self.git(repository, "rev-parse", ref)
        blob = self.git(repository, "hash-object", "-w", "--stdin", stdin=content)
        self.git(repository, "read-tree", ref, **index)
        self.git(repository, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", **index)
        tree = self.git(repository, "write-tree", **index)
        commit = self.git(repository, "commit-tree", tree, "-p", before, "-m", "Break it")
        self.git(repository, "update-ref", ref, commit)
        (self.root / "index").unlink()
        return before

    def state(self, service: str) -> Path:
        """The Terraform state of a service in staging."""
        return next((self.home / "terraform").rglob(f"{service}-staging/terraform.tfstate"))

    def traces(self, service: str) -> list[str]:
        """What of a service is in this world, journals apart: nobody takes those back."""
        staged = self.git("environments", "ls-tree", "-r", "--name-only", "main").splitlines()
        files = [path for path in self.tree() if service in path and not path.startswith("home/runs/")]
        return files + [path for path in staged if service in path]


def ended(process: subprocess.Popen[bytes], timeout: float = 90) -> Done:
    """Wait for a process's end and read what it said."""
    out, err = process.communicate(timeout=timeout)
    done = Done(process.returncode, (out or b"").decode(errors="replace"), (err or b"").decode(errors="replace"))
    for trace in ("Traceback", "this is a bug", "Exception ignored", 'File "'):
        assert trace not in done.err + done.out, f"exit {done.code}:\n{done.err}"
    return done


def read(path: str) -> str:
    """What there is to compare: a link's target, a file's content as a hash."""
    if os.path.islink(path):  # noqa: PTH114
        return f"link {os.readlink(path)}"  # noqa: PTH115
    if not os.path.isfile(path):  # noqa: PTH113
        return "folder"
    with open(path, "rb") as file:  # noqa: PTH123
        return hashlib.sha1(file.read()).hexdigest()


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The paths at which two trees differ."""
    return sorted({path for path, _ in before.items() ^ after.items()})


def run_id(message: str) -> str:
    """The run that a message names, with how to go on and how to take it back."""
    found = re.search(r"platformctl resume (\S+?);? .*platformctl undo (\S+)", message)
    assert found, f"it does not say how to go on: {message}"
    assert found[1] == found[2]
    return found[1]


@dataclass
class Pristine:
    """A world as it is before each test, however the test before it went."""

    world: World
    kept: Path
    tree: dict[str, str]

    @classmethod
    def keep(cls, world: World, kept: Path) -> Pristine:
        shutil.copytree(world.root, kept, symlinks=True, ignore=shutil.ignore_patterns("cache"))
        return cls(world, kept, world.tree())

    def restored(self) -> World:
        shutil.rmtree(self.world.home / "cache", ignore_errors=True)
        for path in reversed(changed(self.tree, self.world.tree())):
            here = self.world.root / path
            if self.tree.get(path) == "folder" and here.is_dir():
                continue
            if here.is_dir() and not here.is_symlink():
                shutil.rmtree(here)
            else:
                here.unlink(missing_ok=True)
        for path in changed(self.tree, self.world.tree()):
            here, kept = self.world.root / path, self.kept / path
            here.mkdir() if kept.is_dir() else shutil.copy2(kept, here, follow_symlinks=False)
        return World(self.world.root)
