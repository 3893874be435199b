"""Kinds of file that are lists of entries, a line each: requirements, ignored files, modules, owners, variables."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from tests.merges.document import FileKind, Part, Section


def _entries(text: str) -> object:
    """The entries of a list, in whatever order; comments and empty lines are none."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    found = Counter(line for line in lines if line and not line.startswith(("#", "//")))
    if twice := [line for line, count in found.items() if count > 1 and line != ")"]:
        raise ValueError(f"{twice[0]} stands there twice")
    return found


def _tight(text: str) -> object:
    return _entries(text.replace(" == ", "=="))


def _module(text: str) -> object:
    if text.count("(") != text.count(")"):
        raise ValueError("a block has no end")
    return _entries(text)


def _aligned(line: str) -> str:
    return re.sub(r"^(/\S+) ", lambda found: f"{found[1]:<24} ", line)


def _pinned(part: Part) -> list[str]:
    return [f"{part.name}==1.{part.values[0]}"]


REQUIREMENTS: Final = FileKind(
    "requirements list",
    "requirements.txt",
    (
        Section(_pinned, ("# to run",)),
        Section(_pinned, ("", "# to test")),
        Section(_pinned, ("", "# to publish")),
    ),
    restyle=lambda line: line.replace("==", " == "),
    says=_tight,
    entries=True,
)
IGNORED: Final = FileKind(
    ".gitignore",
    ".gitignore",
    (
        Section(lambda part: [f"/{part.name}/cache-{part.values[0]}"], ("# made by tools",)),
        Section(lambda part: [f"*.{part.name}-{part.values[0]}"], ("", "# made by people")),
    ),
    says=_entries,
    entries=True,
)
MODULE: Final = FileKind(
    "go.mod",
    "go.mod",
    (
        Section(
            lambda part: [f"\texample.com/{part.name} v1.{part.values[0]}.0"],
            ("module example.com/orders", "", "go 1.24", "", "require ("),
            (")",),
        ),
        Section(
            lambda part: [f"\texample.com/{part.name} => example.com/ours v0.{part.values[0]}.0"],
            ("", "replace ("),
            (")",),
        ),
    ),
    remark="// {}",
    says=_module,
    entries=True,
)
OWNERS: Final = FileKind(
    "CODEOWNERS",
    "CODEOWNERS",
    (
        Section(lambda part: [f"/{part.name}/ @team-{part.values[0]}"], ("# who is asked", "* @platform")),
        Section(lambda part: [f"/docs/{part.name}.md @writers-{part.values[0]}"], ("", "# pages")),
    ),
    restyle=_aligned,
    says=_entries,
    entries=True,
)
VARIABLES: Final = FileKind(
    "variables",
    ".env.example",
    (
        Section(lambda part: [f"{part.name.upper()}={part.values[0]}"], ("# of the service",)),
        Section(lambda part: [f"{part.name.upper()}_URL=https://{part.values[0]}.example"], ("", "# of others")),
    ),
    says=_entries,
    entries=True,
)
KINDS: Final = (REQUIREMENTS, IGNORED, MODULE, OWNERS, VARIABLES)
