"""A recipe that extends another: what is joined, and where an error is said to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from platformctl.errors import BadRecipe
from platformctl.recipe import Recipe, load
from tests.unit.test_recipe import action, version_of

BASE = """\
schema: 1
path: base
version: 1.0.0
description: what both share
inputs:
  type: object
  required: [name]
  properties:
    name: {type: string}
    size: {type: integer, default: 1}
steps:
  - {id: a, uses: thing, plane: developer, title: first, with: {name: "${{ inputs.name }}", value: [one]}}
  - {id: b, uses: thing, plane: resource, with: {name: y, value: "${{ steps.a.outputs.id }}"}}
outputs: {place: here, way: there}
next: [first do this]
"""

HEAD = """\
schema: 1
path: pth
version: 2.0.0
description: more
extends: base 1.0.0
"""


def write(folder: Path, path: str, version: str, text: str) -> Path:
    home = folder / path / version
    home.mkdir(parents=True)
    (home / "recipe.yaml").write_text(text)
    return home


def extended(folder: Path, more: str, base: str = BASE) -> Recipe:
    write(folder, "base", "1.0.0", base)
    home = write(folder, "pth", "2.0.0", HEAD + more)
    return load(home, action, {"team.slug"}, version_of(folder))


def test_what_is_not_said_is_as_in_the_other(tmp_path: Path) -> None:
    recipe = extended(tmp_path, "")
    assert (recipe.path, recipe.version, recipe.description) == ("pth", "2.0.0", "more")
    assert [step.id for step in recipe.steps] == ["a", "b"]
    assert recipe.next == ("first do this",)


def test_mappings_and_lists_are_joined_and_the_last_word_is_the_recipes_own(tmp_path: Path) -> None:
    recipe = extended(
        tmp_path,
        "inputs: {required: [team, name], properties: {team: {type: string}, size: {default: 2}}}\n"
        "outputs: {way: elsewhere, more: also}\n"
        "next: [then that]\n",
    )
    assert recipe.inputs == {
        "type": "object",
        "required": ["name", "team"],
        "properties": {
            "name": {"type": "string"},
            "size": {"type": "integer", "default": 2},
            "team": {"type": "string"},
        },
    }
    assert recipe.outputs == {"place": "here", "way": "elsewhere", "more": "also"}
    assert recipe.next == ("first do this", "then that")


def test_steps_are_joined_by_their_id(tmp_path: Path) -> None:
    recipe = extended(
        tmp_path,
        "steps:\n"
        "  - {id: c, uses: thing, plane: security, with: {name: z}}\n"
        "  - {id: a, title: other, with: {value: [two, one]}, needs: [c]}\n",
    )
    found = {step.id: step for step in recipe.steps}
    assert list(found) == ["c", "a", "b"]
    assert (found["a"].title, found["a"].uses, found["a"].needs) == ("other", "thing", ("c",))
    assert found["a"].arguments == {"name": "${{ inputs.name }}", "value": ["one", "two"]}


def test_steps_know_the_folders_of_all_the_recipe_s_own_first(tmp_path: Path) -> None:
    recipe = extended(tmp_path, "steps:\n  - {id: c, uses: thing, plane: security, with: {name: z}}\n")
    for step in recipe.steps:
        assert [folder.relative_to(tmp_path).as_posix() for folder in step.folders] == ["pth/2.0.0", "base/1.0.0"]


def test_an_abstract_recipe_may_lack_what_those_that_extend_it_give(tmp_path: Path) -> None:
    base = BASE.replace("name: y, ", "").replace("path: base", "path: base\nabstract: true")
    extended(tmp_path, "steps:\n  - {id: b, with: {name: y}}\n", base)
    load(tmp_path / "base" / "1.0.0", action, {"team.slug"}, version_of(tmp_path))
    (tmp_path / "pth" / "2.0.0" / "recipe.yaml").write_text(HEAD)
    with pytest.raises(BadRecipe, match="thing needs the input 'name'"):
        load(tmp_path / "pth" / "2.0.0", action, {"team.slug"}, version_of(tmp_path))


def test_a_recipe_can_extend_one_that_extends_another(tmp_path: Path) -> None:
    write(tmp_path, "ground", "1.0.0", BASE.replace("path: base", "path: ground"))
    middle = HEAD.replace("base 1.0.0", "ground 1.0.0").replace("pth", "base").replace("2.0.0", "1.0.0", 1)
    recipe = extended(tmp_path, "inputs: {properties: {size: {default: 3}}}\n", middle)
    assert recipe.inputs["properties"]["size"] == {"type": "integer", "default": 3}


DROPPED = {
    "an input": ("[inputs, properties, size]", lambda recipe: list(recipe.inputs["properties"]), ["name"]),
    "an item of a list": ("[inputs, required, name]", lambda recipe: recipe.inputs["required"], []),
    "a number": ("[inputs, examples, 2]", lambda recipe: recipe.inputs["examples"], [1]),
    "an input of a step": ("[steps, b, with, value]", lambda recipe: recipe.steps[1].arguments, {"name": "y"}),
    "a step": ("[steps, b]", lambda recipe: [step.id for step in recipe.steps], ["a"]),
    "an output": ("[outputs, way]", lambda recipe: recipe.outputs, {"place": "here"}),
    "a whole section": ("[next]", lambda recipe: recipe.next, ()),
}


@pytest.mark.parametrize("case", DROPPED)
def test_what_a_recipe_drops_it_has_not(tmp_path: Path, case: str) -> None:
    place, found, wanted = DROPPED[case]
    more = f"drops: [{place}]\n"
    base = BASE.replace("  type: object", "  type: object\n  examples: [1, 2]")
    if case == "an item of a list":
        more += "inputs: {properties: {name: {default: svc}}}\n"
    assert found(extended(tmp_path, more, base)) == wanted


def test_what_is_dropped_can_be_said_anew_and_is_then_the_recipes_own(tmp_path: Path) -> None:
    recipe = extended(
        tmp_path,
        "drops: [[inputs, properties, size], [steps, a, with, value, one]]\n"
        "inputs: {properties: {size: {type: string}}}\n"
        "steps: [{id: a, with: {value: [two]}}]\n",
    )
    assert recipe.inputs["properties"]["size"] == {"type": "string"}
    assert recipe.steps[0].arguments["value"] == ["two"]


def test_what_one_recipe_drops_the_next_may_have_again(tmp_path: Path) -> None:
    write(tmp_path, "ground", "1.0.0", BASE.replace("path: base", "path: ground"))
    middle = HEAD.replace("base 1.0.0", "ground 1.0.0").replace("pth", "base").replace("2.0.0", "1.0.0", 1)
    more = "inputs: {properties: {size: {type: number}}}\n"
    recipe = extended(tmp_path, more, middle + "drops: [[inputs, properties, size]]\n")
    assert recipe.inputs["properties"]["size"] == {"type": "number"}


PROOF_OF_BASE = """\
proof:
  ready: /readyz
  metrics: /metrics
  environment: {ONE: "1"}
  logs: {fields: [level]}
