"""File by file: what a golden path adds to a repository, and what stays as the team has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from platformctl.adoption.contents import Contents
from platformctl.adoption.languages import is_manifest, is_source, sources
from platformctl.model import Json
from platformctl.overrides import Override

DAYS: Final = 90
"""How long the team's own stands in for a file that the platform keeps on every other service."""
_GOES_WITH: Final = {".dockerignore": "Dockerfile"}
"""Files that make sense only beside another: the path's would keep the team's image from being built."""


class Fate(StrEnum):
    """What becomes of a file of the path."""

    ADDED = "added"
    EQUAL = "equal"
    """It is there already, as the path has it."""
    TEAM = "team"
    """The team has one of its own there, which stays."""
    LEFT_OUT = "left out"
    """It belongs to an application, and the team has its own."""


@dataclass(frozen=True)
class Verdict:
    """What becomes of one file, and why."""

    path: str
    kind: str
    """`managed`, `merged` or `seeded`."""
    fate: Fate
    stands: str = ""
    """The team's file in its place, or the one that it would go with."""

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {"path": self.path, "kind": self.kind, "fate": self.fate.value, "stands": plain(self.stands)}


def verdicts(contents: Contents, wanted: Mapping[str, str], kinds: Mapping[str, str], language: str) -> list[Verdict]:
    """What becomes of each file of the path, sorted. `wanted` are mode and blob hash by path, as in the repository."""
    own = [path for path in sources(contents.entries, language) if wanted.get(path) != contents.entries[path]]
    application = _application(wanted, language) if own else frozenset()
    found = []
    for path in sorted(wanted):
        fate, stands = _fate(contents, path, wanted[path], application)
        found.append(Verdict(path, kinds[path], fate, stands))
    fates = {one.path: one for one in found}
    return [_beside(one, fates) for one in found]


def _fate(contents: Contents, path: str, wanted: str, application: frozenset[str]) -> tuple[Fate, str]:
    if contents.entries.get(path) == wanted:
        return Fate.EQUAL, path
    if there := contents.like(path) or contents.in_the_way(path):
        return Fate.TEAM, there
    return (Fate.LEFT_OUT, "") if path in application else (Fate.ADDED, "")


def _beside(verdict: Verdict, verdicts: Mapping[str, Verdict]) -> Verdict:
    other = verdicts.get(_GOES_WITH.get(verdict.path, ""))
    if verdict.fate is Fate.ADDED and other and other.fate is Fate.TEAM:
        return Verdict(verdict.path, verdict.kind, Fate.LEFT_OUT, other.stands)
    return verdict


def _application(wanted: Iterable[str], language: str) -> frozenset[str]:
    """The path's files that are an application: source code, what stands in a folder with it, and manifests."""
    wanted = frozenset(wanted)
    folders = {path.partition("/")[0] for path in wanted if "/" in path and is_source(path, language)}
    below = {path for path in wanted if "/" in path and path.partition("/")[0] in folders}
    return frozenset(below | {path for path in wanted if is_source(path, language) or is_manifest(path, language)})


def file_overrides(verdicts: Sequence[Verdict], decided_by: str, today: date) -> Iterator[Override]:
    """Overrides by which the team's files stay the team's: with an end where the platform would keep the file.

    Files of one folder that all stay are one override of the folder.
    """
    staying = [one for one in verdicts if one.fate is Fate.LEFT_OUT or (one.fate is Fate.TEAM and one.kind != "seeded")]
    whole = set(_folders(verdicts))
    told: set[str] = set()
    for one in staying:
        folder = one.path.partition("/")[0]
        file = f"{folder}/*" if folder in whole and "/" in one.path else one.path
        if file in told:
            continue
        told.add(file)
        covered = [other for other in staying if Override("", "", today, file=file).covers(other.path)]
        ends = any(other.kind == "managed" for other in covered)
        yield Override(
            why=f"Adopted as it was: {_why(one, folder=file != one.path)}",
            decided_by=decided_by,
            since=today,
            until=today + timedelta(days=DAYS) if ends else None,
            file=file,
        )


def _folders(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Folders at the top of which the repository takes no file of the path, and the path leaves one out."""
    for folder in {one.path.partition("/")[0] for one in verdicts if "/" in one.path}:
        fates = {one.fate for one in verdicts if one.path.startswith(f"{folder}/")}
        if Fate.LEFT_OUT in fates and not fates & {Fate.ADDED, Fate.EQUAL}:
            yield folder


def _why(verdict: Verdict, *, folder: bool) -> str:
    if folder or (verdict.fate is Fate.LEFT_OUT and not verdict.stands):
        return "the application is the team's own"
    if verdict.fate is Fate.LEFT_OUT:
        return f"it would go with {plain(verdict.stands)}, which is the team's own"
    if verdict.stands == verdict.path:
        return "the file is the team's own"
    return f"the team has {plain(verdict.stands)}"


def plain(text: str) -> str:
    """A name of a file as text on one line, whatever bytes it is made of."""
    return " ".join(text.encode(errors="replace").decode().split())
