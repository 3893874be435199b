"""The formats of reports. Each is a module with `report(diagnoses, seconds)`, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from typing import Final

from platformctl.commands.diagnosis import Diagnosis


class Format(StrEnum):
    """What a diagnosis can be written as."""

    TABLE = "table"
    """Lines for people, and no file."""
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


ENDINGS: Final[Mapping[Format, str]] = {
    Format.SARIF: ".sarif",
    Format.JUNIT: ".xml",
    Format.MARKDOWN: ".md",
    Format.HTML: ".html",
}
"""How the names of files of a format end."""

DIFFS: Final = (Format.MARKDOWN, Format.HTML)
"""Those that show what a fix does to a text."""


def written(format_: Format, diagnoses: Sequence[Diagnosis], seconds: float) -> str:
    """A report of what was found out about services in `seconds`."""
    text: str = import_module(f"platformctl.reporters.{format_.value}").report(diagnoses, seconds)
    return text
