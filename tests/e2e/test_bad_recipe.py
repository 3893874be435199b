"""Recipes, and the path.yaml beside them, that cannot be right: the message names the file and the line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.demo_path import DEMO, HEAD, REPOSITORY, TEMPLATE, scaffold, step
from tests.e2e.sandbox import Says, World, row


def test_a_golden_path_that_is_right(acme: World, recipe: Callable[..., Path]) -> None:
    """What the tables below break one piece of."""
    recipe(scaffold(), TEMPLATE)
    done = acme.run(*DEMO)
    assert done.code == 0, done.err
    assert acme.git("new-api", "show", "main:README.md") == "# new-api"
    assert acme.run("undo", "last", "--yes").code == 0
    assert acme.traces("new-api") == []


def reference(text: str) -> str:
    """A recipe in which a repository's name is this text."""
    return HEAD + step("repository", f'{{name: "{text}"}}  # here')


KNOWN = ["inputs.NAME", "platform.NAME", "steps.ID.outputs.NAME"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("inputs", reference("${{ inputs.nope }}"), ["no input 'nope'", "inputs: name"]),
        row("inputs deeper", reference("${{ inputs.name.x }}"), ["no input 'name.x'"]),
        row("platform", reference("${{ platform.nope }}"), ["no 'nope'", "organisation"]),
        row("platform short", reference("${{ platform.team }}"), ["no 'team'", "team.slug"]),
        row("recipe", reference("${{ recipe.nope }}"), ["recipe.nope", *KNOWN]),
        row("steps", reference("${{ steps.nope.outputs.x }}"), ["no step 'nope'", "steps: repository"]),
        row("steps short", reference("${{ steps.repository.name }}"), ["steps.repository.name", *KNOWN]),
        row("output", reference("${{ steps.repository.outputs.nope }}"), ["no output 'nope'", "clone_url"]),
        row("root", reference("${{ env.HOME }}"), ["env.HOME", *KNOWN]),
        row("secrets", reference("${{ secrets.KEY }}"), ["secrets.KEY", *KNOWN]),
        row("unclosed", reference("${{ inputs.name"), ["not closed"]),
        row("unclosed later", reference("${{ inputs.name }}-${{ x"), ["not closed"]),
        row("comparison", reference("${{ inputs.name == 'x' }}"), ["not a reference"]),
        row("arithmetic", reference("${{ 7 * 7 }}"), ["not a reference"]),
        row("filter", reference("${{ inputs.name | upper }}"), ["not a reference"]),
        row("nothing", reference("${{ }}"), ["not a reference"]),
        row("two dots", reference("${{ inputs..name }}"), ["not a reference"]),
        row("itself", HEAD + step("a # here", '{name: "${{ steps.a.outputs.name }}"}'), ["a → a"]),
        row(
            "cycle",
            HEAD
            + step("a # here", '{name: "${{ steps.b.outputs.name }}"}')
            + step("b", '{name: "${{ steps.a.outputs.name }}"}'),
            ["wait for one another", "a → b → a"],
        ),
        row(
            "cycle by needs",
            HEAD + REPOSITORY.replace("tory\n", "tory # here\n", 1) + "    needs: [repository]\n",
            ["→"],
        ),
        row("needs", HEAD + REPOSITORY + "    needs: [nope]  # here\n", ["no step 'nope'", "repository"]),
        row("when", HEAD + REPOSITORY + "    when: ${{ inputs.nope }}  # here\n", ["no input 'nope'"]),
        row("when expression", HEAD + REPOSITORY + "    when: inputs.name == 'x'  # here\n", ["when"]),
        row("outputs", HEAD + REPOSITORY + "outputs:\n  x: ${{ steps.no.outputs.y }}  # here\n", ["no step 'no'"]),
        row("next", HEAD + REPOSITORY + "next:  # here\n  - ${{ nope }}\n", ["refers to nothing"]),
        row(
            "platform fact without its input",
            HEAD + step("repository", '{name: "${{ platform.team.slug }}"}  # here'),
            ["team"],
        ),
        row("action", HEAD + REPOSITORY.replace("uses: repository", "uses: repo # here"), ["'repo'", "branch_prot"]),
        row("action version", HEAD + REPOSITORY.replace("uses: repository", "uses: files@9 # here"), ["'files@9'"]),
        row("action as module", HEAD + REPOSITORY.replace("uses: repository", "uses: os.system # here"), ["os.system"]),
        row("input of action", HEAD + REPOSITORY + "      colour: red  # here\n", ["no input 'colour'", "topics"]),
        row("input missing", HEAD + step("repository # here", "{}"), ["needs the input 'name'"]),
        row("input type", HEAD + REPOSITORY + "      topics: red  # here\n", ["topics", "array"]),
        row("input value", HEAD + REPOSITORY + "      visibility: secret  # here\n", ["visibility", "internal"]),
        row("resolved type", HEAD + step("repository # here", '{name: "${{ inputs }}"}'), ["name", "string"]),
        row("plane", HEAD + REPOSITORY.replace("developer", "backend # here"), ["plane", "'backend'", "delivery"]),
        row("id", HEAD + REPOSITORY.replace("id: repository", "id: A b # here"), ["id", "'A b'"]),
        row("ids", HEAD + REPOSITORY + REPOSITORY.replace("tory\n", "tory # here\n", 1), ["'repository'", "twice"]),
        row("no step", HEAD.replace("steps:", "steps: []  # here"), ["steps"]),
        row("yaml", HEAD + "  - id: a: b  # here\n", ["YAML"]),
        row("yaml tab", HEAD + "\t- id: a  # here\n", ["YAML"]),
        row("yaml alias", HEAD.replace("steps:", "steps: *a # here"), ["YAML"]),
        row("second document", HEAD + REPOSITORY + "--- # here\na: 1\n", ["YAML"]),
        row("key twice", HEAD + REPOSITORY + "    uses: tag  # here\n", ["'uses'", "second time"]),
        row("top key twice", HEAD + REPOSITORY + "version: 2.0.0  # here\n", ["'version'", "second time"]),
        row("key not text", HEAD + "  - 1: a  # here\n", ["1", "quotes"]),
        row(
            "no input name",
            HEAD.replace("name: {", "title: {").replace("[name]", "[]").replace("inputs:", "inputs:  # here")
            + step("repository", "{name: x}"),
            ["`name`"],
        ),
        row("inputs", HEAD.replace("type: object", "type: objekt  # here") + REPOSITORY, ["JSON Schema", "objekt"]),
        row(
            "pattern",
            HEAD.replace("^[a-z-]+$", "^[a-z").replace("letters}", "letters}  # here") + REPOSITORY,
            ["JSON Schema"],
        ),
        row(
            "itself in itself",
            HEAD.replace("steps:", "steps: &a [*a]  # here"),
            [],
        ),
        row(
            "field",
            HEAD + REPOSITORY + "stepz: []  # here\n",
            ["'stepz'", "known"],
        ),
        row(
            "field of step",
            HEAD + REPOSITORY + "    wen: x  # here\n",
            ["'wen'", "when"],
        ),
        row(
            "files that are no files",
            HEAD + REPOSITORY + step("files # here", '{repository: "${{ inputs.name }}", files: [text]}', "files"),
            ["files"],
        ),
        row(
            "repository name",
            HEAD + step("repository # here", '{name: "../x"}'),
            ["'../x'"],
        ),
    ],
)
def test_a_recipe_that_cannot_be_right(acme: World, recipe: Callable[..., Path], text: str, says: Says) -> None:
    """The line that is wrong carries the comment `# here`; the message names it."""
    file = recipe(text) / "recipe.yaml"
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if "# here" in line)
    acme.refused(*DEMO, code=1, says=[f"{file}:{line}: ", *says])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("none", None, ["no recipe.yaml"]),
        row("empty", "", ["recipe.yaml"]),
        row("text", "hello", ["recipe.yaml"]),
        row("not text", b"schema: \xff\xfe", ["recipe.yaml", "UTF-8"]),
        row("control character", b"schema: 1\n\x07", ["recipe.yaml", "YAML"]),
        row("object", HEAD.replace("steps:", "steps: !!python/object/apply:os.system [id]"), ["recipe.yaml:11"]),
        row("format", (HEAD + REPOSITORY).replace("schema: 1", "schema: 2"), ["recipe.yaml:1", "schema"]),
        row("version", (HEAD + REPOSITORY).replace("1.0.0", "2.0.0"), ["recipe.yaml", "demo 2.0.0", "demo/1.0.0"]),
        row("path", (HEAD + REPOSITORY).replace("path: demo", "path: other"), ["recipe.yaml", "other 1.0.0"]),
        row("missing", (HEAD + REPOSITORY).replace("version: 1.0.0\n", ""), ["recipe.yaml", "'version' is missing"]),
    ],
)
def test_a_file_that_is_no_recipe(acme: World, recipe: Callable[..., Path], text: Any, says: Says) -> None:
    recipe(text)
    acme.refused(*DEMO, code=1, says=says)


