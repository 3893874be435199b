"""Recipes: what is checked when one is loaded, with the line of what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from platformctl.errors import BadRecipe, NotFound
from platformctl.recipe import Recipe, load
from tests.unit.world import ACTIONS

HEAD = """\
schema: 1
path: pth
version: 1.0.0
description: d
inputs:
  type: object
  required: [name, team]
  properties:
    name: {type: string}
    team: {type: string}
    wanted: {type: boolean, default: false}
    slo: {type: object, properties: {target: {type: number}}}
steps:
"""
FIRST_STEP = HEAD.count("\n") + 1


def action(uses: str) -> Any:
    if uses not in ACTIONS:
        raise KeyError(", ".join(ACTIONS))
    return ACTIONS[uses]


def version_of(paths: Path) -> Callable[[str, str], Path]:
    def find(name: str, version: str) -> Path:
        if not (paths / name / version).is_dir():
            raise NotFound(f"there is no golden path {name!r}")
        return paths / name / version

    return find


def read(folder: Path, steps: str, head: str = HEAD) -> Recipe:
    (folder / "recipe.yaml").write_text(head + steps)
    return load(folder, action, {"colour", "team.slug"}, version_of(folder.parent))


GOOD = """\
  - {id: a, uses: thing, plane: developer, with: {name: "${{ inputs.name }}", value: "${{ platform.team.slug }}"}}
  - {id: c, uses: thing, plane: security, needs: [b], with: {name: z, value: "${{ recipe.version }}"}}
  - {id: b, uses: thing, plane: resource, with: {name: y, value: ["${{ steps.a.outputs.id }}-${{ inputs.name }}"]}}
