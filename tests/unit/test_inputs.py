"""Answers: typed, completed, checked."""

from __future__ import annotations

from typing import Any

import pytest

from platformctl.errors import BadInput
from platformctl.inputs import complete, missing, put, read_setting
from platformctl.references import has_unknown, references, resolve

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "team"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]{2,30}$", "description": "letters"},
        "team": {"type": "string", "minLength": 1},
        "size": {"type": "integer", "default": 3},
        "on": {"type": "boolean", "default": True},
        "likes": {"type": "array", "items": {"type": "string"}, "default": []},
        "slo": {
            "type": "object",
            "default": {},
            "additionalProperties": False,
            "properties": {"target": {"type": "number", "default": 99.9}},
        },
    },
}

SETTINGS = {
    "name=a=b": (("name",), "a=b"),
    "size=4": (("size",), 4),
    "on=false": (("on",), False),
    "likes=a, b": (("likes",), ["a", "b"]),
    "likes=": (("likes",), []),
    'likes=["a,b"]': (("likes",), ["a,b"]),
    "slo.target=99.5": (("slo", "target"), 99.5),
    'slo={"target": 1}': (("slo",), {"target": 1}),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_has_the_type_of_its_input(setting: str) -> None:
    assert read_setting(SCHEMA, setting) == SETTINGS[setting]


@pytest.mark.parametrize("setting", ["name", "nme=x", "slo.aim=3", "size=many", "on=perhaps", "slo={", "name.x=1"])
def test_a_setting_that_cannot_be_read_is_refused(setting: str) -> None:
    with pytest.raises(BadInput):
        read_setting(SCHEMA, setting)


def test_defaults_are_filled_in_within_structures_too_and_in_order() -> None:
    whole = complete(SCHEMA, {"team": "t", "name": "abc", "slo": {}})
    assert whole == {"name": "abc", "team": "t", "size": 3, "on": True, "likes": [], "slo": {"target": 99.9}}
    assert list(whole) == list(SCHEMA["properties"])


def test_missing_are_the_required_without_a_default() -> None:
    assert missing(SCHEMA, {"name": "abc"}) == ["team"]


@pytest.mark.parametrize("name", ["ab", "Abc", "1abc", "a" * 32, "abc\n", "a_b", "a b", "", "äbc"])
def test_names_that_are_not_allowed(name: str) -> None:
    with pytest.raises(BadInput, match="name"):
        complete(SCHEMA, {"name": name, "team": "t"})


def test_put_sets_a_part_and_keeps_the_rest() -> None:
    answers: dict[str, Any] = {"slo": {"target": 1, "other": 2}}
    put(answers, ("slo", "target"), 3)
    assert answers == {"slo": {"target": 3, "other": 2}}


ROOTS = {"inputs": {"name": "svc", "likes": ["a"], "text": "${{ inputs.name }}"}, "recipe": {"version": "1.0.0"}}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("${{ inputs.likes }}", ["a"]),
        ("${{inputs.name}}", "svc"),
        ("v${{ recipe.version }}/${{ inputs.name }}", "v1.0.0/svc"),
        ({"a": ["${{ inputs.name }}", 1, None]}, {"a": ["svc", 1, None]}),
        ("${{ inputs.text }}", "${{ inputs.name }}"),
        ("see ${{ inputs.text }}", "see ${{ inputs.name }}"),
        ("$ {{ x }} {{ y }} $(z)", "$ {{ x }} {{ y }} $(z)"),
    ],
)
def test_references_are_resolved_once(value: Any, wanted: Any) -> None:
    assert resolve(value, ROOTS) == wanted


def test_references_are_found_and_unknown_names_are_errors() -> None:
    assert list(references({"a": ["${{ inputs.name }}x${{ steps.a.outputs.b }}"]})) == [
        ("inputs", "name"),
        ("steps", "a", "outputs", "b"),
    ]
    with pytest.raises(KeyError, match=r"inputs\.nothing"):
        resolve("${{ inputs.nothing }}", ROOTS)
    assert not has_unknown(ROOTS)
