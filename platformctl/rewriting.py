"""One value of a YAML, TOML or JSON file written anew; all else in it stays as it is, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from platformctl.errors import BadConfig
from platformctl.model import Json

Place = Sequence[str | int]
"""Keys from the top, and places in lists from 0."""

ANYTHING: Final = object()
"""Stands for whatever is there now."""


def rewritten(path: str, content: bytes, at: Place, value: Json, before: Any = ANYTHING) -> bytes:
    """The content of a file with `value` at a place; as it is where there is no such place.

    With `before`, only where that stands there. Raises `BadConfig` for a file that cannot be read.
    """
    suffix = PurePosixPath(path).suffix
    if suffix not in _FORMATS:
        raise BadConfig(f"a file that ends with {', '.join(_FORMATS)} can be rewritten, and no other", where=path)
    try:
        return _FORMATS[suffix](content.decode(), at, value, before).encode()
    except Exception as problem:  # each library has its own
        said = " ".join(str(problem).split())
        raise BadConfig(f"this cannot be read: {said}", where=path, hint="Mend the file, and try again") from None


def _toml(text: str, at: Place, value: Json, before: Any) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    holder: Any = document
    for key in at[:-1]:
        holder = _inside(holder, key)
    found = _inside(holder, at[-1])
    if found is None or before not in (ANYTHING, found):
        return text
    holder[at[-1]] = value
    return tomlkit.dumps(document)


def _inside(holder: Any, key: str | int) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(key)
    return holder[key] if isinstance(holder, list) and isinstance(key, int) and key < len(holder) else None


def _yaml(text: str, at: Place, value: Json, before: Any) -> str:
    flow = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False)
    return _spliced(text, at, flow.removesuffix("...\n").strip(), before)


def _json(text: str, at: Place, value: Json, before: Any) -> str:
    json.loads(text)
    return _spliced(text, at, json.dumps(value, ensure_ascii=False), before)


def _spliced(text: str, at: Place, written: str, before: Any) -> str:
    """The text with other words where the node at a place begins and ends.

    JSON is YAML, but for tabs between its tokens; there are none within them.
    """
    loader = yaml.SafeLoader(text.replace("\t", " ") if text.lstrip()[:1] in ("{", "[") else text)
    try:
        node = loader.get_single_node()
        for key in at:
            node = _below(node, key)
        if node is None or (before is not ANYTHING and loader.construct_document(node) != before):
            return text
    finally:
        loader.dispose()
    block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    if block or (isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")):
        raise ValueError(f"line {node.start_mark.line + 1} begins a value of several lines, which is not rewritten")
    return text[: node.start_mark.index] + written + text[node.end_mark.index :]


def _below(node: yaml.Node | None, key: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        found: yaml.Node = node.value[key]
        return found
    return None


_FORMATS: Final[dict[str, Callable[[str, Place, Json, Any], str]]] = {
    ".yaml": _yaml,
    ".yml": _yaml,
    ".toml": _toml,
    ".json": _json,
}
