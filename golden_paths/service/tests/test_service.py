"""The same bytes for ever: every version of this golden path renders the grid to the digests in golden.json.

Digests of a released version never change. When the test fails for one, it is the renderer that has to go back, or to
become a new one (`uses: scaffold@2`). For a new version, write its digests, read the diff of golden.json and commit it:

    python golden_paths/service/tests/test_service.py --write

It writes the newest version's digests anew and leaves the others alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from platformctl.action import Inputs
from platformctl.config import Config
from platformctl.engine.plan import Request, plan_step
from platformctl.home import Home
from platformctl.inputs import complete, leaves
from platformctl.model import File, Step, Tree
from platformctl.recipe import Recipe
from platformctl.renderers.text import FILTERS
from platformctl.wiring import Wiring

HERE = Path(__file__).parent
PATH = HERE.parent.name
GOLDEN = HERE / "golden.json"
GRID: dict[str, Any] = yaml.safe_load((HERE / "grid.yaml").read_text(encoding="utf-8"))
WIRING = Wiring(Config({"golden_paths": [str(HERE.parent.parent)]}, None), Home(Path(os.devnull)))
VERSIONS = WIRING.golden_path(PATH).versions


def order(version: str) -> tuple[int, ...]:
    """1.10.0 comes after 1.9.0."""
    return tuple(map(int, version.split(".")))


def cases(version: str) -> list[str]:
    """The cases of the grid that hold for a version."""
    return [name for name, case in GRID["cases"].items() if order(version) >= order(case.get("since", "0.0.0"))]


ALL = [(version, case) for version in VERSIONS for case in cases(version)]


def rendered(version: str, case: str) -> Iterator[tuple[Step, Inputs, Tree]]:
    """Every renderer step of the recipe with what it was given and what it gave, without a forge or a folder."""
    recipe = WIRING.recipe(PATH, version)
    given = GRID["cases"][case]
    answers = complete(recipe.inputs, given["answers"])
    platform = {**GRID["platform"], **given.get("platform", {})}
    request = Request(recipe, answers, platform, WIRING.action)
    for step in recipe.steps:
        if hasattr(WIRING.action_class(step.uses), "render"):
            planned = plan_step(request, step, {})
            yield step, planned.inputs, planned.outputs["files"]


def tree(version: str, case: str) -> dict[str, File]:
    """Everything that the repository gets; no file is rendered by two steps."""
    whole: dict[str, File] = {}
    for step, _, files in rendered(version, case):
        assert not whole.keys() & files.keys(), f"{step.id} renders a file a second time"
        whole |= files
    return whole


def digests(version: str, case: str) -> dict[str, str]:
    """Git's mode and the SHA-256 of every file."""
    files = tree(version, case)
    return {path: f"{file.mode} {hashlib.sha256(file.content).hexdigest()}" for path, file in sorted(files.items())}


def golden() -> dict[str, Any]:
    """The digests by version, case and path."""
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
    return found


@pytest.mark.parametrize(("version", "case"), ALL)
def test_the_same_bytes_for_ever(version: str, case: str) -> None:
    known = golden().get(version)
    assert known, f"golden.json does not know {version}: python golden_paths/service/tests/test_service.py --write"
    wanted, found = known.get(case, {}), digests(version, case)
    moved = sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))
    assert not moved, f"{PATH} {version} renders {case!r} differently; a released version never changes"


@pytest.mark.parametrize("version", VERSIONS)
def test_golden_has_the_grids_cases_and_no_others(version: str) -> None:
    assert sorted(golden()[version]) == sorted(cases(version))


@pytest.mark.parametrize("version", VERSIONS)
def test_rendering_again_gives_the_same(version: str) -> None:
    for case in cases(version):
        assert tree(version, case) == tree(version, case)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_grid_has_every_value_that_can_be_chosen(version: str) -> None:
    """A new language, tier or visibility is not released without golden files."""
    recipe = WIRING.recipe(PATH, version)
    answers = [complete(recipe.inputs, GRID["cases"][case]["answers"]) for case in cases(version)]
    for name, part in leaves(recipe.inputs):
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


