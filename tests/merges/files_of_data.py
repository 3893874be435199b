"""Kinds of file that say something which can be read out: YAML, JSON, TOML."""

from __future__ import annotations

import json
import tomllib
from typing import Any, Final

import yaml

from tests.merges.document import FileKind, Section


def _deeper(line: str) -> str:
    """Indented by four where it was by two."""
    bare = line.lstrip(" ")
    return " " * 2 * (len(line) - len(bare)) + bare


def _single_quotes(line: str) -> str:
    return line.replace('"', "'")


def _close(line: str) -> str:
    """No spaces around the sign of equality."""
    return line.replace(" = ", "=")


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands there twice, of which YAML keeps the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        _unique([(self.construct_object(key, deep=True), value) for key, value in node.value])
        return dict(super().construct_mapping(node, deep))


def _read_yaml(text: str) -> Any:
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as problem:
        raise ValueError(str(problem)) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping of these. Raises ValueError for a key that stands there twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _read_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique)


WORKFLOW: Final = FileKind(
    "YAML workflow",
    ".github/workflows/checks.yml",
    (
        Section(
            lambda part: [f'  {part.name.upper()}: "{part.values[0]}"'],
            ("name: checks", "on: [push, pull_request]", "", "permissions:", "  contents: read", "", "env:"),
        ),
        Section(
            lambda part: [
                f'      - name: "{part.name}"',
                f"        run: make {part.values[0]}",
                f"        timeout-minutes: {part.values[1]}",
            ],
            ("", "jobs:", "  test:", "    runs-on: ubuntu-24.04", "    steps:"),
            ordered=True,
        ),
    ),
    restyle=_single_quotes,
    says=_read_yaml,
    entries=True,
)
SETTINGS: Final = FileKind(
    "YAML settings",
    "config/settings.yaml",
    (
        Section(
            lambda part: [f"  {part.name}:", f"    port: {part.values[0]}", f"    level: {part.values[1]}"],
            ("# What the service reads when it starts.", "listeners:"),
        ),
        Section(lambda part: [f"  {part.name}: {part.values[0]}  # at most {part.values[1]}"], ("", "limits:")),
        Section(lambda part: [f"  - {part.name}.example:{part.values[0]}"], ("", "hosts:")),
    ),
    restyle=_deeper,
    says=_read_yaml,
    entries=True,
)
PACKAGE: Final = FileKind(
    "JSON package",
    "package.json",
    (
        Section(
            lambda part: [f'    "{part.name}": "run {part.values[0]}"'],
            ("{", '  "name": "web",', '  "private": true,', '  "scripts": {'),
            ("  },",),
            joint=",",
            remarks=False,
        ),
        Section(
            lambda part: [f'    "{part.name}": "^1.{part.values[0]}.0"'],
            ('  "dependencies": {',),
            ("  },",),
            joint=",",
            remarks=False,
        ),
        Section(
            lambda part: [f'    "{part.name}/{part.values[0]}"'],
            ('  "files": [',),
            ("  ]", "}"),
            joint=",",
            remarks=False,
        ),
    ),
    remark="",
    restyle=_deeper,
    says=_read_json,
    entries=True,
)
NESTED: Final = FileKind(
    "JSON of objects",
    "deploy/limits.json",
    (
        Section(
            lambda part: [
                f'    "{part.name}": {{',
                f'      "memory": {part.values[0]},',
                f'      "cpu": {part.values[1]}',
                "    }",
            ],
            ("{", '  "limits": {'),
            ("  },",),
            joint=",",
            remarks=False,
        ),
        Section(
            lambda part: [f'    {{"host": "{part.name}", "port": {part.values[0]}}}'],
            ('  "hosts": [',),
            ("  ]", "}"),
            joint=",",
            remarks=False,
        ),
    ),
    remark="",
    restyle=_deeper,
    says=_read_json,
    entries=True,
)
PROJECT: Final = FileKind(
    "TOML project",
    "pyproject.toml",
    (
        Section(
            lambda part: [f'    "{part.name}==1.{part.values[0]}",'],
            ("[project]", 'name = "orders"', 'requires-python = ">=3.11"', "dependencies = ["),
            ("]",),
        ),
        Section(lambda part: [f"{part.name} = {part.values[0]}"], ("", "[tool.limits]")),
        Section(
            lambda part: [
                "[[tool.jobs]]",
                f'name = "{part.name}"',
                f"every = {part.values[0]}",
                f"at = {part.values[1]}",
            ],
            ("",),
            gap=1,
            ordered=True,
        ),
    ),
    restyle=_close,
    says=tomllib.loads,
    entries=True,
)
TABLES: Final = FileKind(
    "TOML tables",
    "config/queues.toml",
    (
        Section(
            lambda part: [f'{part.name} = "{part.values[0]}"  # before {part.values[1]}'],
            ('title = "queues"',),
        ),
        Section(
            lambda part: [f"[queue.{part.name}]", f"size = {part.values[0]}", f"wait = {part.values[1]}"],
            ("",),
            gap=1,
        ),
    ),
    restyle=_close,
    says=tomllib.loads,
    entries=True,
)
KINDS: Final = (WORKFLOW, SETTINGS, PACKAGE, NESTED, PROJECT, TABLES)
