"""`platformctl catalog list`, `show` and `graph`: what there is, who owns it and what depends on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

from platformctl.commands.dependencies import Dependencies
from platformctl.commands.session import Session
from platformctl.errors import Failure, NotFound
from platformctl.model import Json

_SLUG: Final = re.compile(r"[a-z]([a-z0-9-]{0,37}[a-z0-9])?")
"""What a team can be called."""


@dataclass(frozen=True)
class Component:
    """One component as its entity describes it; what the entity does not say is empty."""

    name: str
    type: str
    description: str
    team: str
    system: str
    lifecycle: str
    tier: str
    visibility: str
    environments: tuple[str, ...]
    on_call: str
    golden_path: str
    tags: tuple[str, ...]
    links: Mapping[str, str]
    """URLs by title."""
    depends_on: tuple[str, ...]
    """Names of components; references of anything else."""
    provides_apis: tuple[str, ...]
    place: str
    """Where the catalog has it."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return asdict(self)


def listed(session: Session, team: str = "") -> list[Component]:
    """Every component in the catalog, or a team's, by name. Raises `BadConfig` for an entity that cannot be read."""
    found = {component.name: component for component in _components(session.wiring.ports["catalog"].entities())}
    return [component for _, component in sorted(found.items()) if team in ("", component.team)]


def show(name: str, session: Session) -> tuple[Component, Dependencies]:
    """One component, and the dependencies of all. Raises `NotFound`."""
    components = {component.name: component for component in listed(session)}
    if name not in components:
        raise _unknown(name, components)
    return components[name], dependencies(components.values())


def graph(name: str, session: Session) -> tuple[dict[str, Component], Dependencies]:
    """Every component and their dependencies; with a name, those that matter to it. Raises `NotFound`."""
    components = {component.name: component for component in listed(session)}
    whole = dependencies(components.values())
    if not name:
        return components, whole
    if name not in whole.dependents:
        raise _unknown(name, components)
    return components, whole.around(name)


def dependencies(components: Iterable[Component]) -> Dependencies:
    """Who depends on whom."""
    return Dependencies({component.name: component.depends_on for component in components})


def owner_of(session: Session, name: str) -> str:
    """The slug of the team that a component belongs to; empty where the catalog names none, or cannot be asked."""
    with suppress(Failure, OSError):
        if found := session.wiring.ports["catalog"].entity(name):
            team = next((one.team for one in _components([found]) if one.name == name), "")
            return team if _SLUG.fullmatch(team) else ""
    return ""


def _unknown(name: str, known: Mapping[str, Component]) -> NotFound:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "See platformctl catalog list"
    return NotFound(f"{name!r} is not in the catalog", hint=hint)


def _components(registrations: Iterable[Any]) -> Iterator[Component]:
    for registration in registrations:
        for entity in registration.entities:
            if entity.get("kind") == "Component" and _text(_mapping(entity, "metadata"), "name"):
                yield _component(entity, registration.place)


def _component(entity: Mapping[str, Any], place: str) -> Component:
    about, spec = _mapping(entity, "metadata"), _mapping(entity, "spec")
    notes = _mapping(about, "annotations")
    path = f"{_text(notes, 'platformctl/golden-path')} {_text(notes, 'platformctl/golden-path-version')}"
    return Component(
        name=_text(about, "name"),
        type=_text(spec, "type"),
        description=_text(about, "description"),
        team=_short(_text(spec, "owner"), "group"),
        system=_short(_text(spec, "system"), "system"),
        lifecycle=_text(spec, "lifecycle"),
        tier=_text(notes, "platformctl/tier"),
        visibility=_text(notes, "platformctl/visibility"),
        environments=tuple(_text(notes, "platformctl/environments").replace(",", " ").split()),
        on_call=_text(notes, "platformctl/on-call"),
        golden_path=path.strip(),
        tags=tuple(_texts(about, "tags")),
        links={
            _text(link, "title") or _text(link, "url"): _text(link, "url")
            for link in _items(about, "links")
            if isinstance(link, dict)
        },
        depends_on=tuple(_short(ref, "component") for ref in _texts(spec, "dependsOn")),
        provides_apis=tuple(_short(ref, "api") for ref in _texts(spec, "providesApis")),
        place=place,
    )


def _short(reference: str, kind: str) -> str:
    """The name in a reference to an entity of the kind that is expected, else the whole reference."""
    before, colon, rest = reference.rpartition(":")
    if colon and before.lower() != kind:
        return reference
    return rest.removeprefix("default/")


def _mapping(entity: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = entity.get(key)
    return found if isinstance(found, dict) else {}


def _text(entity: Mapping[str, Any], key: str) -> str:
    """A text on one line."""
    found = entity.get(key)
    return " ".join(found.split()) if isinstance(found, str) else ""


def _texts(entity: Mapping[str, Any], key: str) -> Sequence[str]:
    return [item for item in _items(entity, key) if isinstance(item, str)]


def _items(entity: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = entity.get(key)
    return found if isinstance(found, list) else ()