"""
ABSTRACT = BASE.replace("path: base", "path: base\nabstract: true") + PROOF_OF_BASE


def test_the_proof_is_joined_and_only_the_whole_has_to_be_complete(tmp_path: Path) -> None:
    more = (
        "proof:\n"
        '  environment: {TWO: "2"}\n'
        "  driver: http\n"
        "  drive: {good: GET /}\n"
        "  logs: {logger: own, fields: [message]}\n"
    )
    assert extended(tmp_path, more, ABSTRACT).proof == {
        "ready": "/readyz",
        "metrics": "/metrics",
        "environment": {"ONE": "1", "TWO": "2"},
        "logs": {"fields": ["level", "message"], "logger": "own"},
        "driver": "http",
        "drive": {"good": "GET /"},
    }


INCOMPLETE = {
    "no driver in either": ("proof: {drive: {}, logs: {logger: own}}\n", "'driver' is missing", "2.0.0/recipe.yaml:6"),
    "no logger in either": ("proof: {drive: {}, driver: http}\n", "'logger' is missing", "base/1.0.0/recipe.yaml:21"),
    "none of its own": ("", "'driver' is missing", "base/1.0.0/recipe.yaml:17"),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_a_whole_that_does_not_say_how_it_is_proven_is_refused(tmp_path: Path, case: str) -> None:
    more, what, where = INCOMPLETE[case]
    with pytest.raises(BadRecipe) as caught:
        extended(tmp_path, more, ABSTRACT)
    assert what in caught.value.what
    assert caught.value.where.endswith(where)


def test_what_is_abstract_need_not_say_all_of_it(tmp_path: Path) -> None:
    home = write(tmp_path, "base", "1.0.0", ABSTRACT)
    assert load(home, action, {"team.slug"}, version_of(tmp_path)).proof["ready"] == "/readyz"


def test_what_is_not_abstract_has_to_say_all_of_it(tmp_path: Path) -> None:
    with pytest.raises(BadRecipe, match="'driver' is missing"):
        extended(tmp_path, "", BASE + PROOF_OF_BASE)


BAD = {
    "a path that is not there": (
        HEAD.replace("base 1.0.0", "nothing 1.0.0"),
        "there is no golden path 'nothing'",
        "pth/2.0.0/recipe.yaml:5",
    ),
    "not a path and a version": (HEAD.replace("base 1.0.0", "base"), "'base' is not allowed", "recipe.yaml:5"),
    "itself": (HEAD.replace("base 1.0.0", "pth 2.0.0"), "this recipe extends itself", "pth/2.0.0/recipe.yaml:5"),
    "a new step that uses nothing": (HEAD + "steps:\n  - {id: c}\n", "'uses' is missing", "pth/2.0.0/recipe.yaml:7"),
    "a step twice": (
        HEAD + "steps:\n  - {id: a}\n  - {id: a}\n",
        "the step id 'a' is used twice",
        "2.0.0/recipe.yaml:8",
    ),
    "a bad reference of its own": (
        HEAD + 'steps:\n  - id: a\n    with:\n      value: "${{ inputs.nme }}"\n',
        "there is no input 'nme'",
        "pth/2.0.0/recipe.yaml:9",
    ),
    "a bad reference of its proof": (
        HEAD
        + "proof:\n  ready: /\n  metrics: /\n  driver: x\n  drive: {}\n  logs: {logger: x, fields: []}\n"
        + "  dashboard: ${{ steps.z.outputs.id }}\n",
        "there is no step 'z'",
        "pth/2.0.0/recipe.yaml:12",
    ),
    "a drop of what is not there": (
        HEAD + "drops:\n  - [outputs, place]\n  - [inputs, properties, sise]\n",
        "there is no inputs.properties.sise to drop: nothing is called 'sise'",
        "pth/2.0.0/recipe.yaml:8",
    ),
    "a drop of what was dropped": (
        HEAD + "drops:\n  - [steps, b]\n  - [steps, b, with]\n",
        "there is no steps.b.with to drop: nothing is called 'b'",
        "pth/2.0.0/recipe.yaml:8",
    ),
    "a drop within a text": (
        HEAD + "drops:\n  - [outputs, place, here]\n",
        "there is no outputs.place.here to drop: nothing is called 'here'",
        "pth/2.0.0/recipe.yaml:7",
    ),
    "a drop of what something still needs": (
        HEAD + "drops: [[steps, a]]\n",
        "there is no step 'a'",
        "base/1.0.0/recipe.yaml:13",
    ),
    "a drop, and nothing that is extended": (
        BASE.replace("path: base", "path: pth").replace("1.0.0", "2.0.0") + "drops: [[next]]\n",
        "'extends' is a dependency of 'drops'",
        "pth/2.0.0/recipe.yaml:1",
    ),
    "what breaks a step of the other": (
        HEAD + "steps:\n  - {id: b, with: {size: 3}}\n",
        "thing has no input 'size'",
        "pth/2.0.0/recipe.yaml:7",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_with_the_line_of_the_recipe_it_is_in(tmp_path: Path, case: str) -> None:
    text, what, where = BAD[case]
    write(tmp_path, "base", "1.0.0", BASE)
    home = write(tmp_path, "pth", "2.0.0", text)
    with pytest.raises(BadRecipe) as caught:
        load(home, action, {"team.slug"}, version_of(tmp_path))
    assert what in caught.value.what
    assert caught.value.where.endswith(where)


def test_what_is_wrong_in_the_other_is_said_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadRecipe) as caught:
        extended(tmp_path, "", BASE.replace("inputs.name", "inputs.nme"))
    assert caught.value.where.endswith("base/1.0.0/recipe.yaml:12")
