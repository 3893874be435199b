"""What every built-in resource does: planning writes nothing, apply converges, a second apply is not needed, undo
restores, a change survives its journal, outputs are as declared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from platformctl.action import Applied, Left, Undone
from platformctl.backends.forge import Commit
from platformctl.backends.forge.local import LocalForge
from platformctl.backends.terraform.cli import TerraformCli
from platformctl.engine.plan import Request, make
from platformctl.model import Change, File, Owner, Plane, Step
from platformctl.recipe import Recipe
from tests.e2e.world import snapshot

OWNER = Owner("svc", "run-1")
TREE = {"README.md": File(b"read me\n"), "ci.yml": File(b"ci\n"), "src": File(b"code\n")}


@dataclass
class Case:
    """One resource with inputs, and inputs that ask for something else."""

    uses: str
    inputs: Mapping[str, Any]
    other: Mapping[str, Any] | None
    needs: tuple[str, ...] = ()


CASES = {
    "repository": Case(
        "repository",
        {"name": "svc", "description": "one", "topics": ["b", "a"], "teams": {"t": "write"}},
        {"name": "svc", "description": "two", "topics": ["a"], "teams": {"t": "admin"}},
    ),
    "files": Case(
        "files",
        {"repository": "svc", "files": [TREE], "managed": ["ci.yml"], "merged": ["README.md"]},
        {"repository": "svc", "files": [{**TREE, "ci.yml": File(b"new\n")}], "managed": ["ci.yml"]},
        ("repository",),
    ),
    "files of a folder": Case(
        "files",
        {"repository": "svc", "under": "a/b", "files": [TREE]},
        {"repository": "svc", "under": "a/b", "files": [{"ci.yml": File(b"new\n")}]},
        ("repository", "files"),
    ),
    "manifests": Case(
        "manifests",
        {"repository": "svc", "environment": "staging", "name": "x", "manifests": {"a.yaml": "a: 1"}, "image": "i"},
        {"repository": "svc", "environment": "staging", "name": "x", "manifests": {"b.yaml": "b: 1"}, "image": "i"},
        ("repository", "files"),
    ),
    "branch_protection": Case(
        "branch_protection",
        {"repository": "svc", "checks": ["x / y"]},
        {"repository": "svc", "reviews": 2},
        ("repository",),
    ),
    "tag": Case("tag", {"repository": "svc", "tag": "v1"}, None, ("repository", "files")),
    "infrastructure": Case(
        "infrastructure",
        {"module": "", "name": "svc", "team": "t", "environment": "staging", "tier": "standard"},
        {"module": "", "name": "svc", "team": "t", "environment": "staging", "tier": "batch"},
    ),
}

MODULE = """\
variable "name" {}
variable "team" {}
variable "environment" {}
variable "tier" {}
resource "terraform_data" "thing" { input = "${var.name} ${var.tier}" }
output "manifests" { value = { "a.yaml" = var.tier } }
output "namespace" { value = var.name }
output "iam_role" { value = var.name }
output "module_version" { value = "1.0.0" }
output "limits" { value = {} }
"""


@dataclass
class Stage:
    """A world on disk with one action in it."""

    folder: Path
    ports: Mapping[str, Any]
    case: Case

    def plan(self, inputs: Mapping[str, Any]) -> tuple[Any, tuple[Change, ...], Any]:
        filled = {**inputs, "module": str(self.folder / "module")} if "module" in inputs else inputs
        kind = ACTIONS[self.case.uses].load()
        action = kind(self.ports[kind.PORT])
        step = Step("s", self.case.uses, Plane.RESOURCE, "s", filled)
        recipe = Recipe("p", "1.0.0", "d", {}, (step,))
        planned = make(Request(recipe, {"name": "svc"}, {}, lambda *_: action)).steps[0]
        return action, planned.changes, planned

    def apply(self, inputs: Mapping[str, Any]) -> list[Change]:
        """Apply all changes, each after a trip through JSON; gives them as a journal would have them."""
        action, changes, planned = self.plan(inputs)
        done = []
        for change in changes:
            kept = replace(Change.from_json(json.loads(json.dumps(change.to_json()))), owner=OWNER)
            assert replace(kept, owner=None) == change
            applied = action.apply(planned.inputs, kept)
            assert isinstance(applied, Applied)
            seen = applied.observed or action.observe(planned.inputs)[kept.address]
            done.append(replace(kept, left=seen.revision))
        return done

    def undo(self, changes: list[Change]) -> list[Any]:
        action = self.plan(self.case.inputs)[0]
        return [action.undo(change) for change in reversed(changes)]

    def world(self) -> Mapping[str, Any]:
        """What is there, without locks and times."""
        forge: LocalForge = self.ports["forge"]
        found: dict[str, Any] = {}
        for name in forge.repositories():
            head = forge.head(name, "main")
            found[name] = (forge.repository(name), dict(forge.tree(name, head)) if head else None)
            found[f"{name} tag"] = forge.head(name, "refs/tags/v1")
        found["terraform"] = replace(self.ports["terraform"].state("svc", "staging"), owner=None)
        return found


ACTIONS = {point.name: point for point in entry_points(group="platformctl.actions")}


@pytest.fixture(params=CASES)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    case = CASES[request.param]
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "main.tf").write_text(MODULE)
    (tmp_path / "home" / "locks").mkdir(parents=True)
    forge = LocalForge(tmp_path / "home" / "forge", "acme")
    if "repository" in case.needs:
        forge.create_repository("svc", {"default_branch": "main"}, OWNER)
    if "files" in case.needs:
        forge.commit("svc", "main", "", Commit({"other": File(b"")}, "m"))
    return Stage(tmp_path, {"forge": forge, "terraform": TerraformCli(tmp_path / "home")}, case)


def test_every_built_in_resource_is_here() -> None:
    resources = {name for name, point in ACTIONS.items() if not hasattr(point.load(), "render")}
    assert resources == {case.uses for case in CASES.values()}


def test_planning_writes_nothing(stage: Stage) -> None:
    before = snapshot(stage.folder, without=("home/locks/",))
    _, changes, _ = stage.plan(stage.case.inputs)
    assert changes
    assert snapshot(stage.folder, without=("home/locks/",)) == before


def test_apply_converges_and_a_second_one_is_not_needed(stage: Stage) -> None:
    stage.apply(stage.case.inputs)
    _, changes, _ = stage.plan(stage.case.inputs)
    assert changes == ()


def test_undo_of_a_creation_leaves_nothing(stage: Stage) -> None:
    before = stage.world()
    changes = stage.apply(stage.case.inputs)
    assert stage.world() != before
    assert stage.undo(changes) == [Undone()]
    assert stage.world() == before
    assert stage.undo(changes) == [Undone()]


def test_undo_of_a_creation_that_was_killed_before_its_outcome_leaves_nothing(stage: Stage) -> None:
    before = stage.world()
    changes = [replace(change, left="") for change in stage.apply(stage.case.inputs)]
    assert stage.undo(changes) == [Undone()]
    assert stage.world() == before


def test_undo_of_an_update_restores(stage: Stage) -> None:
    if stage.case.other is None:
        pytest.skip("it is never updated")
    stage.apply(stage.case.inputs)
    before = stage.world()
    changes = stage.apply(stage.case.other)
    assert stage.undo(changes) == [Undone()]
    assert stage.world() == before


def test_undo_leaves_what_was_changed_since(stage: Stage) -> None:
    if stage.case.other is None:
        pytest.skip("it is never updated")
    changes = stage.apply(stage.case.inputs)
    stage.apply(stage.case.other)
    now = stage.world()
    (result,) = stage.undo(changes)
    assert isinstance(result, Left)
    assert stage.world() == now


def test_outputs_are_as_declared(stage: Stage) -> None:
    stage.apply(stage.case.inputs)
    action, _, planned = stage.plan(stage.case.inputs)
    assert set(planned.outputs) == set(action.OUTPUTS["properties"])


def test_inputs_and_outputs_are_described(stage: Stage) -> None:
    kind = ACTIONS[stage.case.uses].load()
    for schema in (kind.INPUTS, kind.OUTPUTS):
        assert all(part.get("description") for part in schema["properties"].values())
