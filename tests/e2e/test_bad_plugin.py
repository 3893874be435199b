"""An action of another package that breaks its contract: one line that names both, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.sandbox import Says, World, row

RECIPE = """\
schema: 1
path: demo
version: 1.0.0
description: A demo
inputs:
  type: object
  required: [name]
  properties:
    name: {type: string}
steps:
  - id: bad
    uses: bad
    plane: developer
    with:
      name: ${{ inputs.name }}
"""
NEW = ("new", "demo", "new-api", "--no-input")

MODULE = '''\
from platformctl.action import Applied, Left, Undone
from platformctl.model import Observed

TEXT = {{"type": "string", "description": "d"}}
SCHEMA = {{"type": "object", "properties": {{"name": TEXT}}}}

class Good:
    """An action."""
    PORT = "forge"
    INPUTS = OUTPUTS = SCHEMA
    def __init__(self, port): pass
    def desired(self, inputs): return {{"bad/x": {{"a": 1}}}}
    def observe(self, inputs): return {{"bad/x": Observed()}}
    def outputs_of(self, inputs, observed): return {{"name": "x"}}
    def apply(self, inputs, change): return Applied(Observed(change.after, "1"))
    def undo(self, change): return Undone()

{body}
'''
WHO = "the action 'bad' of a-plugin 1.2.3 breaks its contract: "


@pytest.fixture
def plugin(tmp_path: Path, acme: World, recipe: Callable[..., Path]) -> Callable[[str], World]:
    """Installs a package with the action `bad`, made of this source, and a golden path that uses it."""

    def install(body: str) -> World:
        about = tmp_path / "site" / "a_plugin-1.2.3.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: a-plugin\nVersion: 1.2.3\n")
        (about / "entry_points.txt").write_text("[platformctl.actions]\nbad = a_plugin:Bad\n")
        (about.parent / "a_plugin.py").write_text(MODULE.format(body=body))
        acme.env["PYTHONPATH"] = str(about.parent)
        recipe(RECIPE)
        return acme

    return install


@pytest.mark.parametrize(
    ("body", "says"),
    [
        row("not there", "", ["cannot be loaded", "Bad"]),
        row("import", "import nowhere", ["cannot be loaded", "nowhere"]),
        row("syntax", "class Bad(:", ["cannot be loaded", "SyntaxError"]),
        row("not a class", "Bad = 7", ["it is not a class"]),
        row("no action", "class Bad: INPUTS = SCHEMA", ["neither a renderer nor a resource"]),
        row("half a resource", "class Bad(Good): undo = None", ["it is no resource: it has no undo"]),
        row("no inputs", "class Bad(Good): INPUTS = None", ["INPUTS is not a JSON Schema"]),
        row("no outputs", "class Bad(Good): OUTPUTS = {}", ["OUTPUTS is not a JSON Schema"]),
        row("no port", "class Bad(Good): PORT = None", ["PORT does not name a port"]),
        row("constructor", "class Bad(Good):\n  def __init__(self): pass", ["__init__ raised TypeError"]),
        row("desired raises", "class Bad(Good):\n  def desired(self, i): 1 / 0", ["desired raised ZeroDivisionError"]),
        row("desired", "class Bad(Good):\n  def desired(self, i): return []", ["desired does not give values"]),
        row("observe raises", "class Bad(Good):\n  def observe(self, i): i['x']", ["observe raised KeyError: 'x'"]),
        row("observe", "class Bad(Good):\n  def observe(self, i): return {'bad/x': 1}", ["observe does not give"]),
        row(
            "outputs undeclared",
            "class Bad(Good):\n  def outputs_of(self, i, o): return {'name': 'x', 'more': 1}",
            ["outputs_of gives 'more', which OUTPUTS does not declare"],
        ),
        row(
            "outputs missing",
            "class Bad(Good):\n  def outputs_of(self, i, o): return {}",
            ["outputs_of does not give 'name', which OUTPUTS declares"],
        ),
        row(
            "render",
            "class Bad:\n  INPUTS = SCHEMA\n  def __init__(s, *f): pass\n  def render(s, i): return {'a': 'text'}",
            ["render does not give files"],
        ),
    ],
)
def test_it_is_named_with_its_package(plugin: Callable[[str], World], body: str, says: Says) -> None:
    plugin(body).refused(*NEW, code=1, says=[WHO, *says, "for the authors of a-plugin to mend"])


def test_a_port_without_a_backend(plugin: Callable[[str], World]) -> None:
    plugin('class Bad(Good): PORT = "nope"').refused(*NEW, code=2, says=["no backend 'nope'", "known: none"])


def test_an_apply_that_raises_fails_the_run_and_says_how_to_go_on(plugin: Callable[[str], World]) -> None:
    world = plugin("class Bad(Good):\n  def apply(self, i, c): 1 / 0")
    done = world.run(*NEW)
    assert done.code == 1
    assert WHO in done.message and "apply raised ZeroDivisionError" in done.message and "resume" in done.message


def test_an_undo_that_says_nothing(plugin: Callable[[str], World]) -> None:
    world = plugin("class Bad(Good):\n  def undo(self, c): pass")
    assert world.run(*NEW).code == 0
    done = world.run("undo", "last", "--yes")
    assert (done.code, WHO in done.message) == (1, True)
    assert "undo does not say that it undid or left" in done.message


def test_list_shows_it_with_the_others(plugin: Callable[[str], World]) -> None:
    world = plugin("import nowhere")
    done = world.run("actions", "list")
    assert (done.code, done.err) == (0, "")
    (line,) = [line for line in done.out.splitlines() if line.startswith("bad ")]
    assert "a-plugin 1.2.3" in line and "cannot be loaded" in line
    assert "repository " in done.out


def test_show_and_test_refuse_it(plugin: Callable[[str], World]) -> None:
    world = plugin("class Bad(Good): PORT = None")
    world.refused("actions", "show", "bad", code=1, says=[WHO, "PORT"])
    world.refused("actions", "test", "bad", code=2, says=["bad of a-plugin brings no cases", "platformctl.contracts"])
    world.refused("actions", "test", "tag", code=2, says=["tag comes with platformctl"])
    world.refused("actions", "show", "nope", code=2, says=["there is no action 'nope'", "repository"])


def test_its_own_traceback_is_shown_when_asked_for(plugin: Callable[[str], World]) -> None:
    world = plugin("class Bad(Good):\n  def desired(self, i): 1 / 0")
    world.env["PLATFORMCTL_DEBUG"] = "1"
    with world.start(*NEW) as process:
        _, err = process.communicate(timeout=60)
    assert b"a_plugin.py" in err and b"ZeroDivisionError" in err
