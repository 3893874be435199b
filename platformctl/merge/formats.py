"""Which structure a file has, by its name."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Final, Protocol

from platformctl.merge import line_lists
from platformctl.merge.json_text import JsonText
from platformctl.merge.outline import Body
from platformctl.merge.toml_text import TomlText
from platformctl.merge.value import Value
from platformctl.merge.yaml_text import YamlText


class Structured(Protocol):
    """A text that has been read."""

    @property
    def value(self) -> Value:
        """What it says."""

    def outline(self) -> Body:
        """Its pieces. Raises `Opaque`."""


Format = Callable[[str], Structured]
"""Reads texts of one structure. Raises `Opaque` for a text that does not have it."""

_FORMATS: Final[tuple[tuple[tuple[str, ...], Format], ...]] = (
    (("*.yaml", "*.yml"), YamlText),
    (("*.json", "Pipfile.lock", "composer.lock"), JsonText),
    (("*.toml", "poetry.lock", "uv.lock", "Cargo.lock", "Pipfile"), TomlText),
    (("go.mod",), line_lists.go_module),
    (("*requirements*.txt", "constraints*.txt", "requirements*.in", "requirements*.lock"), line_lists.REQUIREMENTS),
    (("CODEOWNERS", ".tool-versions", ".gitattributes"), line_lists.OWNERS),
    ((".env.*", "*.env"), line_lists.ASSIGNMENTS),
    ((".*ignore",), line_lists.PLAIN),
    (("go.sum",), line_lists.SUMS),
)


def format_of(path: str) -> Format | None:
    """The structure of the file at a path; None where only lines are known."""
    *folders, name = path.split("/")
    if folders and folders[-1] == "requirements":
        name = f"requirements-{name}"
    for globs, found in _FORMATS:
        if any(fnmatchcase(name, glob) for glob in globs):
            return found
    return None
