"""Golden paths on disk: which there are, who owns them, which versions they have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformctl.document import Document
from platformctl.errors import BadRecipe, NotFound
from platformctl.schemas import schema

_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True)
class Notice:
    """What is said of a version that is not to be used any more."""

    status: str
    """`deprecated` or `withdrawn`."""
    since: str
    """A day, as ISO 8601 writes it."""
    reason: str


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
    """Oldest first."""
    notices: Mapping[str, Notice] = field(default_factory=dict)
    """By version."""

    @property
    def latest(self) -> str:
        """The newest version."""
        return self.versions[-1]

    def version_folder(self, version: str = "") -> Path:
        """The folder of a version, the newest by default. Raises `NotFound` naming those there are."""
        wanted = version or self.latest
        if wanted not in self.versions:
            raise NotFound(
                f"golden path {self.name!r} has no version {wanted!r}",
                hint=f"It has {', '.join(self.versions)}",
            )
        return self.folder / wanted


def shipped() -> Path:
    """The folder of golden paths that came with this platformctl: in the wheel, or beside an editable checkout."""
    package = Path(__file__).parent
    inside = package / "_golden_paths"
    return inside if inside.is_dir() else package.parent / "golden_paths"


def find_all(roots: Iterable[Path]) -> Mapping[str, GoldenPath]:
    """Every golden path under the roots, by name; an earlier root wins. Raises `BadRecipe` for a broken path.yaml."""
    found: dict[str, GoldenPath] = {}
    for root in roots:
        for file in sorted(root.glob("*/path.yaml")):
            if file.parent.name not in found:
                found[file.parent.name] = _load(file)
    return found


def find(roots: Iterable[Path], name: str) -> GoldenPath:
    """One golden path. Raises `NotFound` naming those there are."""
    roots = list(roots)
    for root in roots:
        if name and "/" not in name and (file := root / name / "path.yaml").is_file():
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
    versions = sorted(folders, key=lambda text: tuple(map(int, text.split("."))))
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
        notices={version: Notice(**notice) for version, notice in data.get("versions", {}).items()},
    )
