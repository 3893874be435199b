"""What a version's `migration.yaml` says is what changes between it and the version before, in names and in files."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Any, Final

import pytest
import yaml
from test_golden import VERSIONS, Version

from platformctl.inputs import complete, leaves

FILE: Final = "migration.yaml"
STEPS: Final = [
    pytest.param(before, after, id=f"{after.path}-{after.version}")
    for before, after in pairwise(VERSIONS)
    if before.path == after.path and (after.folder.parent / after.version / FILE).is_file()
]
every_migration = pytest.mark.parametrize(("before", "after"), STEPS)


def said(version: Version, operation: str) -> list[dict[str, Any]]:
    """What a version's migration says, of one kind."""
    text = (version.folder.parent / version.version / FILE).read_text(encoding="utf-8")
    return [one[operation] for one in yaml.safe_load(text)["operations"] if operation in one]


def at(text: str, place: list[str]) -> Any:
    """What stands in a TOML text."""
    here: Any = tomllib.loads(text)
    for name in place:
        here = here[name]
    return here


def test_the_major_version_of_service_has_one() -> None:
    assert [after.version for _, after in (step.values for step in STEPS)] == ["2.0.0"]


@every_migration
def test_inputs_that_go_or_stay_under_another_name_are_renamed(before: Version, after: Version) -> None:
    """None is lost, and none is renamed that is still there."""
    old, new = (dict(leaves(one.recipe.inputs)) for one in (before, after))
    renamed = {one["from"]: one["to"] for one in said(after, "rename_input")}
    assert renamed.keys() == old.keys() - new.keys()
    assert renamed and {*renamed.values()} <= new.keys() - old.keys()
    for name, other in renamed.items():
        assert {key: old[name][key] for key in ("type", "minimum", "default")} == {
            key: new[other][key] for key in ("type", "minimum", "default")
        }


@every_migration
def test_files_that_are_moved_hold_the_same_and_are_whose_they_were(before: Version, after: Version) -> None:
    moved = {one["from"]: one["to"] for one in said(after, "move_file")}
    assert moved
    for case in before.cases:
        old, new = before.tree(case), after.tree(case)
        assert moved.keys() <= old.keys() - new.keys()
        for path, other in moved.items():
            assert old[path] == new[other]
            assert [kind for kind, paths in before.kinds(case).items() if path in paths] == [
                kind for kind, paths in after.kinds(case).items() if other in paths
            ]
    for path, other in moved.items():
        points = [one.recipe.extension_points for one in (before, after)]
        assert points[0].get(f"file:{path}") == points[1].get(f"file:{other}") and f"file:{path}" not in points[1]


@every_migration
def test_what_is_rewritten_is_what_the_versions_render(before: Version, after: Version) -> None:
    rewritten = said(after, "rewrite")
    assert rewritten
    for one in rewritten:
        files = [version.tree("defaults")[one["file"]].content.decode() for version in (before, after)]
        assert [at(text, one["at"]) for text in files] == [one["from"], one["value"]]


@every_migration
def test_answers_of_the_version_before_are_answers_of_this_one(before: Version, after: Version) -> None:
    """Renamed, and completed: what was recorded stays, whatever the new defaults are."""
    for case in before.cases:
        answers = complete(before.recipe.inputs, before.grid["cases"][case]["answers"])
        for one in said(after, "rename_input"):
            *above, name = one["from"].split(".")
            here: Any = answers
            for part in above:
                here = here[part]
            here[one["to"].rpartition(".")[2]] = here.pop(name)
        assert complete(after.recipe.inputs, answers) == answers
