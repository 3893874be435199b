"""A catalog in the repository `catalog` of the forge: `components/NAME.yaml` for each component.

Each component is one file, swapped by its blob hash. Its last line is a comment that says whose it is. `all.yaml`,
which `init` puts there, tells Backstage of all of them by a wildcard, so nothing has to be derived.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from platformctl.backends.catalog import NAME, Registration, component_path
from platformctl.backends.forge import Forge, Touch
from platformctl.errors import BadConfig, Moved, Taken
from platformctl.model import Owner, Trace

REPOSITORY: Final = "catalog"
_BRANCH: Final = "main"
_LOOKED_AT: Final = 20
"""Commits of a component that are looked at for the last one of platformctl's."""
_MARK: Final = re.compile(r"(?:(?<=\n)|^)# platformctl: ([a-z0-9-]+) ([A-Za-z0-9-]+)(\n?)\Z")
"""Ends in a newline where the text before it does, so that every text comes back as it was."""


class CatalogRepository:
    """The catalog of one organisation, in a repository of its forge."""

    PORTS: ClassVar[Sequence[str]] = ("forge",)

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path, forge: Forge) -> CatalogRepository:
        """The catalog on the platform's forge."""
        return cls(forge)

    def check(self) -> None:
        self._forge.check()

    def url(self, name: str) -> str:
        return f"{self._forge.files_url(REPOSITORY, _BRANCH)}{component_path(name)}"

    def names(self) -> Sequence[str]:
        return sorted(self._blobs())

    def unseen(self) -> str:
        # A forge says of what a credential may not see that it is not there.
        there = self._forge.head(REPOSITORY, _BRANCH) or self._forge.repository(REPOSITORY) is not None
        return "" if there else f"there is no repository {REPOSITORY} to be seen"

    def entity(self, name: str) -> Registration | None:
        found = self._forge.file(REPOSITORY, _BRANCH, component_path(name))
        return None if found is None else self._registration(name, *found)

    def entities(self) -> Sequence[Registration]:
        found = sorted(self._blobs().items())
        return [self._registration(name, self._forge.blob(REPOSITORY, blob), blob) for name, blob in found]

    def as_left(self, name: str) -> bool:
        touches = self._touches(name, _LOOKED_AT)
        ours = next((touch for touch in touches if touch.owner.service), None)
        if ours is None or ours is touches[0]:
            return ours is not None
        found, path = self._forge.file(REPOSITORY, _BRANCH, component_path(name)), component_path(name)
        return found is not None and self._forge.read(REPOSITORY, ours.commit, path) == found[0]

    def trace(self, name: str) -> Trace | None:
        for touch in self._touches(name, 1):
            return Trace(touch.author, touch.at, ours=bool(touch.owner.service))
        return None

    def _touches(self, name: str, most: int) -> Sequence[Touch]:
        head = self._forge.head(REPOSITORY, _BRANCH)
        return self._forge.touched(REPOSITORY, head, component_path(name), most) if head else ()

    def register(self, name: str, text: str, owner: Owner, revision: str) -> Registration:
        found = self.entity(name) if revision else None
        if found is not None and (found.owner is None or found.owner.service != owner.service):
            raise Taken(f"{name} is in the catalog already", where=self.url(name))
        mark = f"# platformctl: {owner.service} {owner.run}"
        content = (f"{text}{mark}\n" if text.endswith("\n") else f"{text}\n{mark}").encode()
        # The text's mark stays when people edit the text; the commit's says what platformctl has written.
        said = f"Register {name}\n\nPlatformctl-Service: {owner.service}\nPlatformctl-Run: {owner.run}\n"
        blob = self._forge.put_file(REPOSITORY, _BRANCH, component_path(name), content, revision, said)
        return self._registration(name, content, blob)

    def unregister(self, name: str, revision: str) -> None:
        if revision:
            self._forge.put_file(REPOSITORY, _BRANCH, component_path(name), None, revision, f"Take {name} out\n")
        elif self.entity(name) is not None:
            raise Moved(f"{name} was put into the catalog meanwhile", where=self.url(name))

    def _blobs(self) -> Mapping[str, str]:
        """Every component's file, by the component's name."""
        head = self._forge.head(REPOSITORY, _BRANCH)
        found = self._forge.tree(REPOSITORY, head, "components") if head else {}
        blobs = {path.removesuffix(".yaml"): entry.blob for path, entry in found.items() if path.endswith(".yaml")}
        return {name: blob for name, blob in blobs.items() if NAME.fullmatch(name)}

    def _registration(self, name: str, content: bytes, blob: str) -> Registration:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise BadConfig("not UTF-8 text", where=self.url(name)) from None
        owner = None
        if found := _MARK.search(text):
            owner = Owner(found[1], found[2])
            text = text[: found.start()] if found[3] else text[: found.start() - 1]
        return Registration(name, text, True, owner, blob, self.url(name), in_git=True)
