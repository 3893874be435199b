"""Whole trees, merged three ways: no edit is lost, and no file comes back that a team has deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from platformctl.folders import folders_of
from platformctl.merge.content import LABELS, three_way
from platformctl.merge.git import Git
from platformctl.merge.renames import follow, moved_folders
from platformctl.merge.result import Conflict, Dispute, Fate, Merged, Rename
from platformctl.merge.three import Three
from platformctl.model import File, Tree

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def merge_trees(
    base: Tree,
    ours: Tree,
    theirs: Tree,
    moves: Mapping[str, str] = _NONE,
    *,
    others: Collection[str] = (),
    labels: Three[str] = LABELS,
) -> Merged:
    """Bring the change from `base` to `theirs` into `ours`.

    `base` and `theirs` are the recorded and the new version rendered, `ours` all files of the service. `moves` are the
    renames that the golden path declares, by the path at the recorded version. `others` are the paths of what is no
    file in the service, of links and submodules: nothing is put in their place. `labels` stand behind git's markers.

    Raises `ToolFailed` where libgit2 fails.
    """
    with Git() as git:
        return _Merge(Three(base, ours, theirs), moves, frozenset(others), labels, git).result()


class _Merge:
    def __init__(
        self, trees: Three[Tree], moves: Mapping[str, str], others: frozenset[str], labels: Three[str], git: Git
    ) -> None:
        self._trees = trees
        self._others = others
        self._labels = labels
        self._git = git
        self._renames = follow(trees, moves, git)
        self._fates: dict[str, Fate] = {}
        self._conflicts: list[Conflict] = []
        self._tree = dict(trees.ours)
        self._folders = Counter(folder for path in (*trees.ours, *others) for folder in folders_of(path))
        self._followed: list[Rename] = []

    def result(self) -> Merged:
        base, ours, theirs = self._trees
        places = [(path, self._in_ours(path), self._in_theirs(path)) for path in sorted(base)]
        for path, here, there in places:
            if here is not None and there is None:
                self._dropped(path, here)
        both = [Three(path, here, there) for path, here, there in places if here is not None and there is not None]
        blocked = self._blocked([paths for paths in both if _goes(paths)])
        for paths in both:
            self._both(paths, blocked=paths in blocked)
        for path, here, there in places:
            if here is None and there is not None and (there != path or theirs[there] != base[path]):
                self._say(there, Fate.STAYS_DELETED, path)
        folders = moved_folders(self._renames.ours, ours)
        for path in sorted({*theirs} - {there for _, _, there in places}):
            self._added(path, folders)
        return Merged(
            dict(sorted(self._tree.items())),
            dict(sorted(self._fates.items())),
            tuple(sorted(self._conflicts, key=lambda conflict: conflict.path)),
            tuple(sorted(self._followed, key=lambda rename: (rename.before, rename.by_team))),
        )

    def _say(self, path: str, fate: Fate, before: str) -> None:
        """What became of a file that was at `before` at the recorded version, and of its renames."""
        self._fates[path] = fate
        for renames, by_team in ((self._renames.theirs, False), (self._renames.ours, True)):
            if before in renames:
                self._followed.append(Rename(before, renames[before], by_team))

    def _in_ours(self, path: str) -> str | None:
        return self._renames.ours.get(path, path if path in self._trees.ours else None)

    def _in_theirs(self, path: str) -> str | None:
        if path in self._renames.theirs:
            return self._renames.theirs[path]
        return path if path in self._trees.theirs and path not in self._renames.theirs.values() else None

    def _dropped(self, path: str, here: str) -> None:
        """A file that the golden path has no longer."""
        if here == path and self._trees.ours[here] == self._trees.base[path]:
            self._take_out(here)
            self._say(path, Fate.REMOVED, path)
        else:
            self._say(here, Fate.KEPT, path)

    def _blocked(self, going: Sequence[Three[str]]) -> list[Three[str]]:
        """Take out the files that the golden path moves, but for those that something is in the way of; gives these.

        One that stays may be in the way of another.
        """
        for paths in going:
            self._take_out(paths.ours)
        blocked: list[Three[str]] = []
        while found := [paths for paths in going if paths not in blocked and self._occupied(paths.theirs)]:
            for paths in found:
                self._put(paths.ours, self._trees.ours[paths.ours])
            blocked += found
        return blocked

    def _both(self, paths: Three[str], *, blocked: bool) -> None:
        """A file that all three have."""
        sides = Three(self._trees.base[paths.base], self._trees.ours[paths.ours], self._trees.theirs[paths.theirs])
        path = paths.theirs if _goes(paths) and not blocked else paths.ours
        merged, conflict, binary = self._file(path, sides)
        self._put(path, merged)
        if conflict or blocked:
            self._say(path, Fate.CONFLICT, paths.base)
            dispute = Dispute.IN_THE_WAY if blocked else _dispute(binary)
            self._conflicts.append(Conflict(path, sides.base, sides.ours, sides.theirs, paths, dispute))
        elif _goes(paths):
            self._say(path, Fate.MOVED, paths.base)
        elif paths.ours != paths.base != paths.theirs != paths.ours:
            self._say(path, Fate.PLACED, paths.base)
        elif merged != sides.ours:
            self._say(path, Fate.UPDATED if sides.ours == sides.base else Fate.MERGED, paths.base)

    def _added(self, new: str, folders: Mapping[str, str]) -> None:
        """A file that the golden path did not have before."""
        theirs, path = self._trees.theirs[new], new
        if new not in self._tree:
            folder = next((folder for folder in folders_of(new) if folder in folders), None)
            if folder is not None:
                path = folders[folder] + new.removeprefix(folder)
                self._followed.append(Rename(new, path, by_team=True))
        ours, paths = self._tree.get(path), Three(path, path, new)
        if ours is None and self._occupied(path):
            self._fates[path] = Fate.CONFLICT
            self._conflicts.append(Conflict(path, None, None, theirs, paths, Dispute.IN_THE_WAY))
        elif ours is None:
            self._put(path, theirs)
            self._fates[path] = Fate.ADDED
        elif ours != theirs:
            merged, conflict, binary = self._file(path, Three(None, ours, theirs))
            self._put(path, merged)
            if conflict:
                self._conflicts.append(Conflict(path, None, ours, theirs, paths, _dispute(binary)))
            if conflict or merged != ours:
                self._fates[path] = Fate.CONFLICT if conflict else Fate.MERGED

    def _file(self, path: str, sides: Three[File | None]) -> tuple[File, bool, bool]:
        """A file merged, whether it is in dispute, and whether it is binary."""
        base, ours, theirs = (side or File(b"") for side in sides)
        found = three_way(base.content, ours.content, theirs.content, path, labels=self._labels, git=self._git)
        was = base.executable if sides.base else theirs.executable
        executable = theirs.executable if ours.executable == was else ours.executable
        return File(found.content, executable), found.conflict, found.binary

    def _occupied(self, path: str) -> bool:
        """Whether a file, a link or a folder is in the way of a new file."""
        places = (path, *folders_of(path))
        return self._folders[path] > 0 or any(place in self._tree or place in self._others for place in places)

    def _put(self, path: str, file: File) -> None:
        if path not in self._tree:
            self._folders.update(folders_of(path))
        self._tree[path] = file

    def _take_out(self, path: str) -> None:
        del self._tree[path]
        self._folders.subtract(folders_of(path))


def _dispute(binary: bool) -> Dispute:
    return Dispute.BINARY if binary else Dispute.LINES


def _goes(paths: Three[str]) -> bool:
    """Whether the golden path moves a file that is where it was."""
    return paths.ours == paths.base != paths.theirs
