"""Whether what breaks services was announced early enough: in `path.yaml`, and on the day that its history shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from platformctl.commands.path_test import Check
from platformctl.commands.session import Session
from platformctl.comparison.rules import Changed
from platformctl.document import Document
from platformctl.errors import BadRecipe, Failure, NoAccess, ToolFailed
from platformctl.golden_path import FILE, GoldenPath
from platformctl.notices import DAYS, Deprecation, days
from platformctl.released import order
from platformctl.stack.git import Git
from platformctl.stack.tools import Tools

_LATE: Final = timedelta(days=1)
"""How much later than it says an announcement may have been committed."""


@dataclass(frozen=True)
class Announced:
    """What a golden path has announced before a version, which is released on a day."""

    path: GoldenPath
    version: str
    day: date
    session: Session

    def check(self, breaking: Sequence[Changed]) -> Check:
        """Whether each breaking change was announced, and early enough."""
        needed = {change: self._needed(change) for change in breaking}
        notes = dict.fromkeys(filter(None, (self._unshown(one) for one in needed.values() if one)))
        problems = [why for change, one in needed.items() if (why := self._why_not(change, one))]
        return Check(f"{DAYS} days of notice", problems, list(notes))

    def _needed(self, change: Changed) -> Deprecation | None:
        """The announcement by which a change may come first; one that git contradicts only if it is alone."""
        said = [one for one in self._of(change) if order(self.version) >= order(one.removed_in or self.version)]
        return min(said, key=lambda one: (self._contradicted(one), one.earliest), default=None)

    def _of(self, change: Changed) -> Sequence[Deprecation]:
        return [one for one in self.path.deprecations if one.covers(change.target)]

    def _why_not(self, change: Changed, one: Deprecation | None) -> str:
        """Why a breaking change cannot be released on this day, or an empty string."""
        if one is None and (others := self._of(change)):
            return f"{change.said} was announced for {others[0].removed_in}, and this is {self.version}"
        if one is None:
            first = self.session.today + timedelta(DAYS)
            return f"{change.said} was not announced; announce it in path.yaml today, and it can go on {first}"
        if self._contradicted(one):
            shown = self._shown[one.what]
            says = f"was announced on {one.since}, as path.yaml says, and git has that since {shown}"
            return f"{change.said} {says}: set since to {shown}, and it can go on {replace(one, since=shown).earliest}"
        left = (one.earliest - self.day).days
        return f"{change.said} can go on {one.earliest}, in {days(left)}" if left > 0 else ""

    def _contradicted(self, one: Deprecation) -> bool:
        return self._shown.get(one.what, one.since) > one.since + _LATE

    def _unshown(self, one: Deprecation) -> str:
        """What to say where git does not show the day of an announcement, or an empty string."""
        why = self._history.what if isinstance(self._history, Failure) else "it is not committed"
        return "" if one.what in self._shown else f"nothing shows since when {one.what} has been announced: {why}"

    @property
    def _shown(self) -> Mapping[str, date]:
        return {} if isinstance(self._history, Failure) else self._history

    @cached_property
    def _history(self) -> Mapping[str, date] | Failure:
        try:
            return first_commits(self.path.folder, Tools(self.session.wiring.config.tools_folder))
        except (NoAccess, ToolFailed) as failure:
            return failure


def first_commits(folder: Path, tools: Tools) -> Mapping[str, date]:
    """The day of the first commit in which a golden path's `path.yaml` announces a part, by part.

    It is the committer's day: an author's is whatever somebody says. Raises `NoAccess` without git, and `ToolFailed`
    where it has no history, or not all of it.
    """
    git = Git(tools.find("git"), folder, {})
    if git.run("rev-parse", "--is-shallow-repository").strip() == "true":
        raise ToolFailed("the clone is shallow", where=str(folder))
    found: dict[str, date] = {}
    for seconds, blob in sorted(_versions(git)):
        for what in _announced(git.run("cat-file", "blob", blob)):
            found.setdefault(what, datetime.fromtimestamp(seconds, UTC).date())
    return found


def _versions(git: Git) -> Iterator[tuple[int, str]]:
    """The contents of `path.yaml` by their blob hashes, each with the second of its commit, under earlier names too."""
    log = git.run("log", "--follow", "--no-show-signature", "--format=%ct", "--raw", "--no-abbrev", "--", FILE)
    seconds = 0
    for line in log.splitlines():
        if line.startswith(":"):
            _, _, _, blob, how, *_ = line.split()
            if how != "D":
                yield seconds, blob
            if how.startswith("C"):  # from here on it is the file of another golden path, which was copied
                return
        elif line:
            seconds = int(line)


def _announced(text: str) -> Iterator[str]:
    """The parts that a `path.yaml` announces; nothing for one that could not be read."""
    try:
        data = Document(text, FILE, BadRecipe).data
    except BadRecipe:
        return
    said = data.get("deprecations") if isinstance(data, Mapping) else None
    for one in said if isinstance(said, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("what"), str):
            yield one["what"]
