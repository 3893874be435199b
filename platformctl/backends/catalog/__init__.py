"""The port to a software catalog: what there is, whose it is and what it depends on, as Backstage entities.

Every write is a compare-and-swap on what was read. `Moved` means that the swap lost and nothing was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from platformctl.errors import BadConfig, NotFound
from platformctl.model import Owner, Trace

NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")
"""What a component can be called."""


def component_path(name: str) -> str:
    """Where a component's file is in a catalog that is made of files. Raises `NotFound` for what is no name."""
    if not NAME.fullmatch(name):
        raise NotFound(f"{name!r} cannot be a component's name")
    return f"components/{name}.yaml"


@dataclass(frozen=True)
class Registration:
    """One component as the catalog has it."""

    name: str
    text: str
    """Its catalog-info.yaml."""
    listed: bool
    """Whether whoever reads the catalog as a whole is told of it."""
    owner: Owner | None
    """None for one that platformctl did not register."""
    revision: str
    place: str
    """Where a person looks at it."""
    in_git: bool = False
    """Whether the catalog is a repository, in which people edit."""

    @property
    def entities(self) -> Sequence[Mapping[str, Any]]:
        """Its entities; every scalar in them is text. Raises `BadConfig` for a text that cannot be read."""
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        try:
            return [found for found in yaml.load_all(self.text, loader) if isinstance(found, dict)]
        except (yaml.YAMLError, RecursionError):
            raise BadConfig("not valid YAML", where=self.place) from None


class Catalog(Protocol):
    """What platformctl needs of a catalog."""

    def check(self) -> None:
        """Raise `NoAccess` or `BadConfig` when the catalog cannot be used."""

    def unseen(self) -> str:
        """Why a component that seems not to be there may only not be seen; empty when it is not there."""

    def url(self, name: str) -> str:
        """Where a person looks at a component, registered or not."""

    def names(self) -> Sequence[str]:
        """Every component's name, sorted."""

    def entity(self, name: str) -> Registration | None:
        """One component, or None when the catalog does not know it."""

    def entities(self) -> Sequence[Registration]:
        """Every component, by name."""

    def as_left(self, name: str) -> bool:
        """Whether a component is known to be what platformctl registered last."""

    def trace(self, name: str) -> Trace | None:
        """Who changed a component last, where somebody keeps that."""

    def register(self, name: str, text: str, owner: Owner, revision: str) -> Registration:
        """Put a component that stands at `revision` (empty: it is not there) to this text, and list it.

        Raises `Moved`, and `Taken` when it is somebody else's.
        """

    def unregister(self, name: str, revision: str) -> None:
        """Remove a component that stands at `revision`, or what is left of a registration that was killed.

        Raises `Moved`.
        """
