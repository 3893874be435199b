"""A service comes to a later version of its golden path: what its team did stays, and nothing is silent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from platformctl.cli import terminal
from platformctl.errors import BadConfig
from platformctl.wiring import Wiring
from tests.conftest import Cli
from tests.e2e import note_path
from tests.e2e.forked import Forked
from tests.e2e.kept import keep, restore
from tests.e2e.note_path import FIRST

HEAD = "platformctl/upgrade_files_my-notes"


class Team:
    """A service on `note` 1.0.0, its team's clone, and platformctl."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self.paths = cli.cwd / "paths"
        self.path = self.paths / "note"
        self.platform = cli.cwd / "platform.yaml"
        self.clone = cli.cwd / "clone"
        cli.env |= {"PLATFORMCTL_PLATFORM": str(self.platform)}

    def begin(self) -> None:
        """Make the service."""
        note_path.write(self.paths, "1.0.0")
        self.platform.write_text("schema: 1\norganisation: local\ngolden_paths: [paths]\n")
        self.cli.run("init", "--yes")
        self.cli.run("new", "note", "my-notes", "--team", "payments", "--yes")
        repository = self.cli.home / "forge" / "local" / "my-notes.git"
        self.git("clone", "--quiet", str(repository), str(self.clone), at=self.cli.cwd)

    def git(self, *arguments: str, at: Path | None = None) -> str:
        """Run git as the team."""
        who = ["-c", "user.name=Team", "-c", "user.email=team@localhost"]
        command = ["git", *who, *arguments]
        done = subprocess.run(command, cwd=at or self.clone, check=True, capture_output=True, text=True)
        return done.stdout

    def edits(self, change: Callable[[Path], object], *, push: bool = True) -> None:
        """The team's work, on main."""
        change(self.clone)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "The team's work")
        if push:
            self.git("push", "--quiet", "origin", "HEAD:main")

    def merges(self) -> None:
        """The team merges what is proposed."""
        self.git("fetch", "--quiet", "origin")
        self.git("merge", "--quiet", "--no-edit", f"origin/{HEAD}")
        self.git("push", "--quiet", "origin", "HEAD:main")

    def proposed(self, path: str) -> str:
        """A file as it is proposed."""
        return self.cli.git("my-notes", "show", f"{HEAD}:{path}")

    def files(self, ref: str = HEAD) -> set[str]:
        """Every file of a branch."""
        return set(self.cli.git("my-notes", "ls-tree", "-r", "--name-only", ref).split())

    def body(self) -> str:
        """What the pull request says."""
        record = self.cli.home / "forge" / "local" / "my-notes.git" / "platformctl.json"
        text: str = json.loads(record.read_text())["proposals"][HEAD]["body"]
        return text


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service as it is in the beginning."""
    folder = tmp_path_factory.mktemp("notes")
    (folder / "root" / "work").mkdir(parents=True)
    Team(Forked(folder / "root" / "home", folder / "root" / "work")).begin()
    keep(folder / "root")
    return folder


@pytest.fixture
def team(made: Path) -> Team:
    """That, at the same place every time."""
    restore(made / "root")
    return Team(Forked(made / "root" / "home", made / "root" / "work"))


def replaced(path: str, before: str, after: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / path).read_text()
        assert before in text
        (folder / path).write_text(text.replace(before, after))

    return change


def test_it_is_proposed_merged_and_then_everything_else_follows(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(replaced("app.py", "line 9\n", "line 9\nline ten\n"))
    team.edits(replaced("settings.toml", '"b==1"', '"b==1", "c==3"'))
    team.edits(lambda folder: (folder / "Makefile").write_text(FIRST["Makefile"] + "\nmore:\n\techo more\n"))
    found = team.cli.result("upgrade", "my-notes", "--yes")
    assert found["upgrade"] == {"service": "my-notes", "path": "note", "from": "1.0.0", "to": "1.1.0"}
    assert found["conflicts"] == [] and list(found["proposed"]) == ["files/my-notes"]
    assert team.files() == {
        ".platformctl.yaml",
        "Makefile",
        "OWNERS",
        "app.py",
        "ci.yml",
        "docs/more.md",
        "lib/new.py",
        "settings.toml",
    }
    assert "line two\n" in team.proposed("app.py") and "line ten\n" in team.proposed("app.py")
    settings = '[tool]\nlevel = 1\nsize = 3\n\n[project]\nneeds = ["a==2", "b==1", "c==3"]\n'
    assert team.proposed("settings.toml") == settings
    assert "python -m pytest" in team.proposed("Makefile") and "echo more" in team.proposed("Makefile")
    assert "CI runs on pull requests" in team.body() and "The first one" not in team.body()
    assert "    kept: True" in team.body()
    doctor = team.cli.run("doctor", "my-notes")
    assert "an upgrade is proposed: " in doctor.stdout and "1.0.0" in doctor.stdout
    team.merges()
    assert team.cli.run("doctor", "my-notes", code=None).returncode == 0
    assert team.cli.result("upgrade", "my-notes", "--yes")["needed"] is False


def test_the_other_planes_follow_after_the_merge(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    note_path.put(team.path, "2.0.0")
    team.cli.run("upgrade", "my-notes", "--yes")
    team.merges()
    before = team.cli.result("doctor", "my-notes", code=3)
    assert [one["part"] for one in before["findings"]] == ["topics"] and before["findings"][0]["class"] == "behind"
    team.cli.run("doctor", "my-notes", "--fix", "--yes")
    team.cli.run("doctor", "my-notes")


def test_a_migration_renames_answers_and_moves_files_with_what_the_team_did(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    note_path.put(team.path, "2.0.0")
    team.edits(replaced("OWNERS", "payments", "payments @orders"))
    team.edits(lambda folder: (folder / "settings.toml").write_text("[tool]\nlevel = 5  # ours\n[own]\nx = 1\n"))
    team.cli.run("upgrade", "my-notes", "--yes", code=None)
    record = team.proposed(".platformctl.yaml")
    assert "version: 2.0.0" in record and "count: 3" in record and "size" not in record
    assert team.proposed(".github/OWNERS") == "* @payments @orders\n" and "OWNERS" not in team.files()
    assert "level = 2  # ours\n[own]\nx = 1\n" in team.proposed("settings.toml")


def test_what_both_changed_is_a_conflict_in_gits_own_form(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(replaced("app.py", "line 2\n", "line zwei\n"))
    found = team.cli.result("upgrade", "my-notes", "--yes", code=3)
    assert found["conflicts"] == ["app.py"]
    proposed = team.proposed("app.py")
    assert "<<<<<<< the service\nline zwei\n" in proposed and ">>>>>>> note 1.1.0\n" in proposed
    assert "app.py" in team.body().split("need a person")[1]
    assert team.cli.git("my-notes", "show", "main:app.py") == FIRST["app.py"].replace("line 2\n", "line zwei\n")


def test_what_stands_in_the_way_of_a_new_file_stays(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(lambda folder: (folder / "docs").symlink_to("lib"))
    assert team.cli.result("upgrade", "my-notes", "--yes", code=3)["conflicts"] == ["docs/more.md"]
    assert "docs/more.md: not written, because something of the team's is in its way" in team.body()
    assert team.cli.git("my-notes", "ls-tree", HEAD, "docs").startswith("120000")
    replace(team.cli, cwd=team.clone).run("upgrade", "--local", "--yes", code=3)
    assert (team.clone / "docs").is_symlink() and "docs/more.md" in team.git("ls-files", "--unmerged")


def test_what_the_team_deleted_stays_deleted_and_what_it_changed_is_kept(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(lambda folder: (folder / "Makefile").unlink())
    team.edits(replaced("lib/gone.py", "row 5", "row of five"))
    plan = team.cli.run("upgrade", "my-notes", "--dry-run").stdout
    assert "Makefile stays removed" in plan and "lib/gone.py stays: " in plan
    team.cli.run("upgrade", "my-notes", "--yes")
    assert "Makefile" not in team.files() and "lib/gone.py" in team.files()
    assert "row of five" in team.proposed("lib/gone.py")
    said = team.body()
    assert "    Makefile\n" in said.split("has removed")[1] and "    lib/gone.py\n" in said.split("so they stay")[1]


def test_a_renamed_file_keeps_its_edit(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(replaced("lib/old.py", "line 7", "line of seven"))
    team.cli.run("upgrade", "my-notes", "--yes")
    assert "line of seven" in team.proposed("lib/new.py") and "the library" in team.proposed("lib/new.py")
    assert "lib/old.py" not in team.files()


def test_overrides_stay_and_those_that_are_not_allowed_any_more_are_named(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.cli.run("override", "add", "my-notes", "file:ci.yml", "--why", "our own", "--until", "never", "--yes")
    team.git("pull", "--quiet")
    team.edits(replaced("ci.yml", "push", "workflow_dispatch"))
    team.cli.run("upgrade", "my-notes", "--yes")
    assert team.proposed("ci.yml") == "# The platform owns this.\non: workflow_dispatch\n"
    assert "file: ci.yml" in team.proposed(".platformctl.yaml")
    topics = '["a", "b", "c"]'
    team.cli.run(
        "override", "add", "my-notes", f"repository.topics={topics}", "--why", "x", "--until", "never", "--yes"
    )
    note_path.put(team.path, "2.0.0")
    refused = team.cli.run("upgrade", "my-notes", "--yes", code=2)
    assert "repository.topics" in refused.stderr and "2.0.0" in refused.stderr
    assert "platformctl override list my-notes" in refused.stderr


def test_overrides_are_not_blamed_for_what_the_platform_lacks(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    note_path.put(team.path, "1.1.0")

    def lacking(*_: object) -> None:
        raise BadConfig("team payments has no paging reference", hint="Give it one")

    monkeypatch.setattr(Wiring, "facts", lacking)
    refused = Forked(team.cli.home, team.cli.cwd, team.cli.env).run("upgrade", "my-notes", "--yes", code=2)
    assert "no paging reference. Give it one" in refused.stderr and "override" not in refused.stderr


@pytest.mark.parametrize("text", ["* @payments @orders\n", "* @payments\n"])
def test_a_file_that_the_team_has_taken_over_moves_as_it_is(team: Team, text: str) -> None:
    note_path.put(team.path, "2.0.0")
    team.cli.run("override", "add", "my-notes", "file:OWNERS", "--why", "our own", "--until", "never", "--yes")
    team.git("pull", "--quiet")
    if text != "* @payments\n":
        team.edits(lambda folder: (folder / "OWNERS").write_text(text))
    assert team.cli.result("upgrade", "my-notes", "--yes")["conflicts"] == []
    assert team.proposed(".github/OWNERS") == text and "OWNERS" not in team.files()
    assert "file: .github/OWNERS" in team.proposed(".platformctl.yaml")


def test_where_the_team_has_something_it_is_not_moved_to(team: Team) -> None:
    note_path.put(team.path, "2.0.0")
    team.cli.run("override", "add", "my-notes", "file:*OWNERS", "--why", "our own", "--until", "never", "--yes")
    team.git("pull", "--quiet")

    def change(folder: Path) -> None:
        (folder / ".github").mkdir()
        (folder / ".github" / "OWNERS").write_text("precious\n")

    team.edits(change)
    assert team.cli.result("upgrade", "my-notes", "--yes", code=3)["conflicts"] == ["OWNERS"]
    assert team.proposed(".github/OWNERS") == "precious\n" and team.proposed("OWNERS") == "* @payments\n"
    assert "OWNERS: not written to .github/OWNERS, because something of the team's is in its way" in team.body()


def test_what_the_team_has_taken_over_no_migration_rewrites(team: Team) -> None:
    note_path.put(team.path, "2.0.0")
    team.cli.run("override", "add", "my-notes", "file:settings.toml", "--why", "our own", "--until", "never", "--yes")
    team.cli.run("upgrade", "my-notes", "--yes")
    assert "level = 1\n" in team.proposed("settings.toml")


def moving(team: Team, *operations: str) -> None:
    """Version 2.0.0, with another migration."""
    note_path.put(team.path, "2.0.0")
    rename = "  - rename_input: {from: size, to: count}\n  - move_file: {from: OWNERS, to: .github/OWNERS}\n"
    text = f"schema: 1\noperations:\n{rename}" + "".join(f"  - {one}\n" for one in operations)
    (team.path / "2.0.0" / "migration.yaml").write_text(text)


def blocked_by_a_file(folder: Path) -> None:
    (folder / "conf").write_text("conf\n")


def blocked_by_a_link(folder: Path) -> None:
    (folder / "conf").symlink_to("lib")


def blocked_by_a_link_in_its_place(folder: Path) -> None:
    (folder / "conf").mkdir()
    (folder / "conf" / "team.cfg").symlink_to("../Makefile")


def blocked_by_a_folder(folder: Path) -> None:
    (folder / "conf" / "team.cfg").mkdir(parents=True)
    (folder / "conf" / "team.cfg" / "valuable").write_text("valuable\n")


@pytest.mark.parametrize(
    "block", [blocked_by_a_file, blocked_by_a_link, blocked_by_a_link_in_its_place, blocked_by_a_folder]
)
def test_a_file_of_the_teams_moves_onto_nothing(team: Team, block: Callable[[Path], object]) -> None:
    moving(team, "move_file: {from: team.cfg, to: conf/team.cfg}")
    team.edits(lambda folder: (folder / "team.cfg").write_text("cfg\n"))
    team.edits(block)
    there = team.git("ls-tree", "-r", "HEAD")
    assert team.cli.result("upgrade", "my-notes", "--yes", code=3)["conflicts"] == ["team.cfg"]
    kept = [line for line in there.splitlines() if "conf" in line or "team.cfg" in line]
    assert set(kept) <= set(team.cli.git("my-notes", "ls-tree", "-r", HEAD).splitlines())
    replace(team.cli, cwd=team.clone).run("upgrade", "--local", "--yes", code=3)
    assert set(kept) <= set(team.git("ls-tree", "-r", team.git("write-tree").strip()).splitlines())


def test_a_script_replaces_no_link(team: Team) -> None:
    moving(team, "script: {run: more.py, why: more}")
    (team.path / "2.0.0" / "more.py").write_text("open('seen', 'w').write('x')\n")
    team.platform.write_text(team.platform.read_text() + "trusted_paths: [note]\n")
    team.edits(lambda folder: (folder / "seen").symlink_to("Makefile"))
    for arguments in (["my-notes"], ["my-notes", "--dry-run"]):
        refused = team.cli.run("upgrade", *arguments, "--yes", code=1)
        assert "my-notes: seen is in the way of a new file" in refused.stderr
    assert "platformctl/" not in team.cli.git("my-notes", "for-each-ref")


def test_what_a_migration_cannot_write_is_for_a_person(team: Team) -> None:
    moving(
        team,
        "rewrite: {file: team.yaml, at: [b], value: 2}",
        "rewrite: {file: settings.toml, at: [tool, level], value: 7}",
    )
    team.edits(lambda folder: (folder / "team.yaml").write_text("b: &x 1\nc: *x\n"))
    done = team.cli.run("upgrade", "my-notes", "--yes", code=3)
    assert "team.yaml: the migration could not write its value into this; do it by hand" in done.stdout
    assert team.proposed("team.yaml") == "b: &x 1\nc: *x\n" and "level = 7" in team.proposed("settings.toml")
    assert "settings.toml: tool.level becomes 7" in team.body() and "team.yaml: the migration" in team.body()


def test_what_git_ignores_in_a_clone_is_not_overwritten(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(lambda folder: (folder / ".gitignore").write_text("docs/more.md\n"))
    (team.clone / "docs").mkdir()
    (team.clone / "docs" / "more.md").write_text("private\n")
    here = replace(team.cli, cwd=team.clone)
    refused = here.run("upgrade", "--local", "--yes", code=2)
    assert "docs/more.md is in the way of a new file" in refused.stderr
    assert (team.clone / "docs" / "more.md").read_text() == "private\n" and not team.git("status", "--porcelain")


def test_a_dry_run_in_a_clone_is_about_the_clone(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(replaced("app.py", "line 2\n", "line zwei\n"), push=False)
    here = replace(team.cli, cwd=team.clone)
    assert here.result("upgrade", "--local", "--dry-run", code=3)["conflicts"] == ["app.py"]
    assert team.cli.result("upgrade", "my-notes", "--dry-run")["conflicts"] == []
    assert not team.git("status", "--porcelain")


def test_about_the_record_there_is_nothing_to_choose(team: Team) -> None:
    note_path.put(team.path, "2.0.0")
    team.edits(replaced(".platformctl.yaml", "size: 3", "size: 3 # why three"))
    assert team.cli.result("upgrade", "my-notes", "--yes")["conflicts"] == []
    assert "count: 3" in team.proposed(".platformctl.yaml")


def test_a_name_that_is_no_utf_8_stops_nothing(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    name = os.fsdecode(b"caf\xe9.py")
    team.edits(lambda folder: (folder / "app.py").rename(folder / name))
    team.cli.run("upgrade", "my-notes", "--yes")
    assert "line two" in team.cli.git("my-notes", "show", f"{HEAD}:{name}")
    assert "app.py" not in team.files()
    replace(team.cli, cwd=team.clone).run("upgrade", "--local", "--yes")
    team.git("reset", "--quiet", "--hard")
    team.merges()
    team.cli.run("doctor", "my-notes")
    team.cli.run("runs", "list")
    team.cli.run("undo", "last", "--yes")


def test_a_branch_in_the_way_is_named(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.git("push", "--quiet", "origin", "HEAD:refs/heads/platformctl")
    refused = team.cli.run("upgrade", "my-notes", "--yes", code=2)
    assert f"branch platformctl is in the way of {HEAD}" in refused.stderr


def test_what_was_proposed_is_not_resumed_once_the_service_is_there_or_further(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    note_path.put(team.path, "2.0.0")
    team.cli.run("upgrade", "my-notes", "--to", "1.1.0", "--yes")
    first = team.cli.result("runs", "list")["runs"][0]["run"]
    team.merges()
    assert "my-notes is on note 1.1.0 already" in team.cli.run("resume", first, code=2).stderr
    team.cli.run("upgrade", "my-notes", "--to", "2.0.0", "--yes", code=None)
    team.merges()
    assert "is on note 2.0.0, which is later than 1.1.0" in team.cli.run("resume", first, code=2).stderr


def test_what_the_path_manages_and_the_team_has_changed_all_the_same_is_for_a_person(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(replaced("ci.yml", "on: push", "on: push\nconcurrency: one"))
    team.edits(lambda folder: (folder / "OWNERS").unlink())
    found = team.cli.result("upgrade", "my-notes", "--merge", "--yes", code=3)
    assert found["conflicts"] == ["OWNERS", "ci.yml"]
    assert "concurrency" in team.proposed("ci.yml") and "pull_request" not in team.proposed("ci.yml")
    assert "OWNERS" not in team.files()
    assert "ci.yml: changed by hand, though it is the golden path's" in team.body()
    assert "OWNERS: removed by hand, though it is the golden path's" in team.body()
    assert "1.0.0" in team.cli.git("my-notes", "show", "main:.platformctl.yaml")
    team.merges()
    told = {one["part"]: one["class"] for one in team.cli.result("doctor", "my-notes", code=3)["findings"]}
    assert told == {"ci.yml": "edited", "OWNERS": "missing"}
    replace(team.cli, cwd=team.clone).run("doctor", "my-notes", code=3)


def test_asked_again_the_same_proposal_follows_and_undo_withdraws_it(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    first = team.cli.result("upgrade", "my-notes", "--yes")
    team.edits(replaced("app.py", "line 9\n", "line nine\n"))
    again = team.cli.result("upgrade", "my-notes", "--yes")
    assert again["proposed"] == first["proposed"] and "line nine\n" in team.proposed("app.py")
    main = team.cli.git("my-notes", "rev-parse", "main")
    team.cli.run("undo", "last", "--yes")
    assert "platformctl/" not in team.cli.git("my-notes", "for-each-ref")
    assert team.cli.git("my-notes", "rev-parse", "main") == main
    assert "an upgrade is proposed" not in team.cli.run("doctor", "my-notes").stdout


def test_what_a_person_puts_into_the_proposal_by_amending_it_stays(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(replaced("Makefile", "\tpytest", "\ttox"))
    team.cli.run("upgrade", "my-notes", "--yes", code=3)
    team.git("fetch", "--quiet", "origin")
    team.git("switch", "--quiet", HEAD)
    (team.clone / "Makefile").write_text("test:\n\ttox\n")
    (team.clone / "NOTES").write_text("a person was here\n")
    team.git("add", "--all")
    team.git("commit", "--quiet", "--amend", "--no-edit")
    team.git("push", "--quiet", "--force", "origin", "HEAD")
    refused = team.cli.run("upgrade", "my-notes", "--yes", code=1)
    assert "somebody else has committed" in refused.stderr
    assert team.proposed("NOTES") == "a person was here\n" and "<<<" not in team.proposed("Makefile")


@pytest.mark.parametrize("how", ["--ff-only", "--no-ff", "--squash"])
def test_undo_of_what_was_merged_leaves_what_the_team_did_since_it_was_asked_first(team: Team, how: str) -> None:
    note_path.put(team.path, "1.1.0")
    team.cli.run("upgrade", "my-notes", "--yes")
    team.edits(replaced("app.py", "line 30", "line thirty"))
    team.cli.run("upgrade", "my-notes", "--yes")
    run = team.cli.result("runs", "list")["runs"][0]["run"]
    team.git("fetch", "--quiet", "origin")
    team.git("merge", "--quiet", how, f"origin/{HEAD}")
    if how == "--squash":
        team.git(
            "commit", "--quiet", "--message", f"Upgrade\n\nPlatformctl-Service: my-notes\nPlatformctl-Run: {run}\n"
        )
    team.git("push", "--quiet", "origin", "HEAD:main")
    team.cli.run("undo", run, "--yes", code=None)
    assert "line thirty" in team.cli.git("my-notes", "show", "main:app.py")


def test_undo_of_what_was_merged_onto_later_work_leaves_it(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.cli.run("upgrade", "my-notes", "--yes")
    run = team.cli.result("runs", "list")["runs"][0]["run"]
    team.edits(replaced("app.py", "line 30", "line thirty"))
    team.merges()
    team.cli.run("undo", run, "--yes", code=1)
    assert "line thirty" in team.cli.git("my-notes", "show", "main:app.py")


def test_what_needs_nobody_is_merged_at_once_and_all_else_follows(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    note_path.put(team.path, "2.0.0")
    before = team.files("main")
    team.edits(replaced("app.py", "line 9\n", "line nine\n"))
    found = team.cli.result("upgrade", "my-notes", "--merge", "--yes")
    assert found["merged"] == team.cli.git("my-notes", "rev-parse", "main").strip()
    assert [one["address"] for one in found["followed"]["changes"]] == ["repository/my-notes"]
    assert "line nine\n" in team.cli.git("my-notes", "show", "main:app.py")
    assert "version: 2.0.0" in team.cli.git("my-notes", "show", "main:.platformctl.yaml")
    team.cli.run("doctor", "my-notes")
    assert "platformctl/" not in team.cli.git("my-notes", "for-each-ref")
    again = team.cli.result("upgrade", "my-notes", "--merge", "--yes")
    assert again["needed"] is False and again["followed"]["changes"] == []
    team.cli.run("undo", found["followed"]["run"], "--yes")
    team.cli.run("undo", found["run"], "--yes")
    assert team.files("main") == before and "line nine\n" in team.cli.git("my-notes", "show", "main:app.py")
    team.cli.run("doctor", "my-notes")


def test_what_needs_a_person_is_not_merged(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(replaced("app.py", "line 2\n", "line zwei\n"))
    found = team.cli.result("upgrade", "my-notes", "--merge", "--yes", code=3)
    assert found["conflicts"] == ["app.py"] and "merged" not in found
    assert "version: 1.0.0" in team.cli.git("my-notes", "show", "main:.platformctl.yaml")


def test_what_a_person_has_committed_to_is_not_merged(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    url = team.cli.result("upgrade", "my-notes", "--yes")["proposed"]["files/my-notes"]
    team.git("fetch", "--quiet", "origin")
    team.git("switch", "--quiet", "--create", "theirs", f"origin/{HEAD}")
    team.edits(lambda folder: (folder / "mine").write_text("mine\n"), push=False)
    team.git("push", "--quiet", "origin", f"HEAD:{HEAD}")
    waits = team.cli.result("upgrade", "my-notes", "--merge", "--yes", code=3)
    assert waits["waits_for"] == "a person goes on there" and waits["proposed"] == {"files/my-notes": url}
    assert "version: 1.0.0" in team.cli.git("my-notes", "show", "main:.platformctl.yaml")


@pytest.mark.parametrize("again", [False, True])
def test_other_planes_that_are_not_approved_are_said_to_be_left(
    team: Team, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The merge is approved, and what follows it is not; or the merge was before, by somebody else."""
    for version in ("1.1.0", "2.0.0"):
        note_path.put(team.path, version)
    if again:
        team.cli.run("upgrade", "my-notes", "--yes")
        team.merges()
    said = [False] if again else [False, True]
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setattr(terminal, "confirmed", lambda *_, **__: said.pop())
    done = Forked(team.cli.home, team.cli.cwd, team.cli.env).run("upgrade", "my-notes", "--merge", code=1)
    assert done.stderr.endswith("Nothing was changed.\n" if again else "Nothing else was changed.\n")
    assert "my-notes is on note 2.0.0" in done.stdout and "as it should be" not in done.stdout
    team.cli.run("doctor", "my-notes", code=3)


