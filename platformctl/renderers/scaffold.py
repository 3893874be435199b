"""`uses: scaffold`: files from cookiecutter templates, rendered in memory.

A recipe that extends others lays its templates over theirs, and says which of their files it has not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import ClassVar

from platformctl.action import Inputs
from platformctl.errors import BadRecipe
from platformctl.model import File, Json, Tree
from platformctl.renderers.template import Template


class Scaffold:
    """Renders one or more cookiecutter templates into one tree."""

    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["templates", "values"],
        "additionalProperties": False,
        "properties": {
            "templates": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string"},
                "description": (
                    "Folders of the recipe and of those that it extends, each a cookiecutter template. A name that "
                    "several of them have means all of these, a file of the nearer one standing for the others' of "
                    "its path; no two names write the same file."
                ),
            },
            "values": {
                "type": "object",
                "description": "What templates see as `cookiecutter.NAME`, as it is.",
            },
            "without": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
                "description": (
                    "Files that recipes which are extended have and this one has not: by the template's name, their "
                    "paths or globs; none."
                ),
            },
        },
    }

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._read: dict[tuple[Path, str], Template] = {}
        """Templates are read and compiled once, for all services of a fleet."""

    def render(self, inputs: Inputs) -> Tree:
        without = inputs.get("without", {})
        for name in without:
            self._folders_of(name)
        tree: dict[str, File] = {}
        for name in inputs["templates"]:
            rendered = self._rendered(name, inputs["values"])
            gone = self._gone(name, rendered, without.get(name, ()))
            if twice := sorted(tree.keys() & rendered.keys() - gone):
                raise BadRecipe(f"{twice[0]} is written by two templates", where=str(self._folders_of(name)[0] / name))
            tree |= {path: file for path, file in rendered.items() if path not in gone}
        return tree

    def _rendered(self, name: str, values: Mapping[str, Json]) -> dict[str, File]:
        """The files of all templates of a name; of several for one path, that of the nearest recipe."""
        tree: dict[str, File] = {}
        for folder in reversed(self._folders_of(name)):
            template = self._template(folder, name)
            rendered = dict(template.render(values))
            if not rendered:
                raise BadRecipe("this template renders nothing", where=str(template.folder))
            tree |= rendered
        return tree

    def _gone(self, name: str, rendered: Collection[str], globs: Sequence[str]) -> set[str]:
        """The files that these globs take away. Raises `BadRecipe` for one that takes none."""
        found = {glob: {path for path in rendered if fnmatchcase(path, glob)} for glob in globs}
        if idle := next((glob for glob, paths in found.items() if not paths), ""):
            raise BadRecipe(
                f"without: {name} has no file {idle!r}",
                where=str(self._folders[0] / "recipe.yaml"),
                hint="It names files that the recipes which are extended have",
            )
        return set().union(*found.values())

    def _folders_of(self, name: str) -> Sequence[Path]:
        """The recipes that have a template of this name, the nearest first."""
        found = [folder for folder in self._folders if (folder / name).is_dir()]
        if not found:
            raise BadRecipe(f"there is no template {name!r}", where=str(self._folders[0]))
        return found

    def _template(self, folder: Path, name: str) -> Template:
        if (folder, name) not in self._read:
            self._read[folder, name] = Template(folder, name)
        return self._read[folder, name]
