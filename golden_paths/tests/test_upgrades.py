"""Every version to the next: made with the old one, edited by hand, upgraded. The edits survive, and nothing drifts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from test_golden import ROOT, WIRING

PAIRS: Final = [
    (path.name, language, before, after)
    for path in WIRING.golden_paths().values()
    if not path.internal
    for before, after in dict.fromkeys([*pairwise(path.versions), (path.versions[0], path.versions[-1])])
    for language in WIRING.recipe(path.name, before).inputs["properties"]["language"]["enum"]
    if before != after
]
NAME: Final = "my-service"
HEAD: Final = f"platformctl/upgrade_files_{NAME}"
_COMMENTS: Final = {".go": "//", ".mod": "//", ".md": "", ".json": None, ".sum": None}


class Team:
    """A service on the embedded platform, and its team's clone of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clone = folder / "clone"
        self.forge = folder / "home" / "forge" / "local" / f"{NAME}.git"

    def platformctl(self, *arguments: str) -> dict[str, Any]:
        """Run it, and give what it ended with."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PLATFORMCTL_")}
        environment = {**kept, "PLATFORMCTL_HOME": str(self.folder / "home")}
        command = [sys.executable, "-m", "platformctl", *arguments, "--json"]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stderr}"
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["data"]
        return found

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Team", "-c", "user.email=team@localhost"]
        return subprocess.run(
            ["git", *who, *arguments], cwd=self.clone, check=True, capture_output=True, text=True
        ).stdout

    def merged(self) -> None:
        """What stands in the clone becomes main, as a merge that was reviewed would."""
        fetch = ["git", f"--git-dir={self.forge}", "fetch", "--quiet", str(self.clone), "HEAD:main"]
        subprocess.run(fetch, check=True, capture_output=True)

    def edits(self) -> Iterator[tuple[str, str]]:
        """A line of the team's at the end of every file that it may edit; gives each with its file."""
        for path in self.git("ls-files").split():
            text = (self.clone / path).read_text(encoding="utf-8")
            mark = _COMMENTS.get(Path(path).suffix, "#")
            if mark is None or "The platform owns" in text or path in managed(self.clone):
                continue
            line = f"{mark} the team's line in {path}".strip()
            (self.clone / path).write_text(f"{text}\n{line}\n", encoding="utf-8")
            yield path, line


def managed(clone: Path) -> set[str]:
    """The files that README.md calls the platform's, and those below its folders."""
    rows = (clone / "README.md").read_text(encoding="utf-8").splitlines()
    named = tuple(next(row for row in rows if row.startswith("| The platform's")).split("`")[1::2])
    files = (file.relative_to(clone).as_posix() for file in clone.rglob("*") if ".git" not in file.parts)
    return {path for path in files if path.startswith(named)}


@pytest.mark.parametrize(("path", "language", "before", "after"), PAIRS)
def test_what_the_team_did_survives(path: str, language: str, before: str, after: str, tmp_path: Path) -> None:
    team = Team(tmp_path)
    about = ("--team", "payments", "--set", "description=Mine", "--set", f"language={language}", "--yes")
    team.platformctl("new", path, NAME, "--path-version", before, *about)
    subprocess.run(["git", "clone", "--quiet", str(team.forge), str(team.clone)], check=True)
    edits = dict(team.edits())
    assert len(edits) >= 10
    (team.clone / "own.txt").write_text("the team's own\n")
    team.git("add", "--all")
    team.git("commit", "--quiet", "--message", "The team's work")
    team.merged()

    found = team.platformctl("upgrade", NAME, "--to", after, "--yes")
    assert found["conflicts"] == [] and found["upgrade"]["from"] == before
    team.git("fetch", "--quiet", "origin")
    team.git("merge", "--quiet", "--no-edit", f"origin/{HEAD}")
    team.merged()
    there = {file: (team.clone / file).read_text(encoding="utf-8") for file in team.git("ls-files").split()}
    lost = [file for file, line in edits.items() if not any(line in text for text in there.values())]
    assert lost == [] and there["own.txt"] == "the team's own\n"

    team.platformctl("doctor", NAME, "--fix", "--yes")
    assert team.platformctl("doctor", NAME)["findings"] == []


def test_every_version_but_the_first_has_an_upgrade_to_it() -> None:
    known = {(path, after) for path, _, _, after in PAIRS}
    paths = [path for path in WIRING.golden_paths().values() if not path.internal]
    assert known == {(path.name, version) for path in paths for version in path.versions[1:]}
    assert ROOT.is_dir()
