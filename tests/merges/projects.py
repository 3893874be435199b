"""What stands on a disk: a team's repository, and several scenarios in it, each in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from platformctl.model import File, Tree
from tests.merges.scenario import Scenario

T = TypeVar("T")
FIRST, SECOND = "1.0.0", "2.0.0"
"""The versions from which and to which a project comes."""
_SAME: Final = "untouched"
"""A file in each of these folders that nobody touches."""
_WHO: Final = "[user]\n\tname = Team\n\temail = team@localhost\n[init]\n\tdefaultBranch = main\n"


def environment(home: Path) -> dict[str, str]:
    """That of a person with this home folder, and nothing of whoever runs the tests."""
    home.mkdir(parents=True, exist_ok=True)
    (home / ".gitconfig").write_text(_WHO, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "XDG_", "PLATFORMCTL_"))}
    return {**kept, "HOME": str(home), "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}


class Repository:
    """A folder with git."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = environment

    def git(self, *arguments: str) -> bytes:
        """What git says."""
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=dict(self._environment), check=True, capture_output=True)
        return done.stdout

    def commit(self, files: Tree, message: str, own: Iterable[str] = ()) -> None:
        """Exactly these files, and those of a tool's own that are there, as a commit."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / ".git").exists():
            self.git("init", "--quiet")
        write(self.folder, files, own)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def stages(self) -> dict[str, tuple[bytes, ...]]:
        """What the index has of paths in dispute."""
        found: dict[str, tuple[bytes, ...]] = {}
        for line in self.git("ls-files", "--unmerged", "-z").split(b"\0")[:-1]:
            about, path = line.split(b"\t", 1)
            content = self.git("cat-file", "blob", about.split()[1].decode())
            found[path.decode()] = (*found.get(path.decode(), ()), content)
        return found

    def files(self, own: Iterable[str] = ()) -> dict[str, File]:
        """What is in the folder, but for git's and for those of a tool's own."""
        found = {}
        for place in sorted(self.folder.rglob("*")):
            path = place.relative_to(self.folder).as_posix()
            if place.is_file() and not path.startswith(".git/") and path not in own:
                found[path] = File(place.read_bytes(), bool(place.stat().st_mode & 0o100))
        return found


def write(folder: Path, files: Tree, own: Iterable[str] = ()) -> None:
    """Have exactly these files in a folder, but for git's and those of a tool's own."""
    kept = {".git", *own}
    for there in folder.iterdir():
        if there.name not in kept:
            shutil.rmtree(there) if there.is_dir() else there.unlink()
    for path, file in files.items():
        there = folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(file.content)
        there.chmod(0o755 if file.executable else 0o644)


def joined(scenarios: Sequence[Scenario]) -> tuple[Tree, Tree, Tree]:
    """Base, ours and theirs of several scenarios, each in a folder of its own."""
    base, ours, theirs = (
        {f"{place(one)}{path}": file for one in scenarios for path, file in {**getattr(one, side), **_about()}.items()}
        for side in ("base", "ours", "theirs")
    )
    return base, ours, theirs


def _about() -> dict[str, File]:
    return {_SAME: File(b"Nobody touches this.\n")}


def place(scenario: Scenario) -> str:
    """The folder of a scenario."""
    return f"s{scenario.number:04}/"


def below(scenario: Scenario, found: Mapping[str, T]) -> dict[str, T]:
    """What of all that is a scenario's."""
    folder = place(scenario)
    inner = {path.removeprefix(folder): one for path, one in found.items() if path.startswith(folder)}
    return {path: one for path, one in inner.items() if path != _SAME}


def named(scenario: Scenario, path: str, output: str) -> bool:
    """Whether an output names a path of a scenario, as it is or as git quotes it."""
    whole = place(scenario) + path
    quoted = "".join(chr(byte) if byte < 0x80 else f"\\{byte:03o}" for byte in whole.replace('"', '\\"').encode())
    return whole in output or quoted in output
