"""Pull requests on GitHub, each from a branch that platformctl has to itself.

That branch moves only forward, as all do. When the branch to be changed has moved on since, its head becomes a second
parent, which is what GitHub's button "Update branch" does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from platformctl.backends.forge import Proposal, PullRequest
from platformctl.backends.forge.github.commits import Commits
from platformctl.backends.forge.github.manners import Refused
from platformctl.backends.forge.github.settings import merges
from platformctl.errors import Moved, Protected
from platformctl.port import Checks

_BAD: Final = ("failure", "error", "cancelled", "timed_out", "action_required", "startup_failure", "stale")
"""Words with which a check run or a status ends that does not let a pull request in."""


class Proposals(Commits):
    """What waits for somebody's consent: https://docs.github.com/en/rest/pulls/pulls"""

    def propose(self, name: str, branch: str, proposal: Proposal, before: str) -> PullRequest:
        path = self._path(name)
        beneath = proposal.parent or self._beneath.get((name, branch), "")
        if not beneath:
            raise Protected(f"{branch} of {name} may not be made", where=self.url(name), hint="Make it by hand first")
        base = self._root(name, proposal.parent) if proposal.parent else ""
        tree = self._written(path, base, proposal.commit.files)
        kept = before if before and self._root(name, before) == tree else ""
        commit = kept or self._put(name, proposal, beneath, before, tree)
        found = self._find(name, branch, proposal.head)
        if found is None:
            found = self._client.settled(lambda: self._open(name, branch, proposal), bool)
        elif not kept:
            about = {"title": proposal.title, "body": proposal.body}
            found = self._client.ask("PATCH", f"{path}/pulls/{found['number']}", about)
        if found is None:
            raise Moved(f"{proposal.head} of {name} was moved meanwhile", where=self.url(name))
        return PullRequest(found["html_url"], commit)

    def proposal(self, name: str, branch: str, head: str) -> PullRequest | None:
        found = self._find(name, branch, head)
        return None if found is None else PullRequest(found["html_url"], found["head"]["sha"])

    def merge(self, name: str, branch: str, head: str, commit: str) -> str:
        for key in (branch, head):
            self._heads.pop((name, key), None)
        number, merged = self._at(name, branch, head, commit)
        if merged:
            return merged
        about = {"sha": commit, "merge_method": merges(self._client.ask("GET", self._path(name)))[0]}
        try:
            return str(self._client.ask("PUT", f"{self._path(name)}/pulls/{number}/merge", about)["sha"])
        except Refused as refused:
            if refused.status not in (405, 409):
                raise
            # An answer that was lost: an earlier try of this very request has merged it.
            if merged := self._at(name, branch, head, commit)[1]:
                return merged
            moved = refused.status == 409 or any(word in refused.message for word in ("not mergeable", "modified"))
            kind = Moved if moved else Protected
            raise kind(f"{head} of {name} is not merged: {refused.message}", where=self.url(name)) from None

    def _at(self, name: str, branch: str, head: str, commit: str) -> tuple[int, str]:
        """The number of the pull request that stands at a commit, and how it was merged; empty while it is open.

        Raises `Moved` where there is none.
        """
        asked = {"head": f"{self._organisation}:{head}", "base": branch, "state": "all"}
        for found in self._client.find(f"{self._path(name)}/pulls", asked) or []:
            if found["head"]["sha"] == commit and (found["state"] == "open" or found["merged_at"]):
                return found["number"], found["merge_commit_sha"] if found["merged_at"] else ""
        raise Moved(f"{head} of {name} has moved, or is not proposed any more", where=self.url(name))

    def checks(self, name: str, commit: str) -> Checks:
        at = f"{self._path(name)}/commits/{commit}"
        runs = list(self._client.pages(f"{at}/check-runs", within="check_runs"))
        said = {run["conclusion"] if run["status"] == "completed" else "pending" for run in runs}
        said |= {status["state"] for status in self._client.pages(f"{at}/status", within="statuses")}
        if not said:
            return Checks.NONE
        return Checks.RED if said & set(_BAD) else Checks.PENDING if "pending" in said else Checks.GREEN

    def withdraw(self, name: str, head: str, commit: str) -> None:
        self._heads.pop((name, head), None)
        if (now := self.head(name, head)) not in ("", commit):
            raise Moved(f"{head} has moved", where=self.url(name))
        if now:
            try:
                self._client.ask("DELETE", f"{self._path(name)}/git/refs/heads/{quote(head)}")
            except Refused as refused:
                if refused.status not in (404, 422):
                    raise
        self._heads[name, head] = (time.monotonic(), "")

    def _put(self, name: str, proposal: Proposal, beneath: str, before: str, tree: str) -> str:
        """Put a commit with this tree on the head branch, above what stands there and what is to be changed."""
        path = self._path(name)
        parents = [beneath]
        if before:
            behind = self._client.ask("GET", f"{path}/compare/{beneath}...{before}")["behind_by"]
            parents = [before, beneath] if behind else [before]
        about = {"message": proposal.commit.message, "tree": tree, "parents": parents}
        new: str = self._client.ask("POST", f"{path}/git/commits", about)["sha"]
        self._trees[new] = tree
        self._move(name, proposal.head, before, new)
        return new

    def _find(self, name: str, branch: str, head: str) -> Mapping[str, Any] | None:
        if name in self._absent:
            return None
        asked = {"head": f"{self._organisation}:{head}", "base": branch, "state": "open"}
        listed: list[Mapping[str, Any]] = self._client.find(f"{self._path(name)}/pulls", asked) or []
        return listed[0] if listed else None

    def _open(self, name: str, branch: str, proposal: Proposal) -> Mapping[str, Any] | None:
        """Open it; None while GitHub does not see the branch that it has just been given."""
        about = {"title": proposal.title, "body": proposal.body, "head": proposal.head, "base": branch}
        try:
            made: Mapping[str, Any] = self._client.ask("POST", f"{self._path(name)}/pulls", about)
        except Refused as refused:
            if refused.status != 422:
                raise
            # Perhaps an earlier try of this very request opened it, and its answer was lost.
            found = self._find(name, branch, proposal.head)
            if found is None and not any(error.get("field") == "head" for error in refused.errors):
                raise
            return found
        return made
