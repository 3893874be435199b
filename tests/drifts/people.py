"""What people do in git, on a bare repository: with their own names, and without platformctl's marks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

PEOPLE: Final = (
    "Ada Lovelace <ada@example.org>",
    "Grace Hopper <grace@example.org>",
    "renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>",
)
_ENVIRONMENT: Final = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Put:
    """A file as somebody commits it."""

    content: bytes
    mode: str = "100644"


Files = Mapping[str, Put | bytes | None]
"""By path; None for one that goes."""


def git(repository: Path, *arguments: str, stdin: bytes = b"", lenient: bool = False) -> bytes:
    """Run git on a bare repository; a failure is nothing, for who is `lenient`."""
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, input=stdin, env=_ENVIRONMENT, check=not lenient, capture_output=True).stdout


def commit(
    repository: Path,
    files: Files,
    chance: Random,
    message: str = "Change it",
    branch: str = "main",
    start: str = "main",
) -> None:
    """Put a commit of somebody's on a branch, which begins at `start` where it is not there yet."""
    write(repository, [(message, files)], chance, branch, start)


def write(
    repository: Path, commits: list[tuple[str, Files]], chance: Random, branch: str, start: str, merged: str = ""
) -> None:
    """Put commits on a branch, the last of which merges another branch."""
    who = chance.choice(PEOPLE)
    lines = []
    for number, (message, files) in enumerate(commits):
        last = number == len(commits) - 1
        lines += [f"commit refs/heads/{branch}\n".encode(), f"committer {who} 1790000000 +0200\n".encode()]
        lines += [b"data %d\n%s\n" % (len(message.encode()), message.encode())]
        lines += [f"from refs/heads/{start}^0\n".encode()] if not number else []
        lines += [f"merge refs/heads/{merged}^0\n".encode()] if merged and last else []
        for path, file in files.items():
            if file is None:
                lines.append(f'D "{path}"\n'.encode())
                continue
            put = file if isinstance(file, Put) else Put(file)
            lines += [f'M {put.mode} inline "{path}"\n'.encode(), b"data %d\n%s\n" % (len(put.content), put.content)]
    git(repository, "fast-import", "--quiet", "--force", "--date-format=raw", stdin=b"".join(lines))


def merge(repository: Path, files: Files, chance: Random, message: str = "Change it") -> None:
    """The same as a pull request that is merged: squashed, rebased, or by a merge commit; its branch may stay."""
    way = chance.choice(("squash", "merge", "rebase"))
    branch = f"feature/{chance.randrange(10**6)}"
    commit(repository, files, chance, message, branch)
    if way == "squash":
        commit(repository, files, chance, f"{message} (#12)\n\n* one\n* another\n")
    elif way == "rebase":
        git(repository, "update-ref", "refs/heads/main", f"refs/heads/{branch}")
    else:
        aside: Files = {f"notes-{chance.randrange(10**6)}.md": b"ours\n"}
        commit(repository, aside, chance, "Meanwhile")
        write(repository, [("Merge pull request #12", files)], chance, "main", "main", branch)
    if chance.random() < 0.5:
        git(repository, "update-ref", "-d", f"refs/heads/{branch}")


def rewrite(repository: Path) -> None:
    """Somebody puts all that is on main into one commit of their own."""
    tree = git(repository, "rev-parse", "refs/heads/main^{tree}").decode().strip()
    who = ("-c", "user.name=Ada Lovelace", "-c", "user.email=ada@example.org")
    new = git(repository, *who, "commit-tree", "-m", "Start anew", tree).decode().strip()
    git(repository, "update-ref", "refs/heads/main", new)


def entries(repository: Path, ref: str = "refs/heads/main", under: str = "") -> dict[str, str]:
    """The files of a commit below a folder: mode and blob by path."""
    listed = git(repository, "ls-tree", "-r", "-z", f"{ref}:{under}" if under else ref, lenient=True)
    found = {}
    for line in listed.decode(errors="surrogateescape").split("\0")[:-1]:
        about, _, path = line.partition("\t")
        mode, _, blob = about.split(" ")
        found[path] = f"{mode} {blob}"
    return found


def content(repository: Path, path: str, ref: str = "refs/heads/main") -> bytes:
    """A file of a commit."""
    return git(repository, "cat-file", "blob", f"{ref}:{path}")
