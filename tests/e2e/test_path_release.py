"""A golden path from its beginning through its first releases: what breaks services is announced, or refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import platformctl.testing.clock
from tests.e2e.sandbox import Done, World, ended, row

CLOCK: Final = platformctl.testing.clock.__file__
FORWARD: Final = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("clock", {clock!r})
clock = importlib.util.module_from_spec(spec)
spec.loader.exec_module(clock)
clock.install()
clock.forward(days={days})
sys.argv = ["platformctl", *{arguments!r}]
from platformctl.__main__ import main
sys.exit(main())
"""
"""A process whose clock is put forward before anything reads it."""
TODAY: Final = datetime.now(UTC).date()
"""A run over midnight fails, and is a run over midnight."""


class Library:
    """The golden path `library` of the organisation, and its folder."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.folder = world.platform.parent / "paths" / "library"
        self.run(0, "path", "new", "library", "--owner", "payments", "--title", "A library", "--no-input")

    def run(self, code: int, *arguments: str, days: int = 0) -> Done:
        """Run platformctl so many days from now, and expect how it ends."""
        command = [sys.executable, "-c", FORWARD.format(clock=CLOCK, days=days, arguments=arguments)]
        pipes: Mapping[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=self.world.environment(), cwd=self.world.work, **pipes)
        with process:
            done = ended(process)
        assert done.code == code, f"{arguments}: exit {done.code}\n{done.out}\n{done.err}"
        return done

    def release(self, code: int, version: str, *arguments: str, days: int = 0) -> str:
        return self.run(code, "path", "release", str(self.folder), version, *arguments, days=days).out

    def write(self, name: str, old: str, new: str) -> None:
        file = self.folder / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def without_description(self, version: str) -> None:
        """A version that asks for no description any more."""
        shutil.copytree(self.folder / "0.1.0", self.folder / version)
        recipe = f"{version}/recipe.yaml"
        asked = (
            '    description:\n      type: string\n      default: ""\n      description: One line about what it does\n'
        )
        self.write(recipe, asked, "")
        self.write(recipe, "version: 0.1.0", f"version: {version}")
        self.write(recipe, "${{ inputs.description }}", "A library")
        self.write("CHANGELOG.md", "## 0.1.0", f"## {version} - {TODAY}\n\n- Without descriptions.\n\n## 0.1.0")

    def announce(self, **fields: Any) -> None:
        file = self.folder / "path.yaml"
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | fields))


@pytest.fixture
def library(acme: World) -> Library:
    return Library(acme)


def test_from_the_first_release_to_the_first_that_breaks_something(library: Library) -> None:
    told = library.release(0, "0.1.0", "--dry-run")
    assert "library 0.1.0 would be released" in told
    assert not (library.folder / "released.yaml").exists()
    done = library.run(0, "path", "release", "library", "0.1.0")
    assert "✓ tests of library pass" in done.out and "2 passed" in done.err
    assert "library 0.1.0 is released" in done.out
    made = library.world.run("new", "library", "money-lib", "--team", "payments", "--no-input")
    assert made.code == 0, made.err

    # A minor version does not do.
    library.without_description("0.2.0")
    library.write("tests/grid.yaml", "hard-to-write-down:\n", "hard-to-write-down:\n    until: 0.1.0\n")
    library.write("tests/test_library.py", '"--description", description, ', "")
    told = library.release(1, "0.2.0")
    assert "✗ minor version after 0.1.0" in told
    assert "input:description: input-removed asks for a major version" in told

    # A major one has to be announced, and needs a migration.
    shutil.move(library.folder / "0.2.0", library.folder / "1.0.0")
    library.write("1.0.0/recipe.yaml", "version: 0.2.0", "version: 1.0.0")
    library.write("CHANGELOG.md", "## 0.2.0", "## 1.0.0")
    told = library.release(1, "1.0.0")
    assert "✓ major version after 0.1.0" in told
    first = TODAY + timedelta(90)
    assert (
        f"input:description: input-removed was not announced; announce it in path.yaml today, and it can go on {first}"
        in told
    )
    assert "1.0.0/migration.yaml: a breaking version says how a service comes to it, and this is missing" in told
    (library.folder / "1.0.0" / "migration.yaml").write_text(
        "schema: 1\noperations:\n  - drop_input: {name: description}\n"
    )
    library.announce(
        deprecations=[{"what": "input:description", "since": TODAY, "removed_in": "1.0.0", "reason": "Nobody reads it"}]
    )
    told = library.release(1, "1.0.0")
    assert f"input:description: input-removed can go on {first}, in 90 days" in told
    assert "note: nothing shows since when input:description has been announced: git rev-parse failed: " in told
    assert library.world.run("path", "show", "library").out.count(f"goes in 1.0.0, not before {first}, in 90 days") == 1

    # Until then it is a draft, which nobody gets.
    assert "library 0.1.0" in library.run(0, "plan", "library", "other-lib", "--team", "payments").out
    assert "All is as it should be" in library.run(0, "doctor", "money-lib", days=89).out

    # 89 days later it is too early, 90 days later it is not.
    library.write("CHANGELOG.md", f"## 1.0.0 - {TODAY}", f"## 1.0.0 - {first - timedelta(1)}")
    assert f"can go on {first}, in 1 day" in library.release(1, "1.0.0", days=89)
    library.write("CHANGELOG.md", f"## 1.0.0 - {first - timedelta(1)}", f"## 1.0.0 - {first}")
    assert "library 1.0.0 is released" in library.release(0, "1.0.0", days=90)
    assert "version 1.0.0 is there; this is 0.1.0" in library.run(0, "doctor", "money-lib", days=90).out

    # The old version ends; doctor counts down, and after the last day it is an error.
    library.announce(
        versions={"0.1.0": {"status": "deprecated", "since": first, "removed": first + timedelta(90), "reason": "Old"}}
    )
    assert library.run(0, "path", "lint", "library").out == "✓ library 0.1.0, library 1.0.0\n"
    ends = (
        f"library 0.1.0 ends in 42 days, on {first + timedelta(90)}: Old; upgrade with: platformctl upgrade money-lib"
    )
    assert ends in library.run(0, "doctor", "money-lib", days=138).out
    told = library.run(3, "doctor", "money-lib", days=181).out
    assert f"library 0.1.0 has ended on {first + timedelta(90)}, 1 day ago: Old" in told

    # What was released does not change unnoticed, for nobody.
    readme = library.folder / "0.1.0" / "template" / "{{cookiecutter.name}}" / "README.md"
    readme.write_text("# Other\n")
    says = f"library 0.1.0 has changed since it was released on {TODAY}"
    assert says in library.run(1, "path", "lint", "library").out
    assert says in library.run(1, "path", "test", "library").out
    assert says in library.run(1, "doctor", "money-lib").err


def test_a_version_that_is_to_be_left_is_refused_to_new_services(library: Library) -> None:
    library.run(0, "path", "release", "library", "0.1.0")
    new = ("new", "library", "money-lib", "--team", "payments", "--no-input")
    library.announce(versions={"0.x": {"status": "deprecated", "since": TODAY, "reason": "It is slow"}})
    done = library.run(0, *new)
    assert f"library 0.1.0 is deprecated since {TODAY}: It is slow" in done.err
    again = ("new", "library", "other-lib", "--team", "payments", "--no-input")
    library.announce(versions={"0.x": {"status": "withdrawn", "since": TODAY, "reason": "It leaks"}})
    says = [f"library 0.1.0 is withdrawn since {TODAY}: It leaks", "--allow-withdrawn"]
    library.world.refused(*again, code=2, says=says)
    library.world.refused("plan", *again[1:], code=2, says=says)
    library.run(0, *new)  # it is there already, and nothing is made
    library.announce(
        versions={
            "0.x": {"status": "deprecated", "since": TODAY, "removed": TODAY + timedelta(90), "reason": "It is slow"}
        }
    )
    done = library.run(2, *again, days=91)
    assert f"library 0.1.0 has ended on {TODAY + timedelta(90)}, 1 day ago: It is slow" in done.err
    done = library.run(0, *again, "--allow-withdrawn", days=91)
    assert "has ended on" in done.err


def test_nor_is_anything_brought_to_it(library: Library) -> None:
    library.run(0, "path", "release", "library", "0.1.0")
    library.run(0, "new", "library", "money-lib", "--team", "payments", "--no-input")
    shutil.copytree(library.folder / "0.1.0", library.folder / "0.2.0")
    recipe = library.folder / "0.2.0" / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("0.1.0", "0.2.0"))
    library.announce(versions={"0.2.0": {"status": "withdrawn", "since": TODAY, "reason": "It leaks"}})
    for more in ([], ["--dry-run"]):
        done = library.run(2, "upgrade", "money-lib", "--to", "0.2.0", *more)
        assert f"library 0.2.0 is withdrawn since {TODAY}: It leaks. Take 0.1.0, with --to 0.1.0" in done.err
    assert "It leaks" in library.run(2, "upgrade", "--all", "--path", "library", "--to", "0.2.0", "--yes").err


def test_machines_read_all_of_it(library: Library) -> None:
    def result(code: int, *arguments: str) -> dict[str, Any]:
        last = json.loads(library.run(code, *arguments, "--json").out.splitlines()[-1])
        assert last["type"] == "result"
        data: dict[str, Any] = last["data"]
        return data

    shutil.rmtree(library.folder / "tests")
    dry = result(0, "path", "release", "library", "0.1.0", "--dry-run")
    made = result(0, "path", "release", "library", "0.1.0")
    assert (dry["written"], made["written"]) == (False, True)
    assert dry["released"] == made["released"] == {"day": TODAY.isoformat(), "sha256": made["released"]["sha256"]}
    library.without_description("1.0.0")
    failed = result(1, "path", "release", "library", "1.0.0")
    assert failed["since"] == "0.1.0" and failed["released"] is None
    assert [check["what"] for check in failed["checks"] if check["problems"]] == ["90 days of notice", "migration"]
    found = result(0, "path", "diff", "library")
    assert (found["from"], found["to"], found["asks_for"]) == ("0.1.0", "1.0.0", "major")
    assert found["changes"][0]["rule"] == "input-removed"
    checks = result(0, "path", "test", "library", "--path-version", "1.0.0")["checks"]
    assert [check["problems"] for check in checks] == [[], []]
    (path,) = result(0, "roadmap", "library")["paths"]
    assert [(one["version"], one["state"]) for one in path["versions"]] == [("1.0.0", "draft"), ("0.1.0", "released")]
    (listed,) = [one for one in result(0, "path", "list")["paths"] if one["name"] == "library"]
    assert (listed["latest"], listed["released"]) == ("0.1.0", {"0.1.0": TODAY.isoformat()})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        row("unknown path", ("path", "diff", "nope"), ["there is no golden path 'nope'"]),
        row("unknown folder", ("path", "test", "./nope"), ["there is no folder './nope'"]),
        row("one version", ("path", "diff", "library"), ["library has one version, 0.1.0"]),
        row("no such version", ("path", "test", "library", "--path-version", "9.9.9"), ["no version '9.9.9'"]),
        row("no such draft", ("path", "release", "library", "9.9.9"), ["no version '9.9.9'", "0.1.0"]),
        row("no such roadmap", ("roadmap", "nope"), ["there is no golden path 'nope'"]),
        row("which format", ("roadmap", "-o", "x.html"), ["which format?", "--format"]),
        row("two on one", ("roadmap", "--format", "html", "--json"), ["--json and a page"]),
        row("no folder", ("roadmap", "--format", "html", "-o", "no/x.html"), ["there is no folder"]),
    ],
)
def test_what_cannot_be_asked_for(library: Library, arguments: tuple[str, ...], says: list[str]) -> None:
    library.world.refused(*arguments, code=2, says=says)


def test_the_roadmap_is_written_where_it_is_asked_for(library: Library) -> None:
    library.announce(roadmap=[{"title": "More of it", "when": "2027-Q1"}])
    shown = library.world.run("roadmap", "library", "--format", "markdown")
    assert shown.out.startswith("# Golden paths\n") and "More of it" in shown.out
    done = library.world.run("roadmap", "--format", "html", "-o", "roadmap.html")
    page = Path(library.world.work, "roadmap.html").read_text()
    assert "Wrote roadmap.html" in done.out and "2027-Q1     library  More of it" in done.out
    assert page.startswith("<!DOCTYPE html>") and "More of it" in page
