"""The golden path `note` in four versions, small enough to be rendered in no time: for upgrades.

1.0.0: what everybody begins with. 1.1.0: files changed, added, renamed and removed, an input more. 2.0.0: a major one
with a migration. 2.1.0: a migration that runs a script.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

_RECIPE: Final = """\
schema: 1
path: note
version: {version}
description: Notes
inputs:
  type: object
  required: [name, team]
  additionalProperties: false
  properties:
    name: {{type: string, pattern: "^[a-z-]+$", description: letters}}
    team: {{type: string, description: whose}}
{inputs}
steps:
  - id: code
    uses: scaffold
    plane: developer
    with:
      templates: [template]
      values:
        name: ${{{{ inputs.name }}}}
        team: ${{{{ platform.team.slug }}}}
        size: ${{{{ inputs.{size} }}}}
  - id: answers
    uses: answers_file
    plane: developer
    with:
      path: ${{{{ recipe.path }}}}
      version: ${{{{ recipe.version }}}}
      answers: ${{{{ inputs }}}}
      overrides: ${{{{ overrides }}}}
  - id: repository
    uses: repository
    plane: developer
    with:
      name: ${{{{ inputs.name }}}}
      teams: ${{{{ platform.team.access }}}}
      topics: [note{topic}]
  - id: files
    uses: files
    plane: developer
    with:
      repository: ${{{{ steps.repository.outputs.name }}}}
      files: ["${{{{ steps.code.outputs.files }}}}", "${{{{ steps.answers.outputs.files }}}}"]
      managed: [.platformctl.yaml, ci.yml, OWNERS]
      merged: [settings.toml, Makefile, lib/*]
extension_points:
  repository.topics: {{description: Topics., schema: {{type: array, maxItems: {topics}}}}}
"""
_LINES: Final = "".join(f"line {number}\n" for number in range(1, 40))
_SIZE: Final = "    {name}: {{type: integer, default: {default}, description: how many}}\n"
_MORE: Final = "    kept: {type: boolean, default: true, description: kept}\n"

FIRST: Final = {
    "ci.yml": "# The platform owns this.\non: push\n",
    "OWNERS": "* @{{ cookiecutter.team }}\n",
    "lib/old.py": "# a library\n" + _LINES,
    "lib/gone.py": "# nobody needs it\n" + _LINES.replace("line", "row"),
    "settings.toml": '[tool]\nlevel = 1\nsize = {{ cookiecutter.size }}\n\n[project]\nneeds = ["a==1", "b==1"]\n',
    "Makefile": "test:\n\tpytest\n\nrun:\n\tpython -m app\n",
    "app.py": f"# The team owns this.\n{_LINES}",
}
"""The template of 1.0.0, by path."""
_SECOND: Final = {key: text for key, text in FIRST.items() if key not in ("lib/old.py", "lib/gone.py")} | {
    "ci.yml": "# The platform owns this.\non: [push, pull_request]\n",
    "lib/new.py": FIRST["lib/old.py"].replace("a library", "the library"),
    "settings.toml": FIRST["settings.toml"].replace("a==1", "a==2"),
    "Makefile": FIRST["Makefile"].replace("pytest", "python -m pytest"),
    "app.py": FIRST["app.py"].replace("line 2\n", "line two\n"),
    "docs/more.md": "# More\n",
}
_THIRD: Final = {key: text for key, text in _SECOND.items() if key != "OWNERS"} | {
    ".github/OWNERS": FIRST["OWNERS"],
    "settings.toml": _SECOND["settings.toml"].replace("level = 1", "level = 2"),
}
_MIGRATION: Final = """\
schema: 1
operations:
  - rename_input: {from: size, to: count}
  - move_file: {from: OWNERS, to: .github/OWNERS}
  - rewrite: {file: settings.toml, at: [tool, level], value: 2}
"""
_SCRIPT: Final = """\
schema: 1
operations:
  - script: {run: rewrite.py, why: numbers become words}
"""
_PROGRAM: Final = """\
import os
import pathlib

for file in pathlib.Path().rglob("*.txt"):
    file.write_text(file.read_text().replace("1", "one"))
pathlib.Path("seen").write_text(" ".join(sorted(name for name in os.environ if "TOKEN" in name)))
"""
_CHANGELOG: Final = """\
# Changelog

## 2.1.0 - 2026-11-30

- Numbers become words.

## 2.0.0 - 2026-11-20

- Owners move to `.github/`, because nobody looks at the top.

## 1.1.0 - 2026-11-10

- CI runs on pull requests, too.

## 1.0.0 - 2026-11-01

- The first one.
"""
_PATH: Final = """\
schema: 1
name: note
title: Notes
owner: platform
support: here
lifecycle: production
"""


def write(root: Path, *versions: str) -> Path:
    """The golden path below a folder, in these versions; gives its folder."""
    folder = root / "note"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "path.yaml").write_text(_PATH)
    (folder / "CHANGELOG.md").write_text(_CHANGELOG)
    for version in versions:
        put(folder, version)
    return folder


def put(folder: Path, version: str) -> None:
    """One version more."""
    trees = {"1.0.0": FIRST, "1.1.0": _SECOND, "2.0.0": _THIRD, "2.1.0": _THIRD}
    major = version >= "2"
    inputs = _SIZE.format(name="count" if major else "size", default=7 if major else 3)
    inputs += _MORE if version > "1.0.0" else ""
    about = {"size": "count" if major else "size", "topic": "s" if major else "", "topics": 2 if major else 9}
    files = {"recipe.yaml": _RECIPE.format(version=version, inputs=inputs, **about), "template/cookiecutter.json": "{}"}
    files |= {f"template/{{{{cookiecutter.name}}}}/{path}": text for path, text in trees[version].items()}
    files |= {"migration.yaml": _MIGRATION} if version == "2.0.0" else {}
    files |= {"migration.yaml": _SCRIPT, "rewrite.py": _PROGRAM} if version == "2.1.0" else {}
    for path, text in files.items():
        place = folder / version / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
