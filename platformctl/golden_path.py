"""Golden paths on disk: which there are, who owns them, which versions they have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from platformctl import notices, released
from platformctl.document import Document
from platformctl.errors import BadRecipe, NotFound
from platformctl.notices import Deprecation, Milestone, Notice
from platformctl.recipe import FindVersion
from platformctl.released import Release, order
from platformctl.schemas import schema

FILE: Final = "path.yaml"
_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True)
class GoldenPath:
    """A named, owned product with versions."""

    name: str
    title: str
    owner: str
    support: str
    lifecycle: str
    internal: bool
    folder: Path
    versions: tuple[str, ...]
    """Oldest first, drafts among them."""
    notices: Mapping[str, Notice] = field(default_factory=dict)
    """By version, or by `1.x` for all of a major one."""
    deprecations: tuple[Deprecation, ...] = ()
    """Parts that are going to be removed."""
    roadmap: tuple[Milestone, ...] = ()
    releases: Mapping[str, Release] = field(default_factory=dict)
    """By version; empty while nothing of it was released."""

    @property
    def latest(self) -> str:
        """The newest version that is offered; where none is, the newest there is."""
        return (self.offered or self._ready or self.versions)[-1]

    @property
    def offered(self) -> tuple[str, ...]:
        """The versions that somebody gets who names none: no drafts, unless there are only drafts; none withdrawn."""
        noticed = {version: self.notice(version) for version in self._ready}
        return tuple(version for version, said in noticed.items() if said is None or said.status != "withdrawn")

    @property
    def _ready(self) -> tuple[str, ...]:
        """Released versions; while nothing was released, all of them."""
        return tuple(version for version in self.versions if not self.releases or version in self.releases)

    def notice(self, version: str) -> Notice | None:
        """What is said of a version, of itself or of all of its major one."""
        return self.notices.get(version) or self.notices.get(f"{version.partition('.')[0]}.x")

    def version_folder(self, version: str = "") -> Path:
        """The folder of a version, the newest that is offered by default. Raises `NotFound` naming those there are."""
        wanted = version or self.latest
        if wanted not in self.versions:
            raise NotFound(
                f"golden path {self.name!r} has no version {wanted!r}",
                hint=f"It has {', '.join(self.versions)}",
            )
        return self.folder / wanted

    def check(self, version: str, find: FindVersion) -> None:
        """Raise `BadRecipe` when a version, or one that it extends, is not any more what was released."""
        if release := self.releases.get(version):
            folder = self.folder / version
            for what in released.broken(release, f"{self.name} {version}", folder, find):
                hint = "A released version never changes: take that back, and make a new version"
                raise BadRecipe(what, where=str(folder), hint=hint)


def shipped() -> Path:
    """The folder of golden paths that came with this platformctl: in the wheel, or beside an editable checkout."""
    package = Path(__file__).parent
    inside = package / "_golden_paths"
    return inside if inside.is_dir() else package.parent / "golden_paths"


def find_all(roots: Iterable[Path]) -> Mapping[str, GoldenPath]:
    """Every golden path under the roots, by name; an earlier root wins. Raises `BadRecipe` for a broken path.yaml."""
    found: dict[str, GoldenPath] = {}
    for root in roots:
        for file in sorted(root.glob(f"*/{FILE}")):
            if file.parent.name not in found:
                found[file.parent.name] = _load(file)
    return found


def find(roots: Iterable[Path], name: str) -> GoldenPath:
    """One golden path. Raises `NotFound` naming those there are."""
    roots = list(roots)
    for root in roots:
        if name and "/" not in name and (file := root / name / FILE).is_file():
            return _load(file)
    known = ", ".join(path.name for path in find_all(roots).values() if not path.internal)
    raise NotFound(f"there is no golden path {name!r}", hint=f"There is: {known}")


def _load(file: Path) -> GoldenPath:
    document = Document.load(file, BadRecipe)
    document.check(schema("path"))
    data = document.data
    if data["name"] != file.parent.name:
        raise BadRecipe(f"the name {data['name']!r} is not the folder's", where=document.where("name"))
    folders = (child.name for child in file.parent.iterdir() if _VERSION.fullmatch(child.name))
    versions = sorted(folders, key=order)
    if not versions:
        raise BadRecipe("this golden path has no version", where=str(file.parent))
    return GoldenPath(
        name=data["name"],
        title=data["title"],
        owner=data["owner"],
        support=data["support"],
        lifecycle=data["lifecycle"],
        internal=data.get("internal", False),
        folder=file.parent,
        versions=tuple(versions),
        notices=notices.notices(document),
        deprecations=notices.deprecations(document),
        roadmap=notices.milestones(data.get("roadmap", ())),
        releases=released.read(file.parent),
    )
