"""Templates that cannot be right: names of files that lead outside, forbidden features, and text that fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.demo_path import DEMO, ROOT, TEMPLATE, scaffold
from tests.e2e.sandbox import Says, World, row


def made_of(*names: str, x: str = '"x"', **more: Any) -> tuple[str, dict[str, Any]]:
    """A recipe and a template with files of these names."""
    files = {"template/cookiecutter.json": "{}", **{f"{ROOT}/{name}": "text\n" for name in names}, **more}
    return scaffold(x=x), files


def holding(text: str) -> tuple[str, dict[str, Any]]:
    """A recipe and a template with one file, its text on the second line."""
    return scaffold(), {"template/cookiecutter.json": "{}", f"{ROOT}/README.md": f"first\n{text}\n"}


def context(text: str | bytes) -> tuple[str, dict[str, Any]]:
    """A recipe and a template with this cookiecutter.json."""
    return scaffold(), {**TEMPLATE, "template/cookiecutter.json": text}


X = "{{ cookiecutter.x }}"
OUTSIDE = "outside of the repository"


@pytest.mark.parametrize(
    ("made", "says"),
    [
        row("parent", made_of(f"{X}/a", x='".."'), ["'../a'", OUTSIDE]),
        row("parent in value", made_of(X, x='"../../a"'), ["'../../a'", OUTSIDE]),
        row("parent behind name", made_of(X, x='"new-api/../../a"'), [OUTSIDE]),
        row("absolute", made_of(X, x='"/a/b"'), ["'/a/b'", OUTSIDE]),
        row("hook of git", made_of(".git/hooks/pre-commit"), ["'.git/hooks/pre-commit'", OUTSIDE]),
        row("git in capitals", made_of(".GIT/config"), ["'.GIT/config'", OUTSIDE]),
        row("git deeper", made_of("a/.git/config"), ["'a/.git/config'", OUTSIDE]),
        row("git in value", made_of(f"{X}/config", x='".git"'), ["'.git/config'", OUTSIDE]),
        row("backslash", made_of(X, x="'a\\b'"), [OUTSIDE]),
        row("line end", made_of(X, x='"a\\nb"'), [OUTSIDE]),
        row("empty", made_of(X, x='""'), ["''", OUTSIDE]),
        row("empty between", made_of(f"a/{X}/b", x='""'), ["'a//b'", OUTSIDE]),
        row(
            "null character",
            made_of(X, x='"a\\0b"'),
            [OUTSIDE],
        ),
        row(
            "a file and a folder",
            made_of(X, "a/b", x='"a"'),
            ["'a'"],
        ),
        row("hooks", (scaffold(), {**TEMPLATE, "template/hooks/post_gen_project.py": "x"}), ["hooks", "remove them"]),
        row("_extensions", context('{"_extensions": ["os.system"]}'), ["cookiecutter.json", "'_extensions'"]),
        row("_jinja2_env_vars", context('{"_jinja2_env_vars": {}}'), ["cookiecutter.json", "'_jinja2_env_vars'"]),
        row("context broken", context('{\n"name":,}'), ["cookiecutter.json", "JSON", "line 2"]),
        row("context not text", context(b"\xff"), ["cookiecutter.json"]),
        row(
            "context a number",
            context("1"),
            ["cookiecutter.json"],
        ),
        row("no context", (scaffold(), {f"{ROOT}/a": "a"}), ["no cookiecutter.json"]),
        row("no template", (scaffold("[nope]"), TEMPLATE), ["no template 'nope'"]),
        row("template is a file", (scaffold("[template/cookiecutter.json]"), TEMPLATE), ["no template"]),
        row("template outside", (scaffold('["../../demo"]'), TEMPLATE), ["outside of the recipe's folder"]),
        row("template absolute", (scaffold('["/"]'), TEMPLATE), ["outside of the recipe's folder"]),
        row("no root", (scaffold(), {"template/cookiecutter.json": "{}"}), ["one folder", "not 0"]),
        row("two roots", made_of("a", **{"template/b-{{cookiecutter.name}}/b": "b"}), ["one folder", "not 2"]),
        row(
            "root is a file",
            (scaffold(), {"template/cookiecutter.json": "{}", ROOT: "text"}),
            ["one folder"],
        ),
        row(
            "root is empty",
            (scaffold(), {"template/cookiecutter.json": "{}", ROOT: None}),
            ["template"],
        ),
        row("link", made_of("a", **{f"{ROOT}/b": Path("a")}), ["links are not followed"]),
        row("link outside", made_of(**{f"{ROOT}/b": Path("../../recipe.yaml")}), ["links are not followed"]),
        row(
            "link to a folder",
            made_of("a", **{f"{ROOT}/b": Path("../..")}),
            ["links are not followed"],
        ),
        row(
            "root is a link",
            (scaffold(), {"template/cookiecutter.json": "{}", "elsewhere/a": "a", ROOT: Path("../elsewhere")}),
            ["links are not followed"],
        ),
        row(
            "two templates",
            (
                scaffold("[template, other]"),
                {**TEMPLATE, "other/cookiecutter.json": "{}", "other/{{cookiecutter.name}}/README.md": "x"},
            ),
            ["README.md", "two templates"],
        ),
    ],
)
def test_a_template_that_cannot_be_right(
    acme: World, recipe: Callable[..., Path], made: tuple[str, dict[str, Any]], says: Says
) -> None:
    folder = recipe(*made)
    acme.refused(*DEMO, code=1, says=[str(folder), *says])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row("missing", "{{ cookiecutter.nope }}", ["nope"]),
        row("missing root", "{{ nope }}", ["'nope' is undefined"]),
        row("missing part", "{{ cookiecutter.name.nope }}", ["nope"]),
        row("missing in a condition", "{% if cookiecutter.nope %}a{% endif %}", ["nope"]),
        row("syntax", "{% if %}", ["expression"]),
        row("unclosed", "{{ cookiecutter.name", ["end"]),
        row("no end", "{% if 1 %}", ["endif"]),
        row("filter", "{{ cookiecutter.name | nope }}", ["'nope'"]),
        row("tag", "{% nope %}", ["'nope'"]),
        row("error", "{{ 1 / 0 }}", ["division"]),
        row("include", "{% include 'nope' %}", ["nope"]),
        row("include outside", "{% include '../../recipe.yaml' %}", ["recipe.yaml"]),
        row("include absolute", "{% include '/etc/hostname' %}", ["hostname"]),
        row("import", "{% import 'os' as os %}", ["os"]),
        row("mro", "{{ ''.__class__.__mro__ }}", ["unsafe"]),
        row("subclasses", "{{ ().__class__.__base__.__subclasses__() }}", ["unsafe"]),
        row("by index", "{{ ''['__class__'] }}", ["unsafe"]),
        row("by filter", "{{ ''|attr('__class__') }}", ["unsafe"]),
        row("by format", "{{ '{0.__class__}'.format('') }}", ["unsafe"]),
        row("by sum", "{{ ['']|sum(attribute='__class__') }}", ["unsafe"]),
        row("globals", "{{ lipsum.__globals__['os'].popen('id').read() }}", ["'lipsum' is undefined"]),
        row("cycler", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", ["unsafe"]),
        row("self", "{{ self.__init__.__globals__ }}", ["unsafe"]),
        row("values", "{{ cookiecutter.__class__ }}", ["unsafe"]),
        row("change values", "{{ cookiecutter.update({'name': 'x'}) }}", ["unsafe"]),
        row("change a list", "{{ [].append(1) }}", ["unsafe"]),
        row("too long", "{% for i in range(1000000) %}{% endfor %}", ["Range too big"]),
        row("random", "{{ random_ascii_string(3) }}", ["random_ascii_string"]),
        row("uuid", "{{ uuid4() }}", ["uuid4"]),
    ],
)
def test_text_in_a_template_that_cannot_be_right(
    acme: World, recipe: Callable[..., Path], text: str, says: Says
) -> None:
    folder = recipe(*holding(text))
    acme.refused(*DEMO, code=1, says=[f"{folder / ROOT}/README.md:2: ", *says])


@pytest.mark.parametrize("name", ["{{ cookiecutter.nope }}.md", "{{ cookiecutter.name"], ids=["missing", "syntax"])
def test_a_file_name_in_a_template_that_cannot_be_right(acme: World, recipe: Callable[..., Path], name: str) -> None:
    folder = recipe(*made_of(name))
    acme.refused(*DEMO, code=1, says=[f"{folder / ROOT / name}:1: "])
