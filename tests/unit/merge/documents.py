"""Documents made by chance, and edits of two sides whose right merge is known: both made, one after the other."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

Path = tuple[str, ...]
Edit = Callable[["Document"], None]
WORDS = ("plain", "with space", "a: b", "x # y", "quote \" and '", "é ü", "true", "8080", "*", "- a", "{{ x }}", "")


@dataclass
class Document:
    """Mappings, lists of texts, and lists of mappings that have a name."""

    data: dict[str, Any]
    remarks: dict[Path, str] = field(default_factory=dict)
    """Comments, by the entry that they stand above."""

    def at(self, path: Path) -> Any:
        found: Any = self.data
        for name in path:
            found = _named(found, name) if isinstance(found, list) else found[name]
        return found

    def paths(self, kind: type) -> list[Path]:
        return [path for path, value in _walk(self.data, ()) if isinstance(value, kind)]


def _walk(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _walk(item, (*path, name))
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield from _walk(item, (*path, item["name"]))


def _named(items: list[Any], name: str) -> Any:
    return next(item for item in items if isinstance(item, dict) and item["name"] == name)


class Chance:
    """Documents and edits from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._count = 0
        self._gone: Counter[Path] = Counter()
        """How much was taken out of each collection: something stays in all of them."""

    def name(self, tag: str = "k") -> str:
        self._count += 1
        return f"{tag}{self._count}"

    def text(self) -> Any:
        self._count += 1
        if self.random.random() < 0.2:
            return self.random.choice([self._count, True, False])
        return f"v{self._count} {self.random.choice(WORDS)}".strip()

    def value(self, depth: int) -> Any:
        kind = self.random.random()
        if depth > 0 and kind < 0.3:
            return {self.name(): self.value(depth - 1) for _ in range(self.random.randint(1, 4))}
        if kind < 0.45:
            return [str(self.text()) + self.name("i") for _ in range(self.random.randint(1, 5))]
        if depth > 0 and kind < 0.55:
            return [self.item("k") for _ in range(self.random.randint(1, 3))]
        return self.text()

    def item(self, tag: str) -> dict[str, Any]:
        return {"name": self.name(tag), **{self.name(tag): self.text() for _ in range(self.random.randint(1, 3))}}

    def document(self) -> Document:
        document = Document({self.name(): self.value(3) for _ in range(self.random.randint(3, 6))})
        for path in document.paths(object):
            if path and self.random.random() < 0.2:
                document.remarks[path] = f"about {self.name('c')}"
        return document

    def edits(self, base: Document, tag: str, number: int, taken: list[Path]) -> list[Edit]:
        """Edits of one side; what they touch is added to `taken`, and what is in there, or holds it, is not touched."""
        found = []
        for _ in range(number):
            edit = self.random.choice([self._set, self._put, self._take_out, self._append, self._drop, self._remark])
            if made := edit(base, tag, taken):
                found.append(made)
        return found

    def clash(self, base: Document, taken: list[Path]) -> tuple[Edit, Edit] | None:
        """Two edits of one value that cannot both be."""
        path = self._free(base, str, taken)
        if path is None:
            return None
        taken.append(path)

        def to(value: str) -> Edit:
            def edit(document: Document) -> None:
                document.at(path[:-1])[path[-1]] = value

            return edit

        return to(f"ours {self.name()}"), to(f"theirs {self.name()}")

    def _free(self, base: Document, kind: type, taken: list[Path]) -> Path | None:
        paths = [
            path
            for path in base.paths(kind)
            if path
            and path[-1] != "name"
            and not any(path[: len(other)] == other or other[: len(path)] == path for other in taken)
        ]
        return self.random.choice(paths) if paths else None

    def _set(self, base: Document, tag: str, taken: list[Path]) -> Edit | None:
        path = self._free(base, str, taken)
        if path is None or path[-1].startswith("about"):
            return None
        taken.append(path)
        value = f"{tag} {self.name()}"

        def edit(document: Document) -> None:
            document.at(path[:-1])[path[-1]] = value

        return edit

    def _inside(self, base: Document, kind: type, taken: list[Path]) -> Path | None:
        """A collection that is not within what is taken, though something in it may be."""
        paths = [path for path in base.paths(kind) if not any(path[: len(other)] == other for other in taken)]
        return self.random.choice(paths) if paths else None

    def _put(self, base: Document, tag: str, taken: list[Path]) -> Edit | None:
        path = self._inside(base, dict, taken)
        if path is None:
            return None
        name, value, place = self.name(tag), self.value(1), self.random.random()
        taken.append((*path, name))

        def edit(document: Document) -> None:
            holder = document.at(path)
            entries = list(holder.items())
            entries.insert(1 + int(place * len(entries)), (name, value))
            holder.clear()
            holder.update(entries)

        return edit

    def _take_out(self, base: Document, tag: str, taken: list[Path]) -> Edit | None:
        path = self._free(base, object, taken)
        if path is None or len(base.at(path[:-1])) - self._gone[path[:-1]] < 3:
            return None
        self._gone[path[:-1]] += 1
        taken.append(path)

        def edit(document: Document) -> None:
            holder = document.at(path[:-1])
            if isinstance(holder, list):
                holder.remove(_named(holder, path[-1]))
            else:
                del holder[path[-1]]
            for other in [other for other in document.remarks if other[: len(path)] == path]:
                del document.remarks[other]

        return edit

    def _append(self, base: Document, tag: str, taken: list[Path]) -> Edit | None:
        path = self._inside(base, list, taken)
        if path is None or not base.at(path):
            return None
        item: Any = f"{tag} {self.name()}" if isinstance(base.at(path)[0], str) else self.item(tag)
        place = self.random.random()
        taken.append((*path, str(item)))

        def edit(document: Document) -> None:
            document.at(path).insert(int(place * (len(document.at(path)) + 1)), item)

        return edit

    def _drop(self, base: Document, tag: str, taken: list[Path]) -> Edit | None:
        path = self._inside(base, list, taken)
        if path is None or len(base.at(path)) - self._gone[path] < 2 or not isinstance(base.at(path)[0], str):
            return None
        item = self.random.choice(base.at(path))
        if (*path, item) in taken:
            return None
        self._gone[path] += 1
        taken.append((*path, item))

        def edit(document: Document) -> None:
            document.at(path).remove(item)

        return edit

    def _remark(self, base: Document, tag: str, taken: list[Path]) -> Edit | None:
        path = self._free(base, str, taken)
        if path is None:
            return None
        taken.append(path)
        remark = f"{tag} says {self.name('c')}"

        def edit(document: Document) -> None:
            document.remarks[path] = remark

        return edit


