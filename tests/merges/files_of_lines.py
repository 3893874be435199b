"""Kinds of file of which only lines are known: code, pages, scripts, and texts with unusual bytes or names."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import Final

from tests.merges.document import FileKind, Part, Section


def _single_quotes(line: str) -> str:
    return line.replace('"', "'")


def _function(part: Part) -> list[str]:
    first, second = part.values
    return [
        f"def load_{part.name}(path):",
        f"    limit = {first}",
        "    found = read(path, limit)",
        f"    return found[:{second}]",
    ]


def _block(part: Part) -> list[str]:
    return [f'variable "{part.name}" {{', f"  default = {part.values[0]}", f"  level   = {part.values[1]}", "}"]


def _paragraph(part: Part) -> list[str]:
    return [f"## About {part.name}", "", f"It takes {part.values[0]} requests a day.", f"It waits {part.values[1]} ms."]


PYTHON: Final = FileKind(
    "Python",
    "app/loading.py",
    (
        Section(
            lambda part: [f'{part.name.upper()} = "{part.values[0]}"'],
            ('"""Loads what is there."""', "", "from app.reading import read", ""),
        ),
        Section(_function, ("", ""), gap=2),
    ),
    restyle=_single_quotes,
    says=lambda text: ast.dump(ast.parse(text)),
)
DOCKERFILE: Final = FileKind(
    "Dockerfile",
    "Dockerfile",
    (
        Section(lambda part: [f"ENV {part.name.upper()}={part.values[0]}"], ("FROM python:3.12-slim", "WORKDIR /app")),
        Section(
            lambda part: [f"    {part.name}=1.{part.values[0]}"],
            ("RUN apt-get install --yes \\",),
            joint=" \\",
            remarks=False,
        ),
        Section(lambda part: [f"COPY {part.name} /srv/{part.values[0]}"], ("",), ("", 'CMD ["python", "-m", "app"]')),
    ),
    restyle=lambda line: re.sub(r"^[A-Z]+ ", lambda found: found[0].lower(), line),
)
MAKEFILE: Final = FileKind(
    "Makefile",
    "Makefile",
    (
        Section(lambda part: [f"{part.name.upper()} ?= {part.values[0]}"], ("# make help",)),
        Section(
            lambda part: [f"{part.name}:", f"\tpython -m tool {part.values[0]}", f"\tpython -m check {part.values[1]}"],
            ("",),
            gap=1,
        ),
    ),
    restyle=lambda line: line.replace(" ?= ", "?="),
)
PAGE: Final = FileKind(
    "Markdown",
    "docs/handbook.md",
    (
        Section(lambda part: [f"- {part.name}: {part.values[0]}"], ("# Handbook", "", "What is where:", "")),
        Section(_paragraph, ("",), gap=1),
    ),
    remark="<!-- {} -->",
    restyle=lambda line: re.sub("^- ", "* ", line),
)
TERRAFORM: Final = FileKind(
    "Terraform",
    "infra/variables.tf",
    (
        Section(lambda part: [f'  {part.name} = "{part.values[0]}"'], ("locals {",), ("}",)),
        Section(_block, ("",), gap=1),
    ),
    restyle=lambda line: line.replace(" = ", "  = "),
)
SCRIPT: Final = FileKind(
    "executable script",
    "bin/release.sh",
    (
        Section(lambda part: [f'{part.name}="{part.values[0]}"'], ("#!/bin/sh", "set -eu", "")),
        Section(lambda part: [f'run_step "{part.name}" {part.values[0]}'], ("",)),
    ),
    restyle=_single_quotes,
    executable=True,
)
TEXT: Final = FileKind(
    "text",
    "docs/notes.txt",
    (
        Section(lambda part: [f"{part.name} has {part.values[0]} of them."], ("Notes", "")),
        Section(lambda part: [f"{part.name} is at {part.values[0]}."], ("", "Places", "")),
    ),
)
_UNUSUAL: Final = (
    replace(TEXT, name="text with CRLF", path="docs/notes-crlf.txt", ends="\r\n"),
    replace(TEXT, name="text without an end of the last line", path="conf/limits.conf", last_end=False),
    replace(TEXT, name="text with a byte order mark", path="docs/notes-bom.txt", encoding="utf-8-sig"),
    replace(
        TEXT,
        name="Latin-1 text",
        path="docs/latin.txt",
        sections=(replace(TEXT.sections[0], opening=("Größen", "")), TEXT.sections[1]),
        encoding="latin-1",
        spoils=True,
    ),
    replace(PYTHON, name="a name with spaces", path="app/two words.py"),
    replace(PAGE, name="a name that is not ASCII", path="docs/größen/手順.md"),
    replace(SCRIPT, name="a name with signs", path="bin/[id] (a&b)'s #1.sh"),
    replace(PYTHON, name="Python with CRLF", path="app/windows.py", ends="\r\n"),
)
KINDS: Final = (PYTHON, DOCKERFILE, MAKEFILE, PAGE, TERRAFORM, SCRIPT, TEXT, *_UNUSUAL)
