"""Actions and their promises, as lines of styled spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformctl.commands.actions import About, Tried
from platformctl.reporters.lines import Line


def action_lines(actions: Sequence[About]) -> Iterator[Line]:
    """A table of actions."""
    names = max((len(about.name) for about in actions), default=0)
    ports = max((len(about.port) for about in actions), default=0)
    packages = max((len(_package(about)) for about in actions), default=0)
    for about in actions:
        yield [
            ("strong", f"{about.name:<{names}}"),
            ("", f"  {about.kind:<8}  {about.port:<{ports}}"),
            ("quiet", f"  {_package(about):<{packages}}  "),
            ("bad", about.problem) if about.problem else ("", about.summary),
        ]


def action_detail_lines(about: About) -> Iterator[Line]:
    """One action: what it takes and what it gives."""
    through = f" through the port {about.port}" if about.port else ""
    yield [("strong", about.name), ("quiet", f"  a {about.kind}{through}, from {_package(about)}")]
    yield [("", f"  {about.summary}")]
    yield []
    yield [("strong", "Inputs")]
    yield from _fields(about.inputs["properties"], about.inputs.get("required", ()))
    yield []
    yield [("strong", "Outputs")]
    yield from _fields(about.outputs, ())


def _package(about: About) -> str:
    return f"{about.package} {about.version}".strip()


def _fields(properties: Mapping[str, Any], required: Sequence[str]) -> Iterator[Line]:
    width = max(map(len, properties), default=0)
    for name, part in properties.items():
        kind = " | ".join(map(str, part["enum"])) if "enum" in part else part.get("type", "any")
        mark = " (required)" if name in required else ""
        yield [
            ("", f"  {name:<{width}}  {part.get('description', '')}"),
            ("quiet", f"  {kind if isinstance(kind, str) else ' | '.join(kind)}{mark}"),
        ]


def tried_line(tried: Tried) -> Line:
    """One promise, kept or broken."""
    if tried.broken:
        return [("bad", "✗ "), ("", f"{tried.promise}: "), ("bad", tried.broken)]
    return [("good", "✓ "), ("", tried.promise)]


def verdict_line(name: str, tried: int, broken: int) -> Line:
    """How it ended."""
    if broken:
        return [("bad", f"{name} breaks {broken} of {tried} promises.")]
    return [("", f"{name} keeps all {tried} promises.")]
