"""What has to hold before a version is released, and what is written when it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from platformctl.commands import path_test
from platformctl.commands.path_lint import lint
from platformctl.commands.path_release import Releasing
from platformctl.errors import NotFound
from platformctl.released import read
from tests.paths import FIRST, NAME, TODAY, Paths

WITHOUT_DESCRIPTION: Final = (
    '    description:\n      type: string\n      default: ""\n      description: One line about what it does\n=>',
    "${{ inputs.description }}=>none",
)
"""A breaking change of the recipe."""
LATER: Final = TODAY + timedelta(90)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "paths")
    assert refused(made, FIRST) == {}
    Releasing(NAME, FIRST, made.session()).write()
    return made


def refused(paths: Paths, version: str, today: date = TODAY, **platform: Any) -> Mapping[str, Sequence[str]]:
    """The checks that do not hold, with what is wrong."""
    checks = Releasing(NAME, version, paths.session(today, **platform)).checks(lambda line: None)
    return {check.what: list(check.problems) for check in checks if check.problems}


def noted(paths: Paths, version: str) -> list[str]:
    return [note for check in Releasing(NAME, version, paths.session()).checks(print) for note in check.notes]


def patched(paths: Paths, version: str) -> None:
    """A version with a fix."""
    folder = paths.copy(version)
    file = folder / "template" / "{{cookiecutter.name}}" / "CODEOWNERS"
    file.write_text(f"{file.read_text()}\n")


def extended(paths: Paths, version: str) -> None:
    """A version with a feature."""
    paths.copy(version, "    description:\n=>    size: {type: string, default: s, description: d}\n    description:\n")


def broken(paths: Paths, version: str) -> None:
    """A version that breaks services, with a migration."""
    folder = paths.copy(version, *WITHOUT_DESCRIPTION)
    (folder / "migration.yaml").write_text("schema: 1\noperations:\n  - drop_input: {name: description}\n")
    paths.edit("tests/grid.yaml", "hard-to-write-down:=>hard-to-write-down:\n    until: 0.1.0")


ADDED: Final = "input:size: input-added (new: string; default s) asks for a minor version"
REMOVED: Final = "input:description: input-removed asks for a major version"


@pytest.mark.parametrize(
    ("make", "version", "says", "notes"),
    [
        (patched, "0.1.1", [], []),
        (patched, "0.2.0", [], ["a patch version would do"]),
        (patched, "1.0.0", [], ["a patch version would do"]),
        (extended, "0.1.1", [ADDED], []),
        (extended, "0.2.0", [], []),
        (extended, "1.0.0", [], ["a minor version would do"]),
        (broken, "0.1.1", [REMOVED], []),
        (broken, "0.2.0", [REMOVED], []),
        (Paths.copy, "0.1.1", [], ["nothing that could be compared has changed since 0.1.0"]),
    ],
)
def test_a_versions_number_is_as_large_as_what_has_changed(
    make: Callable[[Paths, str], object], version: str, says: list[str], notes: list[str], paths: Paths
) -> None:
    make(paths, version)
    found = refused(paths, version)
    sizes = {"0.1.1": "patch", "0.2.0": "minor", "1.0.0": "major"}
    what = f"{sizes[version]} version after {FIRST}"
    assert [why for why in found.get(what, []) if not why.startswith("step:")] == says
    if not says:
        assert found == {}
        assert noted(paths, version) == notes


def test_a_release_tells_of_what_looks_like_a_rename(paths: Paths) -> None:
    folder = paths.copy("1.0.0", "managed: [.platformctl.yaml, CODEOWNERS]=>managed: [.platformctl.yaml, OWNERS]")
    (folder / "template" / "{{cookiecutter.name}}" / "CODEOWNERS").rename(
        folder / "template" / "{{cookiecutter.name}}" / "OWNERS"
    )
    assert noted(paths, "1.0.0") == [
        "CODEOWNERS is gone, and OWNERS, which is much the same, is new; an upgrade follows no such rename: "
        "if it is one, say move_file in migration.yaml"
    ]


def announcement(**fields: Any) -> dict[str, Any]:
    return {"what": "input:description", "since": TODAY, "reason": "nobody reads it", **fields}


NOTICE: Final = "90 days of notice"
SAID: Final = "input:description: input-removed"


@pytest.mark.parametrize(
    ("announced", "day", "says"),
    [
        (None, TODAY, f"{SAID} was not announced; announce it in path.yaml today, and it can go on 2027-02-28"),
        (announcement(what="input:team", removed_in="1.0.0"), LATER, f"{SAID} was not announced"),
        (announcement(removed_in="1.0.0"), TODAY, f"{SAID} can go on 2027-02-28, in 90 days"),
        (announcement(removed_in="1.0.0"), LATER - timedelta(1), f"{SAID} can go on 2027-02-28, in 1 day"),
        (announcement(removed_in="1.0.0"), LATER, ""),
        (announcement(what="input:*", removed_in="1.0.0"), LATER, ""),
        (announcement(removed_in="0.9.0"), LATER, ""),
        (announcement(removed_in="2.0.0"), LATER, f"{SAID} was announced for 2.0.0, and this is 1.0.0"),
        (announcement(removed=LATER), LATER, ""),
        (announcement(removed="2027-03-31"), LATER, f"{SAID} can go on 2027-03-31, in 31 days"),
        (announcement(removed_in="1.0.0", removed="2027-03-31"), LATER, f"{SAID} can go on 2027-03-31, in 31 days"),
    ],
)
def test_what_breaks_services_is_announced_90_days_before(
    announced: dict[str, Any] | None, day: date, says: str, paths: Paths
) -> None:
    broken(paths, "1.0.0")
    paths.edit("CHANGELOG.md", f"## 1.0.0 - {TODAY}=>## 1.0.0 - {day}")
    if announced:
        paths.say(deprecations=[announced])
    found = refused(paths, "1.0.0", day)
    assert list(found) == ([NOTICE] if says else [])
    if says:
        (why,) = found[NOTICE]
        assert says in why


def test_every_breaking_change_is_announced(paths: Paths) -> None:
    broken(paths, "1.0.0")
    paths.edit("1.0.0/recipe.yaml", "  repository: ${{ steps.repository.outputs.url }}=>  url: x")
    found = refused(paths, "1.0.0")
    assert [why.partition(" was")[0] for why in found[NOTICE]] == [
        SAID,
        "output:repository: output-removed (${{ steps.repository.outputs.url }})",
    ]


def test_the_day_of_the_changelog_counts_and_not_that_of_the_command(paths: Paths) -> None:
    """Who writes an earlier day there has announced later."""
    broken(paths, "1.0.0")
    paths.say(deprecations=[announcement(removed_in="1.0.0")])
    assert list(refused(paths, "1.0.0", LATER)) == [NOTICE]


def test_what_breaks_services_has_a_migration(paths: Paths) -> None:
    broken(paths, "1.0.0")
    (paths.folder / "1.0.0" / "migration.yaml").unlink()
    file = paths.folder / "1.0.0" / "migration.yaml"
    says = f"{file}: a breaking version says how a service comes to it, and this is missing"
    assert refused(paths, "1.0.0")["migration"] == [says]


def headed(text: str) -> Callable[[Paths], None]:
    return lambda paths: paths.edit("CHANGELOG.md", f"## 0.1.1 - {TODAY}\n\n- Something.\n=>{text}")


@pytest.mark.parametrize(
    ("change", "what", "says"),
    [
        (headed(""), "changelog", "CHANGELOG.md: version 0.1.1 is not in it"),
        (
            headed("## 0.1.1\n\n- Something.\n"),
            "changelog",
            "CHANGELOG.md:3: version 0.1.1 has no day, as in: ## 0.1.1 - 2026-11-30",
        ),
        (headed("## 0.1.1 - 2026-12-01\n\n- A.\n"), "changelog", "CHANGELOG.md:3: 2026-12-01 is still to come"),
        (headed("## 0.1.1 - 2026-11-31\n\n- A.\n"), "changelog", "CHANGELOG.md:3: there is no day 2026-11-31"),
        (headed("## 0.1.1 - 2026-11-30\n"), "changelog", "CHANGELOG.md:3: it does not say what is new in 0.1.1"),
        (
            lambda paths: paths.edit("0.1.1/recipe.yaml", "description: The team=>about: The team"),
            "format and what was released",
            "0.1.1/recipe.yaml: input 'team' has no description",
        ),
        (
            lambda paths: (paths.folder / "0.1.1" / "notes.txt").write_text(""),
            "format and what was released",
            "0.1.1/notes.txt: nothing in the recipe or the migration names it",
        ),
        (
            lambda paths: paths.edit("0.1.1/recipe.yaml", "[README.md]=>[READ.md]"),
            "0.1.1 renders",
            "'READ.md' fits no file in any case",
        ),
        (
            lambda paths: paths.edit("0.1.1/template/{{cookiecutter.name}}/README.md", "| markdown=>| nothing"),
            "0.1.1 renders",
            "case 'defaults':",
        ),
        (
            lambda paths: paths.edit("tests/grid.yaml", "team: payments}=>team: ''}"),
            "0.1.1 renders",
            "case 'defaults': team: it must not be empty",
        ),
        (
            lambda paths: paths.edit("tests/grid.yaml", "cases:=>case:"),
            "0.1.1 renders",
            "tests/grid.yaml",
        ),
        (
            lambda paths: paths.edit("tests/grid.yaml", "answers:=>since: 9.0.0\n    answers:"),
            "0.1.1 renders",
            "no case of the grid is for it",
        ),
    ],
)
def test_what_else_has_to_hold(change: Callable[[Paths], object], what: str, says: str, paths: Paths) -> None:
    patched(paths, "0.1.1")
    assert refused(paths, "0.1.1") == {}
    change(paths)
    found = refused(paths, "0.1.1")
    (why,) = [text for name, texts in found.items() if what in name for text in texts if says in text]
    assert why


def test_files_that_cannot_be_compared_hold_a_version_up(paths: Paths) -> None:
    paths.copy("1.0.0", "pattern: ^[a-z][a-z0-9-]{2,30}$=>pattern: ^x")
    (paths.folder / "1.0.0" / "migration.yaml").write_text("schema: 1\noperations: [drop_input: {name: size}]\n")
    found = refused(paths, "1.0.0")
    assert found["files compared"][0] == "no case of the grid can be rendered with both versions"


SECOND: Final = """\
  - id: more
    uses: files
    plane: developer
    with:
      repository: ${{ steps.repository.outputs.name }}
      under: more
      files: ["${{ steps.scaffold.outputs.files }}"]