def test_a_dry_run_says_the_same_and_writes_nothing(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    before = team.cli.git("my-notes", "for-each-ref")
    plan = team.cli.result("upgrade", "my-notes", "--dry-run")
    assert {line["what"] for line in plan["changes"][0]["differences"]} >= {"app.py", "lib/new.py", "docs/more.md"}
    assert team.cli.git("my-notes", "for-each-ref") == before


def test_a_script_runs_for_a_trusted_path_alone_and_sees_no_token(team: Team) -> None:
    for version in ("1.1.0", "2.0.0", "2.1.0"):
        note_path.put(team.path, version)
    team.edits(lambda folder: (folder / "numbers.txt").write_text("1 2 1\n"))
    team.cli.env["SECRET_TOKEN"] = "abc"
    refused = team.cli.run("upgrade", "my-notes", "--yes", code=None)
    assert refused.returncode != 0 and "numbers become words" in refused.stderr and "trusted_paths" in refused.stderr
    team.platform.write_text(team.platform.read_text() + "trusted_paths: [note]\n")
    team.cli.run("upgrade", "my-notes", "--yes")
    assert team.proposed("numbers.txt") == "one 2 one\n" and team.proposed("seen") == ""


def test_a_clone_gets_the_same_with_gits_stages(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.edits(replaced("app.py", "line 2\n", "line zwei\n"), push=False)
    team.cli.cwd = team.clone
    found = team.cli.result("upgrade", "--local", "--yes", code=3)
    assert found["conflicts"] == ["app.py"]
    assert team.git("diff", "--name-only", "--diff-filter=U").split() == ["app.py"]
    assert [line.split()[2] for line in team.git("ls-files", "--unmerged").splitlines()] == ["1", "2", "3"]
    assert "<<<<<<< the service\n" in (team.clone / "app.py").read_text()
    assert "version: 1.1.0" in (team.clone / ".platformctl.yaml").read_text()
    dirty = team.cli.run("upgrade", "--local", "--yes", code=2)
    assert "not committed" in dirty.stderr
    team.git("reset", "--quiet", "--hard")
    assert team.git("status", "--porcelain") == ""


def test_a_record_without_a_repository_is_no_clone(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    shutil.rmtree(team.clone / ".git")
    done = replace(team.cli, cwd=team.clone).run("upgrade", "--local", "--yes", code=2)
    assert "this is no clone: git says: fatal: not a git repository" in done.stderr
    assert "Go into a clone of the service's repository" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("my-notes", "--to", "0.9.0"), 2, "no version '0.9.0'"),
        (("nobody",), 2, "there is no service 'nobody'"),
        (("my-notes", "--set", "name=x"), 2, "a service keeps its name"),
        (("my-notes", "--set", "size=many"), 2, "size"),
    ],
)
def test_bad_input_is_one_line(team: Team, arguments: tuple[str, ...], code: int, says: str) -> None:
    note_path.put(team.path, "1.1.0")
    before = team.cli.git("my-notes", "for-each-ref")
    done = team.cli.run("upgrade", *arguments, "--yes", code=None)
    assert done.returncode == code and says in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert team.cli.git("my-notes", "for-each-ref") == before


