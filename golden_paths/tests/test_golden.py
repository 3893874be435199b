"""The same bytes for ever: every version of a golden path renders its grid to the digests in its golden.json.

Digests of a released version never change. When the test fails for one, it is the renderer that has to go back, or to
become a new one (`uses: scaffold@2`). For a new version, write its digests, read the diff of golden.json and commit it:

    python golden_paths/tests/test_golden.py --write service

It writes anew the digests of the versions that are not released, and leaves the others alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from platformctl.action import Inputs
from platformctl.config import Config
from platformctl.engine.plan import plan_step
from platformctl.engine.request import Request
from platformctl.home import Home
from platformctl.inputs import complete, leaves
from platformctl.model import File, Step, Tree
from platformctl.recipe import Recipe
from platformctl.renderers.text import FILTERS
from platformctl.wiring import Wiring

ROOT: Final = Path(__file__).parents[1]
FIXED: Final[dict[str, Any]] = yaml.safe_load((ROOT / "tests" / "platform.yaml").read_text(encoding="utf-8"))
WIRING: Final = Wiring(Config({"golden_paths": [str(ROOT)]}, None), Home(Path(os.devnull)))


def order(version: str) -> tuple[int, ...]:
    """1.10.0 comes after 1.9.0."""
    return tuple(map(int, version.split(".")))


@dataclass(frozen=True)
class Version:
    """One version of a golden path, with the cases of its grid."""

    path: str
    version: str

    @cached_property
    def folder(self) -> Path:
        return ROOT / self.path / "tests"

    @cached_property
    def grid(self) -> dict[str, Any]:
        """The cases: answers, and the facts of the platform that differ."""
        found: dict[str, Any] = yaml.safe_load((self.folder / "grid.yaml").read_text(encoding="utf-8"))
        return found

    @cached_property
    def recipe(self) -> Recipe:
        return WIRING.recipe(self.path, self.version)

    @cached_property
    def cases(self) -> list[str]:
        """The cases of the grid that hold for this version."""
        cases = self.grid["cases"].items()
        return [name for name, case in cases if order(self.version) >= order(case.get("since", "0.0.0"))]

    @property
    def golden(self) -> dict[str, Any]:
        """The digests by version, case and path."""
        file = self.folder / "golden.json"
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return found

    def rendered(self, case: str) -> Iterator[tuple[Step, Inputs, Tree]]:
        """Every renderer step of the recipe for a case of the grid."""
        given = self.grid["cases"][case]
        yield from self.made(given["answers"], given.get("platform", {}))

    def made(self, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[tuple[Step, Inputs, Tree]]:
        """Every renderer step that is not left out, with what it was given and what it gave, without a backend."""
        platform = {**FIXED["platform"], **facts}
        platform["team"] = {**FIXED["platform"]["team"], **platform["team"]}
        request = Request(self.recipe, complete(self.recipe.inputs, answers), platform, WIRING.action)
        outputs = dict(FIXED["outputs"])
        for step in self.recipe.steps:
            if hasattr(WIRING.action_class(step.uses), "render"):
                planned = plan_step(request, step, outputs)
                outputs[step.id] = planned.outputs
                if not planned.skipped:
                    yield step, planned.inputs, planned.outputs["files"]

    def tree(self, case: str) -> dict[str, File]:
        """Everything that is rendered; no file is rendered by two steps."""
        whole: dict[str, File] = {}
        for step, _, files in self.rendered(case):
            assert not whole.keys() & files.keys(), f"{step.id} renders a file a second time"
            whole |= files
        return whole

    def digests(self, case: str) -> dict[str, str]:
        """Git's mode and the SHA-256 of every file."""
        files = sorted(self.tree(case).items())
        return {path: f"{file.mode} {hashlib.sha256(file.content).hexdigest()}" for path, file in files}

    def kinds(self, case: str) -> dict[str, list[str]]:
        """Which rendered files are managed, merged and seeded, as `files` itself sorts them."""
        given = next(step.arguments for step in self.recipe.steps if step.uses == "files")
        rendered = {step.id: files for step, _, files in self.rendered(case)}
        ours = [tree for id_, tree in rendered.items() if f"${{{{ steps.{id_}.outputs.files }}}}" in given["files"]]
        action = WIRING.action_class("files")(port=None)
        files = action.file_set({**given, "repository": "x", "files": ours})
        kinds: dict[str, list[str]] = {"managed": [], "merged": [], "seeded": []}
        for path in sorted(files.tree):
            kinds[files.kind(path)].append(path)
        return kinds


VERSIONS: Final = [
    Version(path.name, version)
    for path in WIRING.golden_paths().values()
    if (path.folder / "tests" / "grid.yaml").is_file()
    for version in path.versions
]
CASES: Final = [
    pytest.param(one, case, id=f"{one.path}-{one.version}-{case}") for one in VERSIONS for case in one.cases
]
every_version = pytest.mark.parametrize("one", VERSIONS, ids=lambda one: f"{one.path}-{one.version}")
every_case = pytest.mark.parametrize(("one", "case"), CASES)


def test_every_path_for_developers_is_here() -> None:
    assert {one.path for one in VERSIONS} == {path.name for path in WIRING.golden_paths().values() if not path.internal}