"""


def test_steps_stand_in_an_order_in_which_they_can_run(tmp_path: Path) -> None:
    recipe = read(tmp_path, GOOD)
    assert [step.id for step in recipe.steps] == ["a", "b", "c"]
    assert recipe.steps[1].needs == ("a",)


BAD = {
    "unknown action": ("{id: a, uses: nothing, plane: developer}", "no action is called 'nothing'", 0),
    "unknown plane": ("{id: a, uses: thing, plane: moon, with: {name: x}}", "'moon' is not one of developer", 0),
    "unknown field": ("{id: a, uses: thing, plane: developer, wiht: {}}", "'wiht' is not known", 0),
    "unknown input of the action": (
        "{id: a, uses: thing, plane: developer, with: {name: x, size: 3}}",
        "thing has no input 'size'",
        0,
    ),
    "missing input of the action": ("{id: a, uses: thing, plane: developer}", "thing needs the input 'name'", 0),
    "wrong type for the action": (
        "{id: a, uses: thing, plane: developer, with: {name: [x]}}",
        "name: ['x'] is not of type string",
        0,
    ),
    "unknown recipe input": (
        '{id: a, uses: thing, plane: developer, with: {name: "${{ inputs.nme }}"}}',
        "there is no input 'nme'",
        0,
    ),
    "unknown nested input": (
        '{id: a, uses: thing, plane: developer, with: {name: "${{ inputs.slo.aim }}"}}',
        "there is no input 'slo.aim'",
        0,
    ),
    "unknown platform fact": (
        '{id: a, uses: thing, plane: developer, with: {name: "${{ platform.team.size }}"}}',
        "the platform has no 'team.size'",
        0,
    ),
    "unknown step": (
        '{id: a, uses: thing, plane: developer, with: {name: "${{ steps.b.outputs.id }}"}}',
        "there is no step 'b'",
        0,
    ),
    "unknown output": (
        "{id: a, uses: thing, plane: developer, with: {name: x}}\n"
        '  - {id: b, uses: thing, plane: developer, with: {name: "${{ steps.a.outputs.size }}"}}',
        "step 'a' has no output 'size'; it has name, id",
        1,
    ),
    "unknown root": (
        '{id: a, uses: thing, plane: developer, with: {name: "${{ secrets.key }}"}}',
        "refers to nothing",
        0,
    ),
    "expression": (
        '{id: a, uses: thing, plane: developer, with: {name: "${{ inputs.name + 1 }}"}}',
        "is not a reference",
        0,
    ),
    "unclosed": ('{id: a, uses: thing, plane: developer, with: {name: "${{ inputs.name"}}', "is not closed", 0),
    "unknown need": ("{id: a, uses: thing, plane: developer, needs: [z], with: {name: x}}", "there is no step 'z'", 0),
    "cycle": (
        "{id: a, uses: thing, plane: developer, needs: [b], with: {name: x}}\n"
        "  - {id: b, uses: thing, plane: developer, needs: [a], with: {name: y}}",
        "wait for one another",
        None,
    ),
    "needs itself": (
        "{id: a, uses: thing, plane: developer, needs: [a], with: {name: x}}",
        "wait for one another",
        0,
    ),
    "twice": (
        "{id: a, uses: thing, plane: developer, with: {name: x}}\n"
        "  - {id: a, uses: thing, plane: developer, with: {name: y}}",
        "the step id 'a' is used twice",
        1,
    ),
    "output of a step that may be left out": (
        '{id: a, uses: thing, plane: developer, when: "${{ inputs.wanted }}", with: {name: x}}\n'
        '  - {id: b, uses: thing, plane: developer, with: {name: "${{ steps.a.outputs.name }}"}}',
        "may be left out",
        1,
    ),
    "files of a renderer that may be left out, not in a list": (
        '{id: a, uses: words, plane: developer, when: "${{ inputs.wanted }}", with: {text: x}}\n'
        '  - {id: b, uses: thing, plane: developer, with: {name: x, value: "${{ steps.a.outputs.files }}"}}',
        "may be left out",
        1,
    ),
    "output of a resource that may be left out, in a list": (
        '{id: a, uses: thing, plane: developer, when: "${{ inputs.wanted }}", with: {name: x}}\n'
        '  - {id: b, uses: thing, plane: developer, with: {name: x, value: ["${{ steps.a.outputs.name }}"]}}',
        "may be left out",
        1,
    ),
    "when is an expression": (
        '{id: a, uses: thing, plane: developer, when: "${{ not inputs.wanted }}", with: {name: x}}',
        "when",
        0,
    ),
    "not YAML": ("{id: a, uses: [}", "not valid YAML", 0),
    "duplicate key": ("{id: a, id: b, uses: thing, plane: developer}", "'id' stands here a second time", 0),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_recipe_is_refused_with_its_line(case: str, tmp_path: Path) -> None:
    steps, words, line = BAD[case]
    with pytest.raises(BadRecipe) as caught:
        read(tmp_path, f"  - {steps}\n")
    assert words in caught.value.what
    if line is not None:
        assert caught.value.where == f"{tmp_path / 'recipe.yaml'}:{FIRST_STEP + line}"


def test_a_list_can_hold_files_of_a_renderer_that_may_be_left_out(tmp_path: Path) -> None:
    steps = (
        '  - {id: a, uses: words, plane: developer, when: "${{ inputs.wanted }}", with: {text: x}}\n'
        '  - {id: b, uses: thing, plane: developer, with: {name: x, value: ["${{ steps.a.outputs.files }}"]}}\n'
    )
    assert read(tmp_path, steps).steps[1].needs == ("a",)


def test_inputs_must_be_a_schema_with_a_name(tmp_path: Path) -> None:
    step = "  - {id: a, uses: thing, plane: developer, with: {name: x}}\n"
    with pytest.raises(BadRecipe, match="not a JSON Schema"):
        read(tmp_path, step, HEAD.replace("name: {type: string}", "name: {type: wrong}"))
    with pytest.raises(BadRecipe, match="every recipe has an input `name`"):
        read(tmp_path, step, HEAD.replace("    name: {type: string}\n", ""))
    with pytest.raises(BadRecipe, match=r"there is no recipe\.yaml"):
        load(tmp_path / "nowhere", action, (), version_of(tmp_path))


PROVEN = """\
  - {id: a, uses: thing, plane: developer, with: {name: x}}
