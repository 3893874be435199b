"""Proposals on the embedded forge: a branch, and a record of what it is for.

A team with a clone cannot merge them where the branch is protected; platformctl can, and whoever has the disk. One
whose commit has reached its branch is no longer open.
"""

from __future__ import annotations

from contextlib import suppress

from platformctl.backends.forge import Commit, Proposal, PullRequest
from platformctl.backends.forge.records import Records
from platformctl.errors import Moved
from platformctl.port import Checks


class LocalProposals(Records):
    """What waits for somebody's consent."""

    def propose(self, name: str, branch: str, proposal: Proposal, before: str) -> PullRequest:
        git = self._git(name)
        commit = git.write(before or proposal.parent, proposal.commit, proposal.parent)
        kept = bool(before) and git.tree_id(commit) == git.tree_id(before)
        if kept:
            commit = before
        else:
            git.swap(_ref(proposal.head), before, commit)
        with self._locked(name) as meta:
            records = meta.setdefault("proposals", {})
            if not kept or proposal.head not in records:
                records[proposal.head] = {"branch": branch, "title": proposal.title, "body": proposal.body}
        return PullRequest(self._place(name, proposal.head), commit)

    def proposal(self, name: str, branch: str, head: str) -> PullRequest | None:
        record = (self._meta(name) or {}).get("proposals", {}).get(head)
        if record is None or record["branch"] != branch:
            return None
        git = self._git(name)
        commit = git.resolve(_ref(head))
        if not commit or git.contains(git.resolve(_ref(branch)), commit):
            return None
        return PullRequest(self._place(name, head), commit)

    def merge(self, name: str, branch: str, head: str, commit: str) -> str:
        git = self._git(name)
        base = git.resolve(_ref(branch))
        if git.contains(base, commit):
            return base
        if git.resolve(_ref(head)) != commit:
            raise Moved(f"{head} has moved", where=str(self._path(name)))
        tree = git.merged_tree(base, commit)
        if not tree:
            raise Moved(f"{branch} has changed what {head} changes", where=self._place(name, head))
        merged = git.write(base, Commit({}, f"Merge {head}\n\n{git.marks(commit)}\n"), commit, tree)
        git.swap(_ref(branch), base, merged)
        with suppress(Moved):  # somebody goes on there: that is another proposal
            self.withdraw(name, head, commit)
        return merged

    def checks(self, name: str, commit: str) -> Checks:
        return Checks.NONE

    def withdraw(self, name: str, head: str, commit: str) -> None:
        git = self._git(name)
        if git.resolve(_ref(head)):
            git.swap(_ref(head), commit, "")
        with self._locked(name) as meta:
            records = meta.pop("proposals", {})
            records.pop(head, None)
            if records:
                meta["proposals"] = records

    def _place(self, name: str, head: str) -> str:
        return f"{self._path(name).as_uri()}#{head}"


def _ref(branch: str) -> str:
    return f"refs/heads/{branch}"
