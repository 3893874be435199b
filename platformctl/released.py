"""What was released, and with which contents: `released.yaml` in a golden path's folder.

A digest is the SHA-256 of a canonical listing: for each file below a folder its git mode, the SHA-256 of its content
and its path, one a line, sorted by path. `__pycache__` and `.terraform` are left out, which tools write by themselves.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from platformctl.document import Document
from platformctl.errors import BadRecipe, NotFound
from platformctl.model import File, Json
from platformctl.recipe import FindVersion
from platformctl.schemas import schema

FILE: Final = "released.yaml"

TOOLS: Final = ("__pycache__", ".terraform")
"""Folders that are not looked at."""
_HEAD: Final = """\
# What was released, and the digests of what it consists of. Written by `platformctl path release`.
# A released version never changes; what is new goes into a new one.
"""


@dataclass(frozen=True)
class Release:
    """A version as it was released."""

    day: date
    sha256: str
    """The digest of its folder."""
    extends: Mapping[str, str] = field(default_factory=dict)
    """The digests of the versions that it extends, by `NAME VERSION`."""
    publishes: Mapping[str, str] = field(default_factory=dict)
    """The digests of folders beside the golden path's that its steps publish, by name."""

    def to_record(self) -> dict[str, Json]:
        """As it stands in the file."""
        more = {"extends": dict(self.extends), "publishes": dict(self.publishes)}
        return {"day": self.day.isoformat(), "sha256": self.sha256, **{key: part for key, part in more.items() if part}}


def read(folder: Path) -> Mapping[str, Release]:
    """The releases of the golden path in a folder, by version; none where there is no file.

    Raises `BadRecipe` for a file that cannot be used.
    """
    file = folder / FILE
    if not file.is_file():
        return {}
    document = Document.load(file, BadRecipe)
    document.check(schema("released"))
    found = {}
    for version, said in document.data["versions"].items():
        try:
            day = date.fromisoformat(said["day"])
        except ValueError:
            where = document.where("versions", version, "day")
            raise BadRecipe(f"there is no day {said['day']}", where=where) from None
        found[version] = Release(day, said["sha256"], said.get("extends", {}), said.get("publishes", {}))
    return found


def text_of(releases: Mapping[str, Release]) -> str:
    """What the file says of these releases, oldest first."""
    versions = {one: {**releases[one].to_record(), "day": releases[one].day} for one in sorted(releases, key=order)}
    return _HEAD + yaml.safe_dump({"schema": 1, "versions": versions}, sort_keys=False, width=10**6)


def order(version: str) -> tuple[int, ...]:
    """1.10.0 comes after 1.9.0."""
    return tuple(map(int, version.split(".")))


def digest(folder: Path) -> str:
    """The digest of everything below a folder. A link counts as what it leads to, unread."""
    lines = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in TOOLS]
        links = [name for name in folders if Path(place, name).is_symlink()]
        for file in (Path(place, name) for name in (*files, *links)):
            mode, content = _looked_at(file)
            path = file.relative_to(folder).as_posix()
            lines.append((path, f"{mode} {hashlib.sha256(content).hexdigest()} {path}\n"))
    listing = "".join(line for _, line in sorted(lines))
    return hashlib.sha256(listing.encode(errors="surrogateescape")).hexdigest()


def _looked_at(file: Path) -> tuple[str, bytes]:
    if file.is_symlink():
        return "120000", os.fsencode(file.readlink())
    made = File(file.read_bytes(), bool(file.stat().st_mode & 0o100))
    return made.mode, made.content


def broken(release: Release, version: str, folder: Path, find: FindVersion) -> Iterator[str]:
    """How a version, such as `service 1.0.0`, is not any more what was released."""
    for name, sha256 in release.extends.items():
        try:
            base = find(*name.split(" "))
        except NotFound:
            yield f"{name}, which {version} extends, is not there"
            continue
        if digest(base) != sha256:
            yield f"{name}, which {version} extends, has changed since {version} was released on {release.day}"
    if digest(folder) != release.sha256:
        yield f"{version} has changed since it was released on {release.day}"


def changed_beside(release: Release, version: str, root: Path) -> Iterator[str]:
    """Folders beside the golden path's that are not any more what a version of it has published."""
    for name, sha256 in release.publishes.items():
        if digest(root / name) != sha256:
            yield f"{name}, which {version} publishes, has changed since it was released on {release.day}"
