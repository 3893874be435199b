"""How well a version of a golden path fits a repository, in points, with the reason for each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from platformctl.adoption.contents import Contents
from platformctl.adoption.signs import Signs
from platformctl.errors import BadInput
from platformctl.model import Json

LANGUAGE: Final = 40
"""Points for being written in a language of the path."""
ASIDE: Final = 30
"""Points for that when the repository has more of another language."""
EVENTS: Final = 40
"""Points for getting events as services of the path do."""
HINT: Final = 20
"""Points for a library that such services have, and others too."""
FILES: Final = 20
"""Points for having every file of the path already, under its name or one that means the same."""
ENOUGH: Final = 60
"""Points from which on a path fits."""
CLOSE: Final = 5
"""Two paths that are no further apart than this fit equally well."""


@dataclass(frozen=True)
class Candidate:
    """A version of a golden path."""

    path: str
    version: str
    languages: Collection[str]
    """What its services can be written in; empty: anything."""
    driver: str
    """How its services get their events; empty where the path does not say."""
    signs: Signs
    """By what that is told."""
    files: Collection[str] = ()
    """The files that it would give this repository."""


@dataclass(frozen=True)
class Fit:
    """How well one fits."""

    path: str
    version: str
    points: int
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        """The path with its version."""
        return f"{self.path} {self.version}"

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {"path": self.path, "version": self.version, "points": self.points, "reasons": list(self.reasons)}


def language_of(contents: Contents, languages: Collection[str]) -> str:
    """The language of a repository among these, or whatever it is written in where they are none; empty: no such."""
    return next((one.name for one in contents.languages if not languages or one.name in languages), "")


def fit(contents: Contents, candidate: Candidate) -> Fit:
    """How well a version of a golden path fits a repository, of 100 points."""
    language = language_of(contents, candidate.languages)
    parts = [
        _language(contents, candidate, language),
        _events(contents, candidate, language),
        _files(contents, candidate),
    ]
    points = sum(part[0] for part in parts)
    if not language:
        points = 0
    reasons = tuple(f"{why} (+{gained})" if gained else why for gained, why in parts if why)
    return Fit(candidate.path, candidate.version, points, reasons)


def _language(contents: Contents, candidate: Candidate, language: str) -> tuple[int, str]:
    if not contents.languages:
        return 0, "no file of a known language"
    main = contents.languages[0]
    if not language:
        return 0, f"{main.name} ({main.evidence}), and the path is for {', '.join(candidate.languages)}"
    if language == main.name:
        return LANGUAGE, f"{language}: {main.evidence}"
    other = next(one for one in contents.languages if one.name == language)
    return ASIDE, f"{language} beside {main.name}: {other.evidence}"


def _events(contents: Contents, candidate: Candidate, language: str) -> tuple[int, str]:
    if not candidate.driver:
        return 0, "the path does not say how its services get their events"
    signs = candidate.signs
    for library in signs.libraries.get(language, ()):
        if manifest := contents.depends_on(library):
            return EVENTS, f"{candidate.driver}: {manifest} names {library}"
    for text in signs.calls.get(language, ()):
        if place := contents.first(text, language):
            return EVENTS, f"{candidate.driver}: {place} has {text}"
    for library in signs.hints.get(language, ()):
        if manifest := contents.depends_on(library):
            return HINT, f"{candidate.driver}, perhaps: {manifest} names {library}"
    return 0, f"{candidate.driver}: no library or call that shows it"


def _files(contents: Contents, candidate: Candidate) -> tuple[int, str]:
    there = [path for path in candidate.files if contents.like(path)]
    if not there:
        return 0, ""
    share = len(there) / len(candidate.files)
    return round(FILES * share), f"has {len(there)} of its {len(candidate.files)} files"


def best(repository: str, contents: Contents, fits: Sequence[Fit]) -> Fit:
    """The one that fits best, of one path the newest. Raises `BadInput` when none does, or two equally well.

    Versions of a path stand in `fits` with the newest first.
    """
    ranked = sorted(fits, key=lambda one: -one.points)
    if not ranked:
        raise BadInput("this platform has no golden path", hint="See platformctl path list")
    first = ranked[0]
    if first.points < ENOUGH:
        looked_at = f"of its {len(contents.entries)} files, {len(contents.texts)} were read"
        raise BadInput(
            f"no golden path fits {repository} ({looked_at}): the nearest is {first.name} with {first.points} of 100 "
            f"points ({'; '.join(first.reasons)})",
            hint="Choose one with --path, if it is meant to be that",
        )
    for other in ranked[1:]:
        if other.path != first.path and first.points - other.points <= CLOSE:
            raise BadInput(
                f"{first.name} and {other.name} fit {repository} equally well, with {first.points} and {other.points} "
                "of 100 points",
                hint=f"Choose with --path {first.path} or --path {other.path}",
            )
    return first
