"""A catalog in a folder: `components/NAME.yaml` for each component, and `all.yaml`, which lists them for Backstage.

`all.yaml` is derived from the components that are there and belongs to nobody. It is written after a component comes
and before one goes, so that it never names a file that is missing, wherever a kill falls.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from platformctl.backends.catalog import NAME, Registration, component_path
from platformctl.backends.owned_files import OwnedFiles
from platformctl.errors import BadConfig, Moved, Taken
from platformctl.home import write_atomically
from platformctl.model import Owner, Trace

_ALL: Final = "all.yaml"
_TARGET: Final = re.compile(r"\./components/(.+)\.yaml")
"""What lists a component."""
_HEAD: Final = b"# Written by platformctl: everything in components/. Register this file in Backstage once.\n"


class CatalogFiles:
    """The catalog of one organisation, in `folder`; `lock` keeps the writers of one machine apart."""

    def __init__(self, folder: Path, lock: Path, organisation: str) -> None:
        self._folder = folder
        self._files = OwnedFiles(folder, lock)
        self._organisation = organisation
        self._once = False
        self._listed: Collection[str] | None = None
        """The components in the list, when it is looked at once only."""
        self._names: Sequence[str] | None = None

    def look_once(self) -> None:
        self._once = True

    @classmethod
    def configured(cls, platform: Mapping[str, Any], home: Path) -> CatalogFiles:
        """The folder that the platform names, else one in its home folder."""
        organisation = platform["organisation"]
        folder = platform.get("catalog", {}).get("folder") or f"catalog/{organisation}"
        return cls(home / folder, home / "locks" / f"catalog-{organisation}", organisation)

    def check(self) -> None:
        if self._folder.exists() and not self._folder.is_dir():
            raise BadConfig("this is not a folder", where=str(self._folder), hint="The catalog is a folder of files")

    def url(self, name: str) -> str:
        return str(self._folder / component_path(name))

    def names(self) -> Sequence[str]:
        if self._names is not None:
            return self._names
        found = (Path(path).stem for path in self._files.paths("components/*.yaml"))
        names = [name for name in found if NAME.fullmatch(name)]
        if self._once:
            self._names = names
        return names

    def unseen(self) -> str:
        return ""

    def entity(self, name: str) -> Registration | None:
        with self._files.still():
            return self._registration(name, self._in_list())

    def entities(self) -> Sequence[Registration]:
        with self._files.still():
            listed = self._in_list()
            found = [self._registration(name, listed) for name in self.names()]
        return [registration for registration in found if registration is not None]

    def as_left(self, name: str) -> bool:
        with self._files.still():
            seen = self._files.read(component_path(name))
        return seen is not None and seen.as_left

    def trace(self, name: str) -> Trace | None:
        return None

    def register(self, name: str, text: str, owner: Owner, revision: str) -> Registration:
        with self._files.alone():
            self._expect(name, revision)
            self._check_list()
            seen = self._files.read(component_path(name))
            self._files.write(component_path(name), text.encode(), owner, seen.revision if seen else "")
            self._list(self.names())
            registration = self._registration(name, self._in_list())
        assert registration is not None
        return registration

    def unregister(self, name: str, revision: str) -> None:
        with self._files.alone():
            self._expect(name, revision)
            self._check_list()
            self._list([other for other in self.names() if other != name])
            seen = self._files.read(component_path(name))
            self._files.delete(component_path(name), seen.revision if seen else "")

    def _expect(self, name: str, revision: str) -> None:
        found = self._registration(name, self._in_list())
        if (found.revision if found else "") != revision:
            raise Moved(f"{name} was changed in the catalog meanwhile", where=self.url(name))

    def _registration(self, name: str, in_list: Collection[str]) -> Registration | None:
        listed = name in in_list
        seen = self._files.read(component_path(name))
        if seen is None:
            return None
        try:
            text = seen.content.decode()
        except UnicodeDecodeError:
            raise BadConfig("not UTF-8 text", where=self.url(name)) from None
        revision = hashlib.sha256(f"{seen.revision} {listed}".encode()).hexdigest()[:16]
        return Registration(name, text, listed, seen.owner, revision, self.url(name))

    def _all(self) -> bytes:
        try:
            return (self._folder / _ALL).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return b""

    def _in_list(self) -> Collection[str]:
        """The components that `all.yaml` lists; none where it cannot be read."""
        if self._listed is not None:
            return self._listed
        import yaml

        try:
            whole = yaml.load(self._all(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
            targets = whole["spec"]["targets"] if whole["kind"] == "Location" else ()
            found = {match[1] for target in targets if (match := _TARGET.fullmatch(str(target)))}
        except (yaml.YAMLError, KeyError, TypeError):
            found = set()
        if self._once:
            self._listed = found
        return found

    def _check_list(self) -> None:
        if not (self._all() or _HEAD).startswith(_HEAD):
            raise Taken(f"{_ALL} was not written by platformctl", where=str(self._folder), hint="Move it away")

    def _list(self, names: Sequence[str]) -> None:
        """Derive `all.yaml` from the components that are there. Call it under `alone`."""
        file = self._folder / _ALL
        if not names:
            file.unlink(missing_ok=True)
            self._files.sweep(_ALL)
        elif (content := self._location(names)) != self._all():
            write_atomically(file, content)

    def _location(self, names: Sequence[str]) -> bytes:
        import yaml

        location = {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Location",
            "metadata": {"name": f"{self._organisation}-components"},
            "spec": {"targets": [f"./{component_path(name)}" for name in names]},
        }
        return _HEAD + yaml.safe_dump(location, sort_keys=False, allow_unicode=True, width=10**6).encode()
