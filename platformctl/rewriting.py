"""One value of a YAML, TOML or JSON file written anew; all else in it stays as it is, byte for byte."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Final, Protocol

import yaml

from platformctl.errors import BadConfig
from platformctl.merge.json_text import JsonText
from platformctl.merge.outline import Body, Part
from platformctl.merge.shape import Shape
from platformctl.merge.toml_text import TomlText
from platformctl.merge.value import Opaque, Value
from platformctl.merge.yaml_text import YamlText
from platformctl.model import Json

Place = Sequence[str | int]
"""Keys from the top, and places in lists from 0."""

ANYTHING: Final = object()
"""Stands for whatever is there now."""


def rewritten(path: str, content: bytes, at: Place, value: Json, before: Any = ANYTHING) -> bytes:
    """The content of a file with `value` at a place; as it is where there is no such place.

    Of a file of several YAML documents, the place begins with which one. With `before`, only where that stands there.
    Raises `BadConfig` for a file that cannot be read, and for a value that cannot be written without more than that.
    """
    suffix = PurePosixPath(path).suffix
    if suffix not in _FORMATS:
        raise BadConfig(f"a file that ends with {', '.join(_FORMATS)} can be rewritten, and no other", where=path)
    shape = Shape.of(content)
    try:
        text = shape.without(content).decode()
        result = _rewritten(_FORMATS[suffix], text, at, value, before) if text.strip() else text
    except (ValueError, RecursionError) as problem:
        said = str(problem) or "it is not valid, says a name twice, or has what is not followed here"
        raise BadConfig(f"{'.'.join(map(str, at))} is not written: {said}", where=path) from None
    return content if result == text else shape.put_on(result.encode())


class _Text(Protocol):
    """A text that has been read."""

    @property
    def value(self) -> Value: ...
    def outline(self) -> Body: ...


@dataclass(frozen=True)
class _Format:
    read: Callable[[str], _Text]
    write: Callable[[Json], str]
    """A value on one line."""
    entry: str
    """A whole text with one value in it."""
    dotted: bool = False
    """Whether a name with dots stands for several keys."""

    def said(self, value: Json) -> Value:
        """A value as it is read."""
        (found,) = self.read(self.entry.format(self.write(value))).value.values()  # type: ignore[union-attr]
        return found


def _rewritten(form: _Format, text: str, at: Place, value: Json, before: Any) -> str:
    """The text with a value at a place. Raises ValueError."""
    read = form.read(text)
    there, found = _at(read.value, at)
    if not there or (before is not ANYTHING and found != form.said(before)):
        return text
    whole = copy.deepcopy(read.value)
    _put(whole, at, form.said(value))
    changed = _changed(read.outline(), at, form, form.write(value))
    try:
        if changed is not None and form.read(changed.text).value == whole:
            return changed.text
    except Opaque:
        pass
    raise ValueError("what stands there has several lines, or a name by which something else refers to it")


def _changed(body: Body, at: Place, form: _Format, written: str) -> Body | None:
    """A body with other words at a place; None where no value in brackets or on one line stands."""
    for index, part in enumerate(body.parts):
        for taken in _taken(body, index, at, form):
            new = _part(part, at[taken:], form, written)
            if new is not None:
                return replace(body, parts=(*body.parts[:index], new, *body.parts[index + 1 :]))
    return None


def _taken(body: Body, index: int, at: Place, form: _Format) -> Iterator[int]:
    """How many keys of a place lead to a part of a body; of the entries before the first table in TOML, none does."""
    if not body.named:
        yield from [1] if at[0] == index else []
    elif form.dotted:
        yield from (end for end in range(len(at) + 1) if ".".join(map(str, at[:end])) == body.parts[index].name)
    else:
        yield from [1] if at[0] == body.parts[index].name else []


def _part(part: Part, at: Place, form: _Format, written: str) -> Part | None:
    if at:
        inner = _changed(part.body, at, form, written) if isinstance(part.body, Body) else None
        return None if inner is None else replace(part, body=inner)
    if not part.body.commas if isinstance(part.body, Body) else "\n" in part.body:
        return None
    apart = " " if part.head and not part.head[-1].isspace() else ""
    return replace(part, head=part.head + apart, body=written)


def _at(value: Value, at: Place) -> tuple[bool, Value]:
    """Whether there is a place, and what stands there."""
    for key in at:
        if isinstance(value, dict) and key in value:
            value = value[str(key)]
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            return False, ""
    return True, value


def _put(whole: Any, at: Place, value: Value) -> None:
    for key in at[:-1]:
        whole = whole[key]
    whole[at[-1]] = value


def _yaml(value: Json) -> str:
    flow = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False)
    return flow.removesuffix("...\n").strip()


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _toml(value: Json) -> str:
    """A value in TOML, whose texts and numbers are written as in JSON. Raises ValueError for null."""
    match value:
        case None:
            raise ValueError("TOML has no null")
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{_json(name)} = {_toml(item)}' for name, item in value.items())}}}"
    return _json(value).replace("\x7f", "\\u007f")


_FORMATS: Final[dict[str, _Format]] = {
    ".yaml": _Format(YamlText, _yaml, "x: {}\n"),
    ".yml": _Format(YamlText, _yaml, "x: {}\n"),
    ".toml": _Format(TomlText, _toml, "x = {}\n", dotted=True),
    ".json": _Format(JsonText, _json, '{{"x": {}}}'),
}
