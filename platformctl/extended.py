"""A recipe joined with those that it extends: one mapping, and the place where each part of it was written.

Mappings are joined key by key; lists are joined, those of the extended recipe first, without repeating what is there;
steps are joined by their id; of anything else the recipe's own stands. What a recipe `drops` is taken out of the other
before the two are joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from platformctl.document import Document, first_problem
from platformctl.errors import BadRecipe
from platformctl.model import Json

_OF_ONE: Final = ("extends", "abstract", "drops")
"""What a recipe says of itself, and not of those that extend it."""


class Extended:
    """Recipes from the first, which extends the second, to the last, which extends none."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self.data: dict[str, Any] = {}
        for document in reversed(documents):
            own = {key: value for key, value in document.data.items() if key not in _OF_ONE}
            kept = _kept(self.data, document)
            self.data = _joined(kept, own) | {"steps": _steps(kept.get("steps", []), own.get("steps", []))}
        self.data["abstract"] = self.abstract

    @property
    def abstract(self) -> bool:
        """Whether the first is there to be extended only."""
        return bool(self._documents[0].data.get("abstract", False))

    def check(self, schema: Mapping[str, Json]) -> None:
        """Raise `BadRecipe` where the whole is not what the JSON Schema wants, although each part was."""
        if problem := first_problem(schema, self.data):
            at, message = problem
            raise BadRecipe(message, where=self.where(*at))

    def where(self, *at: str | int) -> str:
        """`file:line` of a part, in the recipe that has the last word about it."""
        for document, position in self._places(at):
            if document.knows(*position):
                return document.where(*position)
        document, position = next(self._places(at), (self._documents[0], at))
        return document.where(*position)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the recipes are, the recipe's own folder first."""
        return tuple(Path(document.source).parent for document in self._documents)

    def _places(self, at: tuple[str | int, ...]) -> Iterator[tuple[Document, tuple[str | int, ...]]]:
        for document in self._documents:
            if at[:1] != ("steps",) or len(at) < 2:
                yield document, at
                continue
            id_ = self.data["steps"][at[1]]["id"]
            own = [step["id"] for step in document.data.get("steps", ())]
            if id_ in own:
                yield document, ("steps", own.index(id_), *at[2:])


def _kept(data: Any, document: Document) -> Any:
    """What a recipe takes of the one that it extends. Raises `BadRecipe` when it drops what is not there."""
    for index, place in enumerate(document.data.get("drops", ())):
        try:
            data = _without(data, place)
        except KeyError as missing:
            name = ".".join(map(str, place))
            raise BadRecipe(
                f"there is no {name} to drop: nothing is called {missing.args[0]!r}",
                where=document.where("drops", index),
                hint=f"See what {document.data['extends']} has",
            ) from None
    return data


def _without(whole: Any, place: Sequence[Any]) -> Any:
    """A part without what stands at a place in it: a key, an item of a list, or a step by its id.

    Raises KeyError with the name that is not there.
    """
    name, *rest = place
    if isinstance(whole, list):
        found = [index for index, item in enumerate(whole) if name in (item, _id(item))]
        if found:
            index = found[0]
            return [*whole[:index], *([_without(whole[index], rest)] if rest else ()), *whole[index + 1 :]]
    elif isinstance(whole, dict) and name in whole:
        others = {key: value for key, value in whole.items() if key != name or rest}
        return others | ({name: _without(whole[name], rest)} if rest else {})
    raise KeyError(name)


def _id(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else None


def _joined(base: Any, own: Any) -> Any:
    if isinstance(base, dict) and isinstance(own, dict):
        return base | {key: _joined(base[key], own[key]) if key in base else own[key] for key in own}
    if isinstance(base, list) and isinstance(own, list):
        return [*base, *(item for item in own if item not in base)]
    return own


def _steps(base: Sequence[Mapping[str, Any]], own: Sequence[Mapping[str, Any]]) -> list[Any]:
    joined = {step["id"]: step for step in base}
    for step in own:
        joined[step["id"]] = _joined(joined.get(step["id"], {}), step)
    return list(joined.values())
