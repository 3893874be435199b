"""The dependency graph as Mermaid, as Graphviz DOT and as JSON.

Names and teams come from files that anybody may have written. They stand in quotes, with everything that either
language could read as its own written as a character's number; nodes are called by numbers of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from platformctl.commands.catalog import Component
from platformctl.commands.dependencies import Dependencies
from platformctl.reporters.lines import Line

Components = Mapping[str, Component]


def diagram_lines(kind: str, name: str, components: Components, dependencies: Dependencies) -> Iterator[Line]:
    """The graph in one of `DIAGRAMS`; with a name, the one that is thought to be down."""
    yield from ([("", text)] for text in DIAGRAMS[kind](name, components, dependencies))


def _mermaid(down: str, components: Components, dependencies: Dependencies) -> Iterator[str]:
    """A flowchart; https://mermaid.js.org/syntax/flowchart.html, with its entity codes."""
    nodes = _nodes(dependencies)
    yield "flowchart LR"
    for name, node in nodes.items():
        label = "<br/>".join(_coded(text, "#{};") for text in _label(name, components))
        yield f'  {node}["{label}"]'
    for name, others in dependencies.depends_on.items():
        yield from (f"  {nodes[name]} --> {nodes[other]}" for other in others)
    for about, style, names in _marked(down, dependencies):
        yield f"  classDef {about} {style[0]}"
        yield f"  class {','.join(nodes[name] for name in names)} {about}"


def _dot(down: str, components: Components, dependencies: Dependencies) -> Iterator[str]:
    """A directed graph; https://graphviz.org/doc/info/lang.html, with HTML's character codes, which labels know."""
    nodes = _nodes(dependencies)
    style = {name: f", {style[1]}" for _, style, names in _marked(down, dependencies) for name in names}
    yield "digraph catalog {"
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    for name, node in nodes.items():
        # Graphviz looks for backslashes when it has decoded the numbers, so this one is written twice.
        label = "\\n".join(_coded(text, "&#{};").replace("&#92;", "\\\\") for text in _label(name, components))
        yield f'  {node} [label="{label}"{style.get(name, "")}];'
    for name, others in dependencies.depends_on.items():
        yield from (f"  {nodes[name]} -> {nodes[other]};" for other in others)
    yield "}"


def _json(down: str, components: Components, dependencies: Dependencies) -> Iterator[str]:
    yield from json.dumps(dependencies.to_json(), indent=2).splitlines()


DIAGRAMS: Final[Mapping[str, Callable[[str, Components, Dependencies], Iterator[str]]]] = {
    "mermaid": _mermaid,
    "dot": _dot,
    "json": _json,
}


def _nodes(dependencies: Dependencies) -> dict[str, str]:
    """A name of ours for each."""
    return {name: f"n{number}" for number, name in enumerate([*dependencies.depends_on, *dependencies.missing], 1)}


def _label(name: str, components: Components) -> Sequence[str]:
    if name not in components:
        return [name, "not in the catalog"]
    return [text for text in (name, components[name].team) if text]


def _marked(down: str, dependencies: Dependencies) -> Iterator[tuple[str, tuple[str, str], Sequence[str]]]:
    """What stands out: its name, its style in Mermaid and in DOT, and who it is about."""
    broken = [name for name in dependencies.breaks(down) if name != down] if down else []
    if missing := [name for name in dependencies.missing if name != down]:
        yield "missing", ("stroke-dasharray:4", "style=dashed"), missing
    if down:
        yield "down", ("stroke:#c00,stroke-width:3px", 'color="#cc0000", penwidth=3'), [down]
    if broken:
        yield "broken", ("stroke:#c00", 'color="#cc0000"'), broken


def _coded(text: str, code: str) -> str:
    """Letters, digits, spaces, hyphens, dots and underscores as they are, anything else by its number."""
    return "".join(char if char.isalnum() or char in " -._" else code.format(ord(char)) for char in text)
