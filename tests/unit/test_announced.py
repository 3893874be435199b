"""Since when something is announced, as git shows it: a day in path.yaml alone is no notice."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from platformctl.commands.announced import Announced, first_commits
from platformctl.commands.path_test import Check
from platformctl.comparison.rules import Changed, Rule
from platformctl.errors import NoAccess, ToolFailed
from platformctl.stack import tools
from platformctl.stack.tools import Tools
from tests.paths import NAME, TODAY, Paths

CHANGE: Final = Changed(Rule.INPUT_REMOVED, "input:description")
SAID: Final = "input:description: input-removed"
OLD: Final = date(2026, 8, 1)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "paths")


def git(folder: Path, *arguments: str, committed: date = TODAY, written: date = OLD) -> None:
    """Run git as nobody, on the days that are given."""
    days = {"GIT_COMMITTER_DATE": f"{committed}T12:00:00Z", "GIT_AUTHOR_DATE": f"{written}T12:00:00Z"}
    who = {f"GIT_{part}_{what}": "x" for part in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(
        ["git", "-C", str(folder), *arguments], env=os.environ | days | who | nothing, check=True, capture_output=True
    )


def announce(paths: Paths, *whats: str, since: date = OLD, **fields: Any) -> None:
    paths.say(
        deprecations=[{"what": what, "since": since, "reason": "r", "removed_in": "1.0.0"} | fields for what in whats]
    )


def commit(paths: Paths, day: date) -> None:
    if not (paths.root / ".git").exists():
        git(paths.root, "init", "--quiet")
    git(paths.root, "add", "--all")
    git(paths.root, "commit", "--quiet", "--message", "x", committed=day)


def checked(paths: Paths, *changes: Changed) -> Check:
    return Announced(paths.path(), "1.0.0", TODAY, paths.session()).check(changes or [CHANGE])


def why(paths: Paths) -> Sequence[str]:
    found = checked(paths)
    assert list(found.notes) == []
    return found.problems


@pytest.mark.parametrize("late", [-9, 0, 1])
def test_a_day_that_git_shows_is_believed(late: int, paths: Paths) -> None:
    announce(paths, "input:description")
    commit(paths, OLD + timedelta(late))
    announce(paths, "input:description", reason="another")
    commit(paths, TODAY)
    assert why(paths) == []


def test_a_day_before_the_first_commit_is_not_whatever_its_author_says(paths: Paths) -> None:
    commit(paths, OLD)
    announce(paths, "input:description")
    commit(paths, OLD + timedelta(2))
    says = "was announced on 2026-08-01, as path.yaml says, and git has that since 2026-08-03"
    assert why(paths) == [f"{SAID} {says}: set since to 2026-08-03, and it can go on 2026-11-01"]


def test_a_day_that_was_set_back_later_is_not_believed(paths: Paths) -> None:
    announce(paths, "input:description", since=TODAY)
    commit(paths, TODAY)
    announce(paths, "input:description")
    (says,) = why(paths)
    assert says.endswith("git has that since 2026-11-30: set since to 2026-11-30, and it can go on 2027-02-28")


def test_an_announcement_that_git_confirms_is_enough(paths: Paths) -> None:
    announce(paths, "input:description")
    commit(paths, OLD)
    announce(paths, "input:*", "input:description")
    commit(paths, TODAY)
    assert why(paths) == []


def test_a_folder_that_has_moved_keeps_its_history_and_a_copy_has_none(paths: Paths) -> None:
    announce(paths, "input:description")
    commit(paths, OLD)
    for name in ("first", NAME):
        git(paths.root, "mv", NAME if name == "first" else "first", name)
        commit(paths, TODAY)
    assert why(paths) == []
    shutil.copytree(paths.folder, paths.root / "other")
    commit(paths, TODAY)
    assert first_commits(paths.root / "other", Tools()) == {"input:description": TODAY}


def test_the_first_of_all_branches_that_were_merged_counts(paths: Paths) -> None:
    commit(paths, OLD)
    git(paths.root, "switch", "--quiet", "--create", "branch")
    announce(paths, "input:description", since=OLD + timedelta(5))
    commit(paths, OLD + timedelta(5))
    git(paths.root, "switch", "--quiet", "-")
    (paths.root / "more").write_text("")
    commit(paths, OLD + timedelta(8))
    git(paths.root, "merge", "--quiet", "--no-edit", "branch", committed=OLD + timedelta(9))
    assert why(paths) == []


def test_a_path_yaml_that_could_not_be_read_announced_nothing(paths: Paths) -> None:
    text = (paths.folder / "path.yaml").read_text()
    for wrong in ("[", "- 1\n", "deprecations: 1\n", "deprecations: [1, {what: 2}, {}]\n"):
        (paths.folder / "path.yaml").write_text(wrong)
        commit(paths, OLD)
    (paths.folder / "path.yaml").write_text(text)
    announce(paths, "input:description")
    commit(paths, TODAY)
    assert first_commits(paths.folder, Tools()) == {"input:description": TODAY}


def in_no_repository(paths: Paths) -> None:
    announce(paths, "input:description")


def without_commit(paths: Paths) -> None:
    announce(paths, "input:description")
    git(paths.root, "init", "--quiet")


def uncommitted(paths: Paths) -> None:
    commit(paths, OLD)
    announce(paths, "input:description")


def shallow(paths: Paths) -> None:
    announce(paths, "input:description")
    commit(paths, TODAY)
    commit_of = paths.root.with_name("whole")
    paths.root.rename(commit_of)
    git(commit_of, "clone", "--quiet", "--depth=1", f"file://{commit_of}", str(paths.root))


NOWHERE: Final[Mapping[str, Any]] = {
    "no repository": (in_no_repository, "git rev-parse failed: fatal: not a git repository"),
    "no commit": (without_commit, "git log failed: fatal: your current branch"),
    "uncommitted": (uncommitted, "it is not committed"),
    "shallow": (shallow, "the clone is shallow"),
}


@pytest.mark.parametrize(("make", "says"), NOWHERE.values(), ids=NOWHERE)
def test_where_git_shows_nothing_a_note_says_so(make: Any, says: str, paths: Paths) -> None:
    make(paths)
    found = checked(paths, CHANGE, Changed(Rule.INPUT_NARROWED, "input:description"))
    assert list(found.problems) == []
    (note,) = found.notes
    assert note.startswith(f"nothing shows since when input:description has been announced: {says}")


def test_without_git_there_is_a_note_and_without_an_announcement_none(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools.shutil, "which", lambda *_, **__: None)
    assert list(checked(paths).notes) == []
    announce(paths, "input:description")
    (note,) = checked(paths).notes
    assert note.endswith("git is not on PATH")
    with pytest.raises(NoAccess):
        first_commits(paths.folder, Tools())
    monkeypatch.undo()
    with pytest.raises(ToolFailed):
        first_commits(paths.folder, Tools())