def test_an_upgrade_goes_forward_only(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    team.cli.run("upgrade", "my-notes", "--yes")
    team.merges()
    back = team.cli.run("upgrade", "my-notes", "--to", "1.0.0", "--yes", code=2)
    assert "later than 1.0.0" in back.stderr


def state(team: Team) -> tuple[str, set[str], str]:
    """What the world holds of it: every branch, the files proposed, and what the proposal says without its run."""
    branches = team.cli.git("my-notes", "for-each-ref", "--format=%(refname) %(tree)", "refs/heads")
    if HEAD not in branches:
        return branches, set(), ""
    return branches, team.files(), team.body().split("Platformctl-Run")[0]


def killed(team: Team, point: int, *arguments: str) -> int:
    """Run platformctl until a journal point, and kill it there; gives how many points there are, if it ended."""
    counted = team.cli.cwd / "counted"
    command = [sys.executable, "-m", "tests.e2e.killed", str(counted), str(point), *arguments]
    environment = team.cli.environment() | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run(command, cwd=team.cli.cwd, env=environment, capture_output=True, check=False)
    return int(counted.read_text()) if counted.exists() else 0


def test_killed_anywhere_it_ends_the_same_or_leaves_nothing(team: Team) -> None:
    note_path.put(team.path, "1.1.0")
    before = state(team)
    points = killed(team, -1, "upgrade", "my-notes", "--yes")
    wanted = state(team)
    assert points >= 6 and wanted != before
    team.cli.run("undo", "last", "--yes")
    for point in range(points):
        assert state(team) == before
        killed(team, point, "upgrade", "my-notes", "--yes")
        if point % 2:
            team.cli.run("upgrade", "my-notes", "--yes")
            assert state(team) == wanted, f"killed at point {point}"
        team.cli.run("undo", "last", "--yes", code=None)
    assert state(team) == before


def test_a_folder_of_the_teams_in_the_place_of_a_file_is_not_overwritten(team: Team) -> None:
    def change(folder: Path) -> None:
        (folder / "ci.yml").unlink()
        (folder / "ci.yml").mkdir()
        (folder / "ci.yml" / "own").write_text("ours\n")

    team.edits(change)
    refused = team.cli.run("doctor", "my-notes", "--fix", "--yes", code=1)
    assert "my-notes: ci.yml/own is in the way of a new file" in refused.stderr
    assert team.cli.git("my-notes", "show", "main:ci.yml/own") == "ours\n"
