"""YAML: what it says, and its outline. Anchors, aliases and tags are not followed: they are as they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, Final

from platformctl.merge.flow import Child, Node, flow
from platformctl.merge.outline import ABOVE, REST, Body, Part
from platformctl.merge.value import Opaque, Value

_LINE: Final = re.compile(r"( *)(#?)[^\n]*\n")
_DASH: Final = re.compile(r"- +(?=-[ \n])")
"""A list that begins on the line of the item that it is."""


class YamlText:
    """A YAML text that has been read. Raises `Opaque` for what is none, or no mapping or list, or says a name twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._documents = _documents(text)

    @property
    def value(self) -> Value:
        """The document, or a list of them where there are several."""
        found = [node.value for _, node in self._documents]
        return found[0] if len(found) == 1 else found

    def outline(self) -> Body:
        """Its pieces. Raises `Opaque` where what it is made of is not followed here, such as keys with `?`."""
        bodies: list[Body] = []
        at = 0
        for begin, node in self._documents:
            body, at = _document(self._text, at, begin, node)
            bodies.append(body)
        rest = self._text[at:]
        if len(bodies) == 1:
            return replace(bodies[0], tail=bodies[0].tail + rest)
        parts = (
            Part("", node.value, "", "", "", body, "") for body, (_, node) in zip(bodies, self._documents, strict=True)
        )
        return Body(tuple(parts), named=False, tail=rest)


def _document(text: str, at: int, begin: int, node: Node) -> tuple[Body, int]:
    """The outline of the document from `at` on, whose content is from `begin` on, and where it ends."""
    if node.commas:
        body, end = flow(text, node, 0), _end_of_line(text, node.end)
        return replace(body, opening=text[at : node.start] + body.opening, tail=body.tail + text[node.end : end]), end
    body, end = _block(text, node, begin, -1)
    return replace(body, opening=text[at:begin]), end


def _block(text: str, node: Node, at: int, above: int) -> tuple[Body, int]:
    """The outline of a collection without brackets, and where it ends. It begins at `at`, in one at column `above`."""
    parts, column = [], -1
    for child in node.children:
        lead = ABOVE.match(text, at)
        start = lead.end() if lead else at
        first = start
        while text.startswith(" ", first):
            first += 1
        if first != child.start and not (node.named is False and text.startswith("-", first)):
            raise Opaque
        column = first - text.rfind("\n", 0, first) - 1 if column < 0 else column
        head, body, trail, end = _entry(text, first, child, column)
        parts.append(Part(child.name, child.node.value, text[at:start], text[start:first], head, body, trail))
        at = end
    end = at
    for line in _LINE.finditer(text, at):
        if line[2] and above < column <= len(line[1]):
            end = line.end()
        elif line[0].strip():
            break
    return Body(tuple(parts), bool(node.named), "", text[at:end], column), end


def _entry(text: str, first: int, child: Child, column: int) -> tuple[str, str | Body, str, int]:
    """Head, body and trail of an entry that begins at `first`, and where it ends."""
    node = child.node
    if node.children and not node.commas:
        begin = node.children[0].start if node.named else _dash(text, first)
        line = _end_of_line(text, first)
        body, end = _block(text, node, min(begin, line), column)
        return text[first : min(begin, line)], body, "", end
    end = node.end if text[node.end - 1] == "\n" and node.end > node.start else _end_of_line(text, node.end)
    trail = text[node.end : end]
    if trail and not REST.fullmatch(trail):
        raise Opaque
    leaf = flow(text, node, column) if node.commas else text[node.start : node.end]
    return text[first : node.start], leaf, trail, end


def _dash(text: str, first: int) -> int:
    """Where the first item of a list begins."""
    found = _DASH.match(text, first)
    return found.end() if found else _end_of_line(text, first)


def _end_of_line(text: str, at: int) -> int:
    """Where the next line begins."""
    end = text.find("\n", at)
    if end < 0:
        raise Opaque
    return end + 1


def _documents(text: str) -> list[tuple[int, Node]]:
    """Each document: where its content may begin, and the content."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _Reader(text, loader.get_event).documents()
    except yaml.YAMLError:
        raise Opaque from None
    finally:
        loader.dispose()


class _Reader:
    """Turns libyaml's events into nodes."""

    def __init__(self, text: str, event: Callable[[], Any]) -> None:
        self._text = text
        self._event = event
        self._anchors: set[str] = set()

    def documents(self) -> list[tuple[int, Node]]:
        import yaml

        found = []
        while not isinstance(event := self._event(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                begin = _end_of_line(self._text, _span(event)[1]) if event.explicit else 0
                node = self._node(self._event())
                if node.named is None:
                    raise Opaque
                found.append((begin, node))
                self._anchors.clear()
        return found

    def _node(self, event: Any) -> Node:
        import yaml

        start, end = _span(event)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise Opaque
            return Node(start, end, ("alias", event.anchor))
        properties = ""
        if event.anchor or event.tag:
            properties = f"&{event.anchor or ''} !{event.tag or ''}"
            self._anchors.add(event.anchor or "")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, start, end, properties)
        node = self._mapping(event) if isinstance(event, yaml.MappingStartEvent) else self._list(event)
        if properties and node.commas:
            return Node(start, node.end, {properties: node.value})
        return node._replace(value={properties: node.value}) if properties else node

    def _scalar(self, event: Any, start: int, end: int, properties: str) -> Node:
        """Text that is folded over several lines is taken as it is written, so that it can be merged by lines."""
        text: str = event.value
        if event.style in ("|", ">"):
            if not self._text[start:end].split("\n", 1)[0].partition("#")[0].rstrip().endswith("+"):
                end = start + len(self._text[start:end].rstrip()) + 1
            end = min(end, len(self._text))
        if properties:
            return Node(start, end, (properties, text))
        if event.style != "|" and "\n" in self._text[start:end].strip():
            return Node(start, end, "\n".join(line.strip() for line in self._text[start:end].split("\n")))
        kind = _kind(text) if event.implicit[0] else ""
        return Node(start, end, (kind, text) if kind else text)

    def _list(self, event: Any) -> Node:
        import yaml

        children, values = [], []
        while not isinstance(item := self._event(), yaml.SequenceEndEvent):
            node = self._node(item)
            children.append(Child("", node.start, node))
            values.append(node.value)
        return Node(_span(event)[0], _span(item)[1], values, children, False, event.flow_style)

    def _mapping(self, event: Any) -> Node:
        import yaml

        children, values = [], {}
        while not isinstance(key := self._event(), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent) or key.anchor or key.tag or key.value in values:
                raise Opaque
            node = self._node(self._event())
            children.append(Child(key.value, _span(key)[0], node))
            values[key.value] = node.value
        start, end = _span(event)[0], _span(key)[1]
        if event.flow_style and self._text[start] != "{":  # the only pair of `[a: 1]`
            return Node(start, end, values)
        return Node(start, end, values, children, True, event.flow_style)


def _span(event: Any) -> tuple[int, int]:
    """Where what an event stands for begins and ends."""
    return event.start_mark.index, event.end_mark.index


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    """What a plain scalar is when it is no text: `int`, `bool`, `null`; otherwise empty."""
    import yaml

    kind = str(_resolver().resolve(yaml.ScalarNode, text, (True, False))).rpartition(":")[2]
    return "" if kind in ("str", "merge", "value") else kind


@cache
def _resolver() -> Any:
    import yaml

    return yaml.SafeLoader("")
