"""What was released is recorded, and whatever becomes of it is noticed: by lint, and before a service is made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from platformctl import released
from platformctl.commands.path_lint import lint
from platformctl.commands.path_release import Releasing
from platformctl.commands.path_test import rendered
from platformctl.errors import BadRecipe, NotFound
from platformctl.golden_path import shipped
from platformctl.released import Release, digest, read, text_of
from tests.paths import FIRST, NAME, TODAY, Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "paths")
    release(made, FIRST)
    return made


def release(paths: Paths, version: str, name: str = NAME) -> Release:
    releasing = Releasing(name, version, paths.session())
    assert [check for check in releasing.checks(print) if check.problems] == []
    return releasing.write()


def named(paths: Paths, today: date = TODAY) -> list[str]:
    """What lint finds, without the folder before it."""
    _, problems = lint(NAME, paths.session(today))
    return [f"{problem.where.removeprefix(f'{paths.folder}/')}: {problem.what}" for problem in problems]


def moved(folder: Path) -> None:
    (folder / "recipe.yaml").rename(folder / "recipes.yaml")


def linked(folder: Path) -> None:
    file = folder / "template" / "cookiecutter.json"
    file.rename(folder / "template" / "other.json")
    file.symlink_to("other.json")


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda folder: (folder / "recipe.yaml").write_text("x"),
    "mode": lambda folder: (folder / "recipe.yaml").chmod(0o755),
    "another file": lambda folder: (folder / "x").write_text(""),
    "a hidden one": lambda folder: (folder / ".x").write_text(""),
    "a file less": lambda folder: (folder / "template" / "cookiecutter.json").unlink(),
    "another name": moved,
    "a link": linked,
    "a link to a folder": lambda folder: (folder / "x").symlink_to("template"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_digest_is_of_paths_modes_and_contents(change: Callable[[Path], object], paths: Paths) -> None:
    before = digest(paths.folder / FIRST)
    change(paths.folder / FIRST)
    assert digest(paths.folder / FIRST) != before


def test_a_digest_is_not_of_times_places_or_what_tools_write(paths: Paths, tmp_path: Path) -> None:
    folder = paths.folder / FIRST
    before = digest(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_text("")
    os.utime(folder / "recipe.yaml", (0, 0))
    (folder / "recipe.yaml").chmod(0o600)
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert digest(folder) == digest(tmp_path / "elsewhere") == before


def test_releases_are_read_as_they_were_written(tmp_path: Path) -> None:
    sha = "1" * 63 + "e"
    releases = {
        "1.10.0": Release(date(2026, 12, 1), "a" * 64, {"base 1.0.0": "0" * 64}, {"modules": sha}),
        "1.9.0": Release(date(2026, 11, 1), "12e4" * 16),
    }
    (tmp_path / released.FILE).write_text(text_of(releases))
    assert read(tmp_path) == releases
    assert list(read(tmp_path)) == ["1.9.0", "1.10.0"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("schema: 1\nversions: {1.0.0: {day: 2026-02-30, sha256: %s}}\n", "there is no day 2026-02-30"),
        ("schema: 1\nversions: {1.0.0: {day: 2026-02-03, sha256: abc}}\n", "a SHA-256 in hexadecimal"),
        ('schema: 1\nversions: {"1.0": {}}\n', "MAJOR.MINOR.PATCH"),
        ("schema: 2\nversions: {}\n", "schema"),
    ],
)
def test_a_record_that_cannot_be_used(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / released.FILE).write_text(text.replace("%s", "f" * 64))
    with pytest.raises(BadRecipe, match=says):
        read(tmp_path)


def test_a_released_version_that_has_changed_is_named_and_nothing_is_made_with_it(paths: Paths) -> None:
    assert named(paths) == []
    file = paths.folder / FIRST / "template" / "{{cookiecutter.name}}" / "README.md"
    file.write_text(file.read_text() + "\n")
    says = f"{NAME} {FIRST} has changed since it was released on 2026-11-30"
    assert named(paths) == [f"{FIRST}: {says}; a released version never changes: make a new one"]
    with pytest.raises(BadRecipe, match=says):
        paths.session().wiring.recipe(NAME, FIRST)
    again = Releasing(NAME, FIRST, paths.session())
    assert [list(check.problems) for check in again.checks(print)] == [[f"{paths.folder}/{named(paths)[0]}"]]


def test_a_released_version_that_is_missing_is_named_until_it_has_ended(paths: Paths) -> None:
    paths.copy("0.2.0")
    shutil.rmtree(paths.folder / FIRST)
    missing = f"{NAME} {FIRST}, which was released on 2026-11-30, is missing: bring it back, or say when it ends"
    assert named(paths) == [f"released.yaml: {missing}"]
    paths.say(
        versions={FIRST: {"status": "deprecated", "since": "2026-11-30", "removed": "2027-03-01", "reason": "old"}}
    )
    assert named(paths, date(2027, 3, 1)) == [f"released.yaml: {missing}"]
    assert named(paths, date(2027, 3, 2)) == []
    with pytest.raises(NotFound, match=rf"has no version '{FIRST}'"):
        paths.session().wiring.recipe(NAME, FIRST)


def test_what_a_released_version_extends_must_not_change_either(paths: Paths) -> None:
    careful = paths.root / "careful"
    (careful / "1.0.0").mkdir(parents=True)
    about = (paths.folder / "path.yaml").read_text().replace("name: library", "name: careful")
    (careful / "path.yaml").write_text(about)
    (careful / "CHANGELOG.md").write_text("## 1.0.0 - 2026-11-30\n\n- All of it.\n")
    (careful / "1.0.0" / "recipe.yaml").write_text(
        f"schema: 1\npath: careful\nversion: 1.0.0\ndescription: d\nextends: {NAME} {FIRST}\n"
    )
    made = release(paths, "1.0.0", "careful")
    assert made.extends == {f"{NAME} {FIRST}": digest(paths.folder / FIRST)}
    (paths.folder / FIRST / "template" / "cookiecutter.json").write_text("{}")
    says = f"{NAME} {FIRST}, which careful 1.0.0 extends, has changed since careful 1.0.0 was released"
    with pytest.raises(BadRecipe, match=says):
        paths.session().wiring.recipe("careful")
    shutil.rmtree(paths.folder)
    with pytest.raises(BadRecipe, match=f"{NAME} {FIRST}, which careful 1.0.0 extends, is not there"):
        paths.session().wiring.recipe("careful")


def test_what_is_extended_is_released_first(paths: Paths) -> None:
    paths.copy("0.2.0")
    folder = paths.copy("0.3.0")
    text = (folder / "recipe.yaml").read_text().split("inputs:")[0]
    (folder / "recipe.yaml").write_text(f"{text}extends: {NAME} 0.2.0\n")
    found = {check.what: check.problems for check in Releasing(NAME, "0.3.0", paths.session()).checks(print)}
    assert found["what it extends"] == [
        f"{NAME} 0.2.0 is not released; release that first: platformctl path release {NAME} 0.2.0"
    ]


def test_what_a_version_publishes_is_held_while_it_is_the_newest(paths: Paths) -> None:
    (paths.root / "modules").mkdir()
    (paths.root / "modules" / "main.tf").write_text("one")
    files = "        - ${{ steps.scaffold.outputs.files }}\n"
    step = "  - {id: modules, uses: folder, plane: resource, with: {from: modules}}\n\n  - id: files\n"
    more = f"{files}        - ${{{{ steps.modules.outputs.files }}}}\n"
    paths.copy("0.2.0", f"  - id: files\n=>{step}", f"{files}=>{more}")
    assert list(release(paths, "0.2.0").publishes) == ["modules"]
    (paths.root / "modules" / "main.tf").write_text("two")
    says = f"modules, which {NAME} 0.2.0 publishes, has changed since it was released on 2026-11-30"
    assert named(paths) == [f"0.2.0: {says}; a released version never changes: make a new one"]
    paths.session().wiring.recipe(NAME, "0.2.0")  # services are not made of it
    paths.copy("0.2.1", before="0.2.0")
    assert named(paths) == []
    (semver,) = [one for one in Releasing(NAME, "0.2.1", paths.session()).checks(print) if "version after" in one.what]
    assert semver.notes[-1] == f"{says}; what that is to services is not compared"


def test_a_draft_is_nobodys_until_it_is_released(paths: Paths) -> None:
    paths.copy("0.2.0")
    path = paths.path()
    assert (path.versions, path.offered, path.latest) == ((FIRST, "0.2.0"), (FIRST,), FIRST)
    assert paths.session().wiring.recipe(NAME).version == FIRST
    assert paths.session().wiring.recipe(NAME, "0.2.0").version == "0.2.0"
    release(paths, "0.2.0")
    assert paths.path().latest == "0.2.0"
    paths.say(versions={"0.2.0": {"status": "withdrawn", "since": "2026-11-30", "reason": "It leaks"}})
    assert paths.path().latest == FIRST


@pytest.mark.parametrize("name", ["base", "organisation", "service", "worker"])
def test_the_versions_that_ship_are_what_was_released(name: str, paths: Paths) -> None:
    path = paths.session().wiring.golden_path(name)
    assert path.folder.parent == shipped()
    assert path.releases["1.0.0"].day == date(2026, 11, 23)
    _, problems = lint(name, paths.session())
    assert problems == []
    assert list(rendered(path, "1.0.0", paths.session()).problems) == []


def test_the_organisations_repositories_are_held_by_its_release(paths: Paths) -> None:
    path = paths.session().wiring.golden_path("organisation")
    assert set(path.releases["1.0.0"].publishes) == {"images", "modules", "workflows"}
