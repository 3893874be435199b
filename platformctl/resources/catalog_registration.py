"""`uses: catalog_registration`: the catalog knows the service, as its own catalog-info.yaml describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from platformctl.action import Applied, Inputs, Left, Undone
from platformctl.backends.catalog import Catalog, Registration
from platformctl.errors import BadConfig, BadRecipe, Moved, Taken
from platformctl.model import Address, Change, Difference, Drift, Json, Kind, Observed, Owner, Trace, differences

_FILE: Final = "catalog-info.yaml"
_LISTING: Final = "listing"


class CatalogRegistration:
    """One component of the catalog, with the very text that its repository has."""

    PORT: ClassVar = "catalog"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["name", "files"],
        "additionalProperties": False,
        "properties": {
            "name": {
                "type": "string",
                "pattern": "^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$",
                "description": "The component's name, as in its catalog-info.yaml.",
            },
            "files": {"type": "object", "description": "Rendered files: the output of `catalog_entity`."},
            "depends_on": {
                "type": "array",
                "items": {"type": "string", "description": "A component's name."},
                "description": "What it depends on; the plan names those that the catalog does not know.",
            },
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {
            "ref": {"type": "string", "description": "How entities refer to it: `component:default/payments-api`."},
            "url": {"type": "string", "description": "Where a person looks at it."},
        },
    }

    def __init__(self, port: Catalog) -> None:
        self._catalog = port

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        """Raises `BadRecipe` when the files hold no catalog-info.yaml."""
        if _FILE not in inputs["files"]:
            raise BadRecipe(f"files: there is no {_FILE} among them")
        return {_address(inputs): {"text": inputs["files"][_FILE].content.decode(), "listed": True}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        known = list(self._catalog.names()) if inputs.get("depends_on") else []
        return {_address(inputs): _observed(self._catalog.entity(inputs["name"]), known)}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        name = inputs["name"]
        return {"ref": f"component:default/{name}", "url": self._catalog.url(name)}

    def differences(self, inputs: Inputs, address: Address, observed: Observed) -> Sequence[Difference]:
        wanted = self.desired(inputs)[address]
        if observed.value is None or observed.value == wanted:
            return []
        listing = [] if observed.value["listed"] else [Difference("+", _LISTING, "the catalog does not list it")]
        return [*listing, *_text_differences(wanted["text"], observed.value["text"])]

    def texts(self, inputs: Inputs, change: Change, line: Difference) -> tuple[str, str] | None:
        if line.what == _LISTING:
            return None
        return (change.before or {}).get("text", ""), change.after["text"]

    def unseen(self, inputs: Inputs) -> str:
        return self._catalog.unseen()

    def drift(self, inputs: Inputs, change: Change, line: Difference, seen: Observed) -> Drift:
        if line.what == _LISTING:
            return Drift.MISSING
        if self._catalog.as_left(inputs["name"]):
            return Drift.BEHIND
        return Drift.EDITED if seen.facts["in_git"] else Drift.OUT_OF_BAND

    def trace(self, inputs: Inputs, change: Change, line: Difference) -> Trace | None:
        return self._catalog.trace(inputs["name"])

    def notes(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Sequence[str]:
        known = observed[_address(inputs)].facts["known"]
        missing = sorted(set(inputs.get("depends_on", ())) - {*known, inputs["name"]})
        return [f"{inputs['name']} depends on {name}, which is not in the catalog" for name in missing]

    def apply(self, inputs: Inputs, change: Change) -> Applied:
        assert change.owner is not None
        made = self._catalog.register(inputs["name"], change.after["text"], change.owner, change.revision)
        return Applied(_observed(made, []))

    def undo(self, change: Change) -> Undone | Left:
        name = change.address.rpartition("/")[2]
        found = self._catalog.entity(name)
        if found is None and change.before is not None:
            return Left("it was removed since")
        if found is not None:
            if _value(found) == change.before:
                return Undone()
            if found.revision != change.left and not _made_by(change, found):
                return Left("it was changed since")
            if change.before is not None and change.before["text"] == found.text:
                return Left("a component that was not listed is not taken off the list again")
        try:
            if change.kind is Kind.CREATE:
                self._catalog.unregister(name, found.revision if found else "")
            else:
                assert found is not None and change.owner is not None
                self._catalog.register(name, change.before["text"], change.owner, found.revision)
        except (Moved, Taken) as why:
            return Left(why.what)
        return Undone()


def _address(inputs: Inputs) -> Address:
    return f"catalog/component/{inputs['name']}"


def _value(found: Registration) -> Mapping[str, Json]:
    return {"text": found.text, "listed": found.listed}


def _observed(found: Registration | None, known: Sequence[str]) -> Observed:
    if found is None:
        return Observed(facts={"known": known})
    facts = {"known": known, "in_git": found.in_git}
    return Observed(_value(found), found.revision, found.owner or Owner("", ""), facts)


def _made_by(change: Change, found: Registration) -> bool:
    """Whether this is what the run wrote, listed or, after a kill, not."""
    return found.owner == change.owner and found.text == change.after["text"]


def _text_differences(wanted: str, found: str) -> Sequence[Difference]:
    if wanted == found:
        return []
    try:
        lines = differences(_by_kind(wanted), _by_kind(found))
    except BadConfig as problem:
        return [Difference("~", _FILE, problem.what)]
    return lines or [Difference("~", _FILE, "comments or layout")]


def _by_kind(text: str) -> Mapping[str, Any]:
    entities = Registration("", text, True, None, "", "").entities
    return {str(entity.get("kind", "")).lower(): entity for entity in entities}