outputs:
"""


def test_one_step_keeps_the_files_that_an_upgrade_proposes(paths: Paths) -> None:
    paths.copy("0.2.0", f"outputs:\n=>{SECOND}")
    line = (paths.folder / "0.2.0" / "recipe.yaml").read_text().splitlines().index("  - id: more") + 1
    says = "more keeps files as files does; a service with both cannot be upgraded: make it one step"
    assert [f"{one.where}: {one.what}" for one in lint(NAME, paths.session())[1]] == [
        f"{paths.folder}/0.2.0/recipe.yaml:{line}: {says}"
    ]
    paths.say(internal=True)
    assert lint(str(paths.folder), paths.session())[1] == []


def test_the_owner_is_a_team_of_the_platform(paths: Paths) -> None:
    patched(paths, "0.1.1")
    about = {"on_call": "", "permission": "maintain", "paging": "", "automerge": False}
    team = {"slug": "payments", "name": "Payments", **about}
    (why,) = refused(paths, "0.1.1", teams=[team])["owner"]
    assert "owner: there is no team 'platform'" in why
    assert refused(paths, "0.1.1", teams=[team, team | {"slug": "platform", "name": "Platform"}]) == {}


def test_other_drafts_do_not_hold_a_version_up(paths: Paths) -> None:
    patched(paths, "0.1.1")
    paths.copy("0.2.0", "plane: developer=>plane: nowhere")
    assert refused(paths, "0.1.1") == {}


def test_a_mend_of_an_older_version_is_compared_with_that(paths: Paths) -> None:
    extended(paths, "0.2.0")
    Releasing(NAME, "0.2.0", paths.session()).write()
    patched(paths, "0.1.1")
    paths.edit("CHANGELOG.md", "## 0.2.0 - 2026-11-30=>## 0.2.0 - 2026-11-29")
    assert Releasing(NAME, "0.1.1", paths.session()).since == FIRST
    assert refused(paths, "0.1.1") == {}


def test_what_is_released_is_written_and_nothing_else(paths: Paths) -> None:
    before = read(paths.folder)
    patched(paths, "0.1.1")
    releasing = Releasing(NAME, "0.1.1", paths.session())
    record = releasing.record()
    assert read(paths.folder) == before
    assert releasing.write() == record
    assert read(paths.folder) == before | {"0.1.1": record}
    assert record.day == TODAY
    again = Releasing(NAME, "0.1.1", paths.session())
    assert again.done == record
    assert [check.what for check in again.checks(print)] == ["format and what was released"]
    with pytest.raises(NotFound, match=r"has no version '0\.3\.0'"):
        Releasing(NAME, "0.3.0", paths.session())


TESTS: Final = {
    "pass": ("def test_it() -> None:\n    print('said')\n", []),
    "fail": ("def test_it() -> None:\n    assert False\n", ["pytest ended with 1"]),
    "are none": ("\n", ["pytest has found no test"]),
}


@pytest.mark.parametrize(("text", "says"), TESTS.values(), ids=TESTS)
def test_its_own_tests_are_run_and_heard(text: str, says: list[str], paths: Paths) -> None:
    (paths.folder / "tests" / "test_it.py").write_text(text)
    heard: list[str] = []
    tried = list(path_test.test(NAME, "", paths.session(), heard.append))
    assert [(one.what, list(one.problems)) for one in tried] == [
        ("what was released", []),
        (f"{NAME} {FIRST} renders in 2 cases, the same twice", []),
        (f"tests of {NAME} pass", says),
    ]
    assert any("test session starts" in line for line in heard)
    assert not list(paths.folder.rglob("__pycache__")) and not list(paths.folder.rglob(".pytest_cache"))


def test_without_pytest_one_line_says_so(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    (paths.folder / "tests" / "test_it.py").write_text("")
    monkeypatch.setattr(path_test, "find_spec", lambda name: None)
    patched(paths, "0.1.1")
    (why,) = refused(paths, "0.1.1")[f"tests of {NAME} pass"]
    assert why.startswith(f"{paths.folder / 'tests'}: there are tests, and pytest is not installed. Install it: ")