@pytest.mark.parametrize(("version", "case"), ALL)
def test_cookiecutter_itself_writes_the_same(
    version: str, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The templates are cookiecutter's, not a dialect: its own generator gives the same files, modes included."""
    from cookiecutter import generate

    def environment(context: dict[str, Any]) -> Any:
        made = create(context)
        made.filters.update(FILTERS)
        return made

    create = generate.create_env_with_context
    monkeypatch.setattr(generate, "create_env_with_context", environment)
    folder = WIRING.recipe(PATH, version).folder
    steps = [(inputs, files) for step, inputs, files in rendered(version, case) if step.uses == "scaffold"]
    assert steps, "no step is a scaffold"
    for number, (inputs, files) in enumerate(steps):
        output = tmp_path / str(number)
        for template in inputs["templates"]:
            generate.generate_files(
                repo_dir=folder / template,
                context={"cookiecutter": dict(inputs["values"])},
                output_dir=output,
                overwrite_if_exists=True,
                accept_hooks=False,
            )
        assert on_disk(output / inputs["values"]["name"]) == dict(files)


def on_disk(folder: Path) -> dict[str, File]:
    """The files below a folder."""
    return {
        file.relative_to(folder).as_posix(): File(file.read_bytes(), os.access(file, os.X_OK))
        for file in folder.rglob("*")
        if file.is_file()
    }


def recipe_and_kinds(version: str) -> tuple[Recipe, dict[str, list[str]]]:
    """Which rendered files are managed, merged and seeded, as `files` itself sorts them."""
    recipe = WIRING.recipe(PATH, version)
    given = next(step.arguments for step in recipe.steps if step.uses == "files")
    action = WIRING.action_class("files")(port=None)
    files = action.file_set({**given, "repository": "x", "files": [tree(version, "defaults")]})
    kinds: dict[str, list[str]] = {"managed": [], "merged": [], "seeded": []}
    for path in sorted(files.tree):
        kinds[files.kind(path)].append(path)
    return recipe, kinds


@pytest.mark.parametrize("version", VERSIONS)
def test_no_glob_of_the_recipe_is_dead(version: str) -> None:
    """A glob that fits nothing is a typo, and the file that was meant is seeded by accident."""
    from fnmatch import fnmatchcase

    recipe, _ = recipe_and_kinds(version)
    given = next(step.arguments for step in recipe.steps if step.uses == "files")
    paths = [path for case in cases(version) for path in tree(version, case)]
    for glob in (*given["managed"], *given["merged"]):
        assert any(fnmatchcase(path, glob) for path in paths), f"{glob} fits no file"


@pytest.mark.parametrize("version", VERSIONS)
def test_seeded_files_say_whose_they_are(version: str) -> None:
    """The service's README says that a team's file says so at its top."""
    _, kinds = recipe_and_kinds(version)
    files = tree(version, "defaults")
    assert kinds["seeded"]
    for kind, paths in kinds.items():
        said = [path for path in paths if b"The team owns this file" in files[path].content]
        assert said == (paths if kind == "seeded" else [])


def test_the_readme_names_every_managed_file() -> None:
    """Or the file says at its top that it is the platform's; else an honest edit turns out to be drift."""
    _, kinds = recipe_and_kinds("1.0.0")
    files = tree("1.0.0", "defaults")
    row = next(line for line in files["README.md"].content.decode().splitlines() if line.startswith("| The platform's"))
    named = tuple(word for word in row.split("`")[1::2])
    unsaid = [
        path
        for path in kinds["managed"]
        if not path.startswith(named) and b"The platform owns" not in files[path].content
    ]
    assert not unsaid


def test_the_readme_names_only_files_that_are_there() -> None:
    files = tree("1.0.0", "defaults")
    words = files["README.md"].content.decode().split("`")[1::2]
    paths = [word for word in words if word.endswith(("/", ".yaml", ".md", ".toml", "file", "OWNERS"))]
    assert len(paths) > 5
    assert [path for path in paths if not any(file.startswith(path.lstrip("/")) for file in files)] == []


def write() -> None:
    """Write the newest version's digests."""
    known = golden()
    newest = VERSIONS[-1]
    known[newest] = {case: digests(newest, case) for case in cases(newest)}
    GOLDEN.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{GOLDEN}: {PATH} {newest}, {len(known[newest])} cases\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python golden_paths/service/tests/test_service.py --write")
    write()
