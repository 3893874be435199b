"""Templates of recipes that extend one another: the nearer one's file stands, and what it has not is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from platformctl.errors import BadRecipe
from platformctl.renderers.scaffold import Scaffold

ROOT = "{{cookiecutter.name}}"
BASE = {
    "template/common": {"README.md": "the base's\n", "{{cookiecutter.team}}.txt": "team\n"},
    "template/python": {"app/main.py": "one\n", "tests/test_a.py": "a\n", "tests/test_b.py": "b\n"},
    "template/go": {"main.go": "go\n"},
}


def write(recipe: Path, templates: dict[str, dict[str, str]]) -> Path:
    for name, files in templates.items():
        (recipe / name / ROOT).mkdir(parents=True)
        (recipe / name / "cookiecutter.json").write_text("{}")
        for path, text in files.items():
            file = recipe / name / ROOT / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return recipe


def rendered(folder: Path, *layers: dict[str, dict[str, str]], language: str = "python", **more: Any) -> dict[str, str]:
    """What comes out of recipes of which each extends the one before."""
    recipes = [write(folder / str(number), layer) for number, layer in enumerate((BASE, *layers))]
    values = {"name": "svc", "team": "crew"}
    asked = {"templates": ["template/common", f"template/{language}"], "values": values, **more}
    return {path: file.content.decode() for path, file in Scaffold(*reversed(recipes)).render(asked).items()}


def test_the_nearer_recipes_file_stands_and_the_others_stay(tmp_path: Path) -> None:
    middle = {"template/python": {"app/main.py": "two\n", "app/more.py": "more\n"}}
    nearest = {"template/common": {"crew.txt": "{{ cookiecutter.team }}s\n"}, "template/python": {"app/main.py": "3\n"}}
    assert rendered(tmp_path, middle, nearest) == {
        "README.md": "the base's\n",
        "crew.txt": "crews\n",
        "app/main.py": "3\n",
        "app/more.py": "more\n",
        "tests/test_a.py": "a\n",
        "tests/test_b.py": "b\n",
    }


def test_files_that_a_version_has_not_are_gone(tmp_path: Path) -> None:
    own = {"template/python": {"tests/test_c.py": "c\n"}}
    without = {"template/common": ["crew.txt"], "template/python": ["tests/test_[ab].py", "tests/test_a.py"]}
    assert [*rendered(tmp_path, own, without=without)] == ["README.md", "app/main.py", "tests/test_c.py"]


def test_what_is_said_of_a_template_is_said_of_no_other(tmp_path: Path) -> None:
    """A service in Go has no files of the template for Python, and none is missed."""
    without = {"template/python": ["tests/test_a.py"]}
    assert [*rendered(tmp_path, language="go", without=without)] == ["README.md", "crew.txt", "main.go"]


BAD = {
    "a file that there is not": ({"template/python": ["tests/test_z.py"]}, "template/python has no file"),
    "a glob that fits nothing": ({"template/python": ["app/*", "docs/*"]}, "no file 'docs/*'"),
    "a file of another template": ({"template/python": ["README.md"]}, "template/python has no file 'README.md'"),
    "a template that there is not": ({"template/pyhton": ["app/*"]}, "there is no template 'template/pyhton'"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_takes_nothing_away_is_refused(tmp_path: Path, case: str) -> None:
    without, what = BAD[case]
    with pytest.raises(BadRecipe) as caught:
        rendered(tmp_path, {"template/python": {"own": "own\n"}}, without=without)
    assert what in caught.value.what
    assert caught.value.where.startswith(str(tmp_path / "1"))


def test_two_names_do_not_write_one_file(tmp_path: Path) -> None:
    """A nearer recipe says so by `without`, and not by accident."""
    own = {"template/python": {"README.md": "own\n"}}
    with pytest.raises(BadRecipe, match=r"README\.md is written by two templates"):
        rendered(tmp_path / "refused", own)
    assert rendered(tmp_path, own, without={"template/common": ["README.md"]})["README.md"] == "own\n"
