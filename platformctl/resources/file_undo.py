"""Taking back what a run has committed of files, where nobody has changed them since."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

from platformctl.action import Left, Undone
from platformctl.backends.forge import Commit, Entry, Forge, Proposal
from platformctl.errors import Moved, Protected
from platformctl.model import Change, File
from platformctl.resources.file_commits import ATTEMPTS, PAUSE, as_before, digest_of, message, revision
from platformctl.resources.file_diagnosis import FileDiagnosis
from platformctl.resources.proposals import Proposals, body, head_of, words


class FileUndo(FileDiagnosis):
    """Of a resource whose parts are files in a repository."""

    def __init__(self, port: Forge) -> None:
        super().__init__(port)
        self._proposals = Proposals(port)

    def undo(self, change: Change) -> Undone | Left:
        assert change.owner is not None
        _, repository, *folders = change.address.split("/")
        under, branch = "/".join(folders), "main"
        if not change.left and (withdrawn := self._proposals.withdraw(repository, branch, change)):
            return withdrawn
        for _ in range(ATTEMPTS):
            head = self._forge.head(repository, branch)
            entries = self._forge.tree(repository, head, under) if head else {}
            now = revision(head, under, entries)
            if not head or now == change.revision or as_before(change, entries):
                return Undone()
            same = now == digest_of(change.after)
            unmoved = same or self._is_by(change, repository, head, under)
            if not (now == change.left if change.left else unmoved):
                return Left("files were changed since")
            commit = Commit(
                self._before(change, repository, under, entries),
                message(f"Take back {change.address}", change.owner),
            )
            try:
                if not change.revision and not under and self._alone(change, repository, head, same=same):
                    self._forge.rewind(repository, branch, head, "")
                elif commit.files:
                    self._forge.commit(repository, branch, head, commit)
            except Moved:
                time.sleep(random.uniform(0, PAUSE))  # noqa: S311
                continue
            except Protected:
                return self._propose_undo(change, repository, branch, head, commit)
            return Undone()
        return Left("the repository never stood still")

    def _is_by(self, change: Change, repository: str, head: str, under: str) -> bool:
        """Whether a commit is the run's, and was made upon what the run had seen."""
        if self._forge.made_by(repository, head) != change.owner:
            return False
        trees = {one: self._forge.tree(repository, one, under) for one in self._forge.parents(repository, head)}
        if not change.revision:
            return not any(trees.values())
        return change.revision in (revision(one, under, entries) for one, entries in trees.items())

    def _alone(self, change: Change, repository: str, head: str, *, same: bool) -> bool:
        """Whether every commit is this service's. One with a fixed date carries no mark, and is known by its files."""
        assert change.owner is not None
        history = self._forge.history(repository, head)
        return all(owner.service == change.owner.service for owner in history) or (same and len(history) == 1)

    def _propose_undo(self, change: Change, repository: str, branch: str, head: str, commit: Commit) -> Left:
        assert change.owner is not None
        subject = commit.message.partition("\n")[0]
        why = f"platformctl asks to take back what run `{change.owner.run}` did here."
        text = body(why, words(commit.files), change.owner)
        proposal = Proposal(head_of(change.address, "undo_"), head, commit, subject, text)
        try:
            url = self._proposals.put(repository, branch, proposal, change.owner).url
        except Moved as moved:
            return Left(moved.what)
        return Left(f"{branch} is protected; taking it back is proposed: {url}")

    def _before(
        self, change: Change, repository: str, under: str, entries: Mapping[str, Entry]
    ) -> dict[str, File | None]:
        before: Mapping[str, str] = change.before or {}
        added = {line.what for line in change.differences if line.sign == "+"}
        files: dict[str, File | None] = {}
        for path in {*entries, *before, *change.after}:
            place = f"{under}/{path}" if under else path
            if path in before:
                mode, blob = before[path].split(" ")
                if entries.get(path) != Entry(mode, blob):
                    files[place] = File(self._forge.blob(repository, blob), executable=mode == "100755")
            elif path in entries and (under or path in added):
                files[place] = None
        return files
