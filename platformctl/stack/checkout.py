"""A service's sources as the forge has them, kept so that what was built from them is there the next time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformctl.locks import held
from platformctl.stack.git import Git
from platformctl.stack.tools import Tools

_PATIENCE: Final = 5.0
"""Seconds to wait for another who works in the same folder."""


@dataclass(frozen=True)
class Source:
    """Sources to run a service from. `commit` is empty for a working folder, which may hold more than a commit."""

    folder: Path
    commit: str = ""


@contextmanager
def checkout(
    folder: Path,
    url: str,
    commit: str,
    *,
    branch: str = "main",
    environment: Mapping[str, str],
    what: str,
    tools: Tools | None = None,
) -> Iterator[Source]:
    """The sources at the head of a branch, in `folder`, for the length of a block; others wait or are told `Busy`.

    What git ignores there, such as a virtual environment, stays; all else becomes as it is in `commit`, which is the
    head of `branch`. `url` is what git fetches from, with the forge's `environment`. `what` is done in the folder, for
    those who wait. Raises `ToolFailed` with git's words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder.with_name(f".{folder.name}.lock"), what, timeout=_PATIENCE):
        git = Git((tools or Tools()).find("git"), folder, environment, "Try again, or remove the folder")
        if not (folder / ".git").is_dir():
            git.run("init", "--quiet", "--template=")
        if not git.has(commit):
            git.run("fetch", "--quiet", "--no-tags", "--depth=1", url, branch)
        git.run("checkout", "--quiet", "--force", "--detach", commit)
        git.run("clean", "--quiet", "--force", "-d")
        yield Source(folder, commit)
