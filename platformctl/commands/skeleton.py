"""The files that a new golden path begins with: a small one that works, and its test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

import yaml

VERSION: Final = "0.1.0"

_README: Final = """\
# Golden path `@NAME@`

Say here for whom this path is and for whom it is not, what it gives, and what its users may change. Owner, support and
lifecycle are in [path.yaml](path.yaml), changes in the [changelog](CHANGELOG.md).

    platformctl path lint .
    platformctl path test .
    platformctl path release . VERSION
"""

_CHANGELOG: Final = """\
# Changelog of the golden path `@NAME@`

## @VERSION@ - @DAY@

- A repository with a README and its owners.
"""

_RECIPE: Final = """\
schema: 1
path: @NAME@
version: @VERSION@
@DESCRIPTION@

inputs:
  type: object
  required: [name, team]
  additionalProperties: false
  properties:
    name:
      type: string
      pattern: ^[a-z][a-z0-9-]{2,30}$
      description: 3 to 31 lower-case letters, digits and hyphens, a letter first
    team:
      type: string
      minLength: 1
      description: The team that owns it, by its slug or its name
    description:
      type: string
      default: ""
      description: One line about what it does

steps:
  - id: scaffold
    uses: scaffold
    plane: developer
    title: first files
    with:
      templates: [template]
      values:
        name: ${{ inputs.name }}
        description: ${{ inputs.description }}
        owner: ${{ platform.organisation }}/${{ platform.team.slug }}

  - id: answers
    uses: answers_file
    plane: developer
    title: record of the answers
    with:
      path: ${{ recipe.path }}
      version: ${{ recipe.version }}
      answers: ${{ inputs }}

  - id: repository
    uses: repository
    plane: developer
    title: repository
    with:
      name: ${{ inputs.name }}
      description: ${{ inputs.description }}
      teams: ${{ platform.team.access }}

  - id: files
    uses: files
    plane: developer
    title: files in one commit
    with:
      repository: ${{ steps.repository.outputs.name }}
      files:
        - ${{ steps.scaffold.outputs.files }}
        - ${{ steps.answers.outputs.files }}
      managed: [.platformctl.yaml, CODEOWNERS]
      merged: [README.md]

outputs:
  repository: ${{ steps.repository.outputs.url }}

next:
  - git clone ${{ steps.repository.outputs.clone_url }}
"""

_GRID: Final = """\
# The answers that every version is rendered with, by `platformctl path test` and `path diff`. A case with `since` or
# `until` is for the versions from or up to that one.
cases:
  defaults:
    answers: {name: example-one, team: payments}

  hard-to-write-down:
    answers: {name: example-one, team: payments, description: 'Sums & "prices", {{ 7 }}: 50 %'}
"""

_TEST: Final = '''\
"""The golden path `@NAME@`: what it makes, on a platform of its own in a temporary folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1]


@pytest.fixture
def platformctl(tmp_path: Path) -> Callable[..., str]:
    """Runs platformctl, expects it to end well, and gives what it printed."""
    platform = tmp_path / "platform.yaml"
    platform.write_text(f"schema: 1\\norganisation: example\\ngolden_paths: ['{PATH.parent}']\\n", encoding="utf-8")
    variables = {"PLATFORMCTL_HOME": str(tmp_path / "home"), "PLATFORMCTL_PLATFORM": str(platform)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "platformctl", *arguments]
        done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_it_is_well_formed(platformctl: Callable[..., str]) -> None:
    platformctl("path", "lint", str(PATH))


def test_it_makes_a_repository(platformctl: Callable[..., str], tmp_path: Path) -> None:
    description = 'Sums & "prices", {{ 7 }}'
    platformctl("init", "--yes")
    platformctl("new", PATH.name, "example-one", "--team", "payments", "--description", description, "--yes")
    repository = tmp_path / "home" / "forge" / "example" / "example-one.git"
    show = ["git", f"--git-dir={repository}", "show", "main:README.md"]
    readme = subprocess.run(show, capture_output=True, text=True, check=True).stdout
    assert readme.startswith("# example-one\\n")
    platformctl("doctor", "example-one")
'''

_FILES: Final = {
    "README.md": _README,
    "CHANGELOG.md": _CHANGELOG,
    f"{VERSION}/recipe.yaml": _RECIPE,
    f"{VERSION}/template/cookiecutter.json": (
        '{"name": "example-one", "description": "What it does.", "owner": "example/payments"}\n'
    ),
    f"{VERSION}/template/{{{{cookiecutter.name}}}}/CODEOWNERS": "* @{{ cookiecutter.owner }}\n",
    f"{VERSION}/template/{{{{cookiecutter.name}}}}/README.md": (
        "# {{ cookiecutter.name }}\n\n{{ cookiecutter.description | markdown }}\n"
    ),
    "tests/grid.yaml": _GRID,
    "tests/test_@MODULE@.py": _TEST,
}


def files(name: str, title: str, owner: str, today: date) -> dict[str, str]:
    """Their contents by path, for texts that were checked."""
    about = {
        "schema": 1,
        "name": name,
        "title": title,
        "owner": owner,
        "support": f"Ask {owner}",
        "lifecycle": "experimental",
    }
    words = {
        "@NAME@": name,
        "@MODULE@": name.replace("-", "_"),
        "@VERSION@": VERSION,
        "@DAY@": today.isoformat(),
        "@DESCRIPTION@": _yaml({"description": title}).rstrip("\n"),
    }
    filled = {_filled(path, words): _filled(text, words) for path, text in _FILES.items()}
    return {"path.yaml": _yaml(about), **filled}


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub("@[A-Z]+@", lambda found: words[found[0]], text)


def _yaml(data: object) -> str:
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10**6)
    return text