def test_lint_says_the_same(acme: World, recipe: Callable[..., Path]) -> None:
    folder = recipe(reference("${{ inputs.nope }}"))
    before = acme.tree()
    done = acme.run("path", "lint", "demo")
    assert (done.code, done.err) == (1, "")
    assert f"{folder}/recipe.yaml:15: there is no input 'nope'" in done.out
    assert acme.tree() == before


def test_a_recipe_that_does_not_insist_on_a_name(acme: World, recipe: Callable[..., Path]) -> None:
    recipe(HEAD.replace("[name]", "[]") + REPOSITORY)
    acme.refused("new", "demo", "--no-input", code=1, says=["recipe.yaml", "name"])


def test_a_date_that_is_none(acme: World, recipe: Callable[..., Path]) -> None:
    step_ = step("files", '{repository: "${{ inputs.name }}", files: [], date: yesterday}', "files")
    recipe(HEAD + REPOSITORY + step_ + "    needs: [repository]\n")
    acme.refused(*DEMO, code=1, says=["recipe.yaml", "date"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("yaml", "name: [demo\n", ["path.yaml:2", "YAML"]),
        row("other name", "schema: 1\nname: other\n", ["path.yaml"]),
        row("empty", "", ["path.yaml"]),
    ],
)
def test_a_path_yaml_that_cannot_be_right(acme: World, recipe: Callable[..., Path], text: str, says: Says) -> None:
    (recipe(HEAD + REPOSITORY).parent / "path.yaml").write_text(text, encoding="utf-8")
    for command in (DEMO, ("path", "list"), ("path", "show", "demo")):
        acme.refused(*command, code=1, says=says)
