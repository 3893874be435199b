"""What a branch does not take is proposed instead: a pull request, from a branch that belongs to one address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from platformctl import answers
from platformctl.action import Left, Undone
from platformctl.backends.forge import Entry, Forge, Proposal, PullRequest, blob_id
from platformctl.errors import Moved
from platformctl.model import Address, Change, File, Owner, Tree, differences

UPGRADE: Final = "upgrade_"
"""Begins the branch of what brings a service to another version, so that it stands beside other proposals."""


class Proposals:
    """The proposals on one forge."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def put(self, repository: str, branch: str, proposal: Proposal, owner: Owner) -> PullRequest:
        """Propose it, or bring what is proposed already to it. What somebody else has added to that is never undone.

        Raises `Moved` when that says something else than what is to be proposed now.
        """
        at = self._forge.head(repository, proposal.head)
        if at and self._forge.left_by(repository, at).service != owner.service:
            found = self._forge.proposal(repository, branch, proposal.head)
            if found is not None and self._has(repository, at, proposal.commit.files):
                return found
            raise Moved(
                f"somebody else has committed to {proposal.head}",
                where=found.url if found else self._forge.url(repository),
                hint="Merge it or delete that branch, and try again",
            )
        return self._forge.propose(repository, branch, proposal, at)

    def withdraw(self, repository: str, branch: str, change: Change) -> Undone | Left | None:
        """Close what a run has proposed for a change; None where nothing of it waits, or has been merged."""
        found = (self._withdraw(repository, branch, change, head_of(change.address, word)) for word in ("", UPGRADE))
        return next((one for one in found if one is not None), None)

    def _withdraw(self, repository: str, branch: str, change: Change, head: str) -> Undone | Left | None:
        assert change.owner is not None
        at = self._forge.head(repository, head)
        if not at:
            return None
        owner = self._forge.left_by(repository, at)
        if owner.service != change.owner.service:
            return Left(f"somebody else has committed to {head}")
        if owner != change.owner:
            return None
        waits = self._forge.proposal(repository, branch, head) is not None and not self._merged(
            repository, branch, change, at
        )
        try:
            self._forge.withdraw(repository, head, at)
        except Moved as moved:
            return Left(moved.what)
        return Undone() if waits else None

    def _merged(self, repository: str, branch: str, change: Change, proposed: str) -> bool:
        """Whether a branch has all that was proposed, in whatever way it came there."""
        under = "/".join(change.address.split("/")[2:])
        here, there = (
            self._forge.tree(repository, commit, under) if commit else {}
            for commit in (self._forge.head(repository, branch), proposed)
        )
        paths = [line.what for line in change.differences]
        return bool(paths) and all(here.get(path) == there.get(path) for path in paths)

    def _has(self, repository: str, commit: str, files: Mapping[str, File | None]) -> bool:
        found = self._forge.tree(repository, commit)
        wanted = {path: Entry(file.mode, blob_id(file.content)) if file else None for path, file in files.items()}
        return all(found.get(path) == entry for path, entry in wanted.items())


def head_of(address: Address, word: str = "") -> str:
    """The branch that proposals for an address come from: `platformctl/files_payments-api`. No name has a `_`."""
    return f"platformctl/{word}{address.replace('/', '_')}"


def words(files: Mapping[str, File | None], there: Collection[str] | None = None) -> dict[str, str]:
    """What becomes of each file, in a word. `there` are the paths that are not added, if that is known."""
    added = {path for path in files if there is not None and path not in there}
    return {path: "add" if path in added else "change" if file else "remove" for path, file in files.items()}


def body(
    why: str,
    files: Mapping[str, str],
    owner: Owner,
    before: Tree | None = None,
    after: Tree | None = None,
    more: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """What a reviewer reads, in Markdown: `files` with what becomes of each, and `more` lists by their headings.

    `before` and `after` are renders: what they record shows which answers change. Text from people stands in indented
    blocks, one line each, where nothing is markup.
    """
    parts = [why]
    record = _record(after)
    for heading, lines in (more or {}).items():
        parts += [heading, _block(lines)]
    if record is not None and (earlier := _record(before)) is not None:
        changed = differences(record.answers, earlier.answers)
        parts += ["Answers that change:", _block(f"{line.what}: {line.text}" for line in changed)] if changed else []
    parts += ["Files:", _block(f"{word} {path}" for path, word in sorted(files.items()))]
    if record is not None:
        parts.append(
            f"Golden path `{record.path}` {record.version}. When this is merged, `platformctl doctor {record.service}"
            " --fix` makes what waits for it."
        )
    parts.append(f"Platformctl-Service: {owner.service}\nPlatformctl-Run: {owner.run}")
    return "\n\n".join(parts) + "\n"


def _record(tree: Tree | None) -> answers.Answers | None:
    file = (tree or {}).get(answers.FILE)
    return None if file is None else answers.read(file.content, answers.FILE)


def _block(lines: Iterable[str]) -> str:
    return "\n".join(f"    {' '.join(line.split())}" for line in lines)