@every_case
def test_the_same_bytes_for_ever(one: Version, case: str) -> None:
    known = one.golden.get(one.version)
    assert known, f"golden.json does not know it: python golden_paths/tests/test_golden.py --write {one.path}"
    wanted, found = known.get(case, {}), one.digests(case)
    moved = sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))
    assert not moved, f"{one.path} {one.version} renders {case!r} differently; a released version never changes"


@every_version
def test_golden_has_the_grids_cases_and_no_others(one: Version) -> None:
    assert sorted(one.golden[one.version]) == sorted(one.cases)


@every_version
def test_rendering_again_gives_the_same(one: Version) -> None:
    for case in one.cases:
        assert one.tree(case) == one.tree(case)


@every_version
def test_the_grid_has_every_value_that_can_be_chosen(one: Version) -> None:
    """A new language, tier or visibility is not released without golden files."""
    answers = [complete(one.recipe.inputs, one.grid["cases"][case]["answers"]) for case in one.cases]
    for name, part in leaves(one.recipe.inputs):
        found = [answer_to(given, name) for given in answers]
        assert len(found) == len(answers), name
        for value in part.get("enum", ()):
            assert value in found, f"no case has {name}={value}"


def answer_to(answers: Mapping[str, Any], dotted: str) -> Any:
    """One answer by its dotted name."""
    here: Any = answers
    for part in dotted.split("."):
        here = here[part]
    return here


@every_case
def test_cookiecutter_itself_writes_the_same(
    one: Version, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The templates are cookiecutter's, not a dialect: its own generator gives the same files, modes included."""
    from cookiecutter import generate

    def environment(context: dict[str, Any]) -> Any:
        made = create(context)
        made.filters.update(FILTERS)
        return made

    create = generate.create_env_with_context
    monkeypatch.setattr(generate, "create_env_with_context", environment)
    scaffolds = [found for found in one.rendered(case) if found[0].uses == "scaffold"]
    assert scaffolds, "no step is a scaffold"
    for number, (step, inputs, files) in enumerate(scaffolds):
        output = tmp_path / str(number)
        for template in inputs["templates"]:
            # What is extended comes first, so that the recipe's own is written over it.
            for folder in [folder / template for folder in reversed(step.folders) if (folder / template).is_dir()]:
                generate.generate_files(
                    repo_dir=folder,
                    context={"cookiecutter": dict(inputs["values"])},
                    output_dir=output,
                    overwrite_if_exists=True,
                    accept_hooks=False,
                )
            for path in inputs.get("without", {}).get(template, ()):
                (output / inputs["values"]["name"] / path).unlink()
        assert on_disk(output / inputs["values"]["name"]) == dict(files)


def on_disk(folder: Path) -> dict[str, File]:
    """The files below a folder."""
    return {
        file.relative_to(folder).as_posix(): File(file.read_bytes(), os.access(file, os.X_OK))
        for file in folder.rglob("*")
        if file.is_file()
    }


@every_version
def test_no_glob_of_the_recipe_is_dead(one: Version) -> None:
    """A glob that fits nothing is a typo, and the file that was meant is seeded by accident."""
    given = next(step.arguments for step in one.recipe.steps if step.uses == "files")
    paths = [path for case in one.cases for path in one.tree(case)]
    for glob in (*given["managed"], *given["merged"]):
        assert any(fnmatchcase(path, glob) for path in paths), f"{glob} fits no file"


@every_case
def test_seeded_files_say_whose_they_are(one: Version, case: str) -> None:
    """The path's README says that a team's file says so at its top."""
    kinds = one.kinds(case)
    files = one.tree(case)
    assert kinds["seeded"]
    for kind, paths in kinds.items():
        said = [path for path in paths if b"The team owns this file" in files[path].content]
        assert said == (paths if kind == "seeded" else [])


@every_case
def test_the_readme_names_every_managed_file(one: Version, case: str) -> None:
    """Or the file says at its top that it is the platform's; else an honest edit turns out to be drift."""
    files = one.tree(case)
    row = next(line for line in files["README.md"].content.decode().splitlines() if line.startswith("| The platform's"))
    named = tuple(word for word in row.split("`")[1::2])
    managed = one.kinds(case)["managed"]
    said = [path for path in managed if path.startswith(named) or b"The platform owns" in files[path].content]
    assert said == managed


@every_case
def test_the_readme_names_only_files_that_are_there(one: Version, case: str) -> None:
    files = one.tree(case)
    words = files["README.md"].content.decode().split("`")[1::2]
    paths = [word for word in words if word.endswith(("/", ".yaml", ".md", ".toml", "file", "OWNERS"))]
    assert len(paths) > 5
    assert [path for path in paths if not any(file.startswith(path.lstrip("/")) for file in files)] == []


def write(path: str) -> None:
    """Write the digests of every version that may still change."""
    released = WIRING.golden_path(path).releases
    drafts = [one for one in VERSIONS if one.path == path and one.version not in released]
    for one in drafts:
        known = one.golden | {one.version: {case: one.digests(case) for case in one.cases}}
        file = one.folder / "golden.json"
        file.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        sys.stdout.write(f"{file}: {path} {one.version}, {len(one.cases)} cases\n")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--write":
        sys.exit("usage: python golden_paths/tests/test_golden.py --write PATH")
    write(sys.argv[2])