def edited(base: Document, *edits: Edit) -> Document:
    document = copy.deepcopy(base)
    for edit in edits:
        edit(document)
    return document


def as_json(document: Document, indent: int = 2) -> str:
    return json.dumps(document.data, indent=indent, ensure_ascii=False) + "\n"


def as_yaml(document: Document, indent: int = 2, dash: int = 0) -> str:
    return "".join(_yaml(document, document.data, (), 0, indent, dash))


def _yaml(document: Document, data: dict[str, Any], path: Path, column: int, indent: int, dash: int) -> Iterator[str]:
    margin = " " * column
    for name, value in data.items():
        here = (*path, name)
        if here in document.remarks:
            yield f"{margin}# {document.remarks[here]}\n"
        if isinstance(value, dict):
            yield f"{margin}{name}:\n"
            yield from _yaml(document, value, here, column + indent, indent, dash)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield f"{margin}{name}:\n"
            for item in value:
                where = (*here, item["name"])
                if where in document.remarks:
                    yield f"{margin}{' ' * dash}# {document.remarks[where]}\n"
                lines = [*_yaml(document, item, where, column + dash + 2, indent, dash)]
                yield f"{margin}{' ' * dash}- {lines[0].strip()}\n"
                yield from lines[1:]
        elif isinstance(value, list):
            if _inline(here):
                yield f"{margin}{name}: [{', '.join(map(_scalar, value))}]\n"
            else:
                yield f"{margin}{name}:\n"
                yield from (f"{margin}{' ' * dash}- {_scalar(item)}\n" for item in value)
        else:
            yield f"{margin}{name}: {_scalar(value)}\n"


def as_toml(document: Document, indent: int = 4) -> str:
    return "".join(_toml(document, document.data, (), indent))


def _toml(document: Document, data: dict[str, Any], path: Path, indent: int) -> Iterator[str]:
    """Plain entries first, then tables, as TOML wants it."""
    for name, value in data.items():
        here = (*path, name)
        if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
            continue
        if here in document.remarks:
            yield f"# {document.remarks[here]}\n"
        if isinstance(value, list) and not _inline(here):
            yield f"{name} = [\n" + "".join(f"{' ' * indent}{_scalar(item)},\n" for item in value) + "]\n"
        elif isinstance(value, list):
            yield f"{name} = [{', '.join(map(_scalar, value))}]\n"
        else:
            yield f"{name} = {_scalar(value)}\n"
    for name, value in data.items():
        here = (*path, name)
        tables = [(here, value)] if isinstance(value, dict) else []
        if isinstance(value, list) and value and isinstance(value[0], dict):
            tables = [((*here, item["name"]), item) for item in value]
        for where, table in tables:
            yield "\n"
            if where in document.remarks:
                yield f"# {document.remarks[where]}\n"
            dotted = ".".join(part for part in here if not part.startswith("@"))
            yield f"[{dotted}]\n" if isinstance(value, dict) else f"[[{dotted}]]\n"
            yield from (
                _toml(document, table, where, indent) if isinstance(value, dict) else _flat(document, table, where)
            )


def _flat(document: Document, table: dict[str, Any], where: Path) -> Iterator[str]:
    for name, value in table.items():
        if (*where, name) in document.remarks:
            yield f"# {document.remarks[*where, name]}\n"
        yield f"{name} = {_scalar(value) if not isinstance(value, dict | list) else _inline_toml(value)}\n"


def _inline_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_inline_toml(item)}" for name, item in value.items()) + "}"
    return "[" + ", ".join(map(_inline_toml, value)) + "]" if isinstance(value, list) else _scalar(value)


def _inline(path: Path) -> bool:
    return crc32("/".join(path).encode()) % 2 == 0


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