proof:
  ready: /readyz
  metrics: /metrics
  environment: {MODE: "on"}
  driver: http
  drive:
    good: GET /${{ inputs.name }}
  logs: {logger: app.access, fields: [level]}
  dashboard: ${{ steps.a.outputs.id }}
  alerts:
    environment: staging
    page: BurnsFast
    ticket: BurnsSlowly
    absent: Absent
    availability: ${{ inputs.slo.target }}
"""


def test_what_is_said_about_the_proof_is_kept_with_its_references(tmp_path: Path) -> None:
    proof = read(tmp_path, PROVEN).proof
    assert list(proof) == ["ready", "metrics", "environment", "driver", "drive", "logs", "dashboard", "alerts"]
    assert proof["drive"] == {"good": "GET /${{ inputs.name }}"}
    assert proof["alerts"]["availability"] == "${{ inputs.slo.target }}"


def test_a_recipe_need_not_say_how_it_is_proven(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD).proof == {}


SLOW = "    slow_page: SlowFast\n    slow_ticket: SlowSlowly\n    share: 99\n"
BAD_PROOF = {
    "no path": ("ready: /readyz", "ready: readyz", "proof.ready: 'readyz' is not allowed: a path that begins with /"),
    "unknown": (
        "metrics: /metrics",
        "metrics: /metrics\n  scrape: /metrics",
        "proof: 'scrape' is not known; known: ready, metrics",
    ),
    "no driver": ("  driver: http\n", "", "proof: 'driver' is missing"),
    "no logger": ("logger: app.access, ", "", "proof.logs: 'logger' is missing"),
    "no alert for what is absent": ("    absent: Absent\n", "", "proof.alerts: 'absent' is missing"),
    "a variable that is no text": ('"on"', "on", "proof.environment.MODE: True is not of type string"),
    "no name of a variable": ("{MODE", "{my-mode", "'my-mode' is not allowed: a variable's name"),
    "no driver's name": ("driver: http", "driver: HTTP", "proof.driver: 'HTTP' is not allowed: what gives the service"),
    "a promise that is no number": (
        "availability: ${{ inputs.slo.target }}",
        "availability: high",
        "proof.alerts.availability: 'high' is not allowed: the percentage",
    ),
    "half a promise": ("    ticket:", f"{SLOW}    ticket:", "proof.alerts: 'seconds' is a dependency of 'slow_ticket'"),
    "an unknown input": ("inputs.slo.target", "inputs.slo.aim", "there is no input 'slo.aim'"),
    "an unknown input, further down": ("/${{ inputs.name", "/${{ inputs.nme", "there is no input 'nme'"),
    "an unknown output": ("steps.a.outputs.id", "steps.a.outputs.uid", "step 'a' has no output 'uid'"),
    "an unknown step": ("steps.a.outputs.id", "steps.z.outputs.id", "there is no step 'z'"),
}
LINES_OF_PROOF = {
    "unknown": 4,
    "no driver": 1,
    "no logger": 8,
    "no alert for what is absent": 10,
    "no name of a variable": 4,
    "half a promise": 10,
}
"""Where it is not the line that was changed, counted from the step's."""


@pytest.mark.parametrize("case", BAD_PROOF)
def test_a_bad_proof_is_refused_with_its_line(case: str, tmp_path: Path) -> None:
    good, bad, words = BAD_PROOF[case]
    changed = PROVEN.replace(good, bad, 1)
    assert changed != PROVEN
    with pytest.raises(BadRecipe) as caught:
        read(tmp_path, changed)
    assert words in caught.value.what
    line = LINES_OF_PROOF.get(case, PROVEN[: PROVEN.index(good)].count("\n"))
    assert caught.value.where == f"{tmp_path / 'recipe.yaml'}:{FIRST_STEP + line}"
