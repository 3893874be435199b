"""What a branch does not take is proposed instead: a pull request, from a branch that belongs to one address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from platformctl import answers
from platformctl.backends.forge import Entry, Forge, Proposal, PullRequest, blob_id
from platformctl.errors import Moved
from platformctl.model import Address, Change, File, Owner, Tree, differences


class Proposals:
    """The proposals on one forge."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def put(self, repository: str, branch: str, proposal: Proposal, owner: Owner) -> PullRequest:
        """Propose it, or bring what is proposed already to it. What somebody else has added to that is never undone.

        Raises `Moved` when that says something else than what is to be proposed now.
        """
        at = self._forge.head(repository, proposal.head)
        if at and self._forge.made_by(repository, at).service != owner.service:
            found = self._forge.proposal(repository, branch, proposal.head)
            if found is not None and self._has(repository, at, proposal.commit.files):
                return found
            raise Moved(
                f"somebody else has committed to {proposal.head}",
                where=found.url if found else self._forge.url(repository),
                hint="Merge it or delete that branch, and try again",
            )
        return self._forge.propose(repository, branch, proposal, at)

    def withdraw(self, repository: str, change: Change) -> str:
        """Close what a run has proposed for a change; gives the reason when it was left open."""
        assert change.owner is not None
        head = head_of(change.address)
        at = self._forge.head(repository, head)
        if not at:
            return ""
        owner = self._forge.made_by(repository, at)
        try:
            if owner == change.owner:
                self._forge.withdraw(repository, head, at)
        except Moved as moved:
            return moved.what
        return "" if owner.service == change.owner.service else f"somebody else has committed to {head}"

    def _has(self, repository: str, commit: str, files: Mapping[str, File | None]) -> bool:
        found = self._forge.tree(repository, commit)
        wanted = {path: Entry(file.mode, blob_id(file.content)) if file else None for path, file in files.items()}
        return all(found.get(path) == entry for path, entry in wanted.items())


def head_of(address: Address, word: str = "") -> str:
    """The branch that proposals for an address come from: `platformctl/files_payments-api`. No name has a `_`."""
    return f"platformctl/{word}{address.replace('/', '_')}"


def body(
    why: str,
    files: Mapping[str, File | None],
    owner: Owner,
    before: Tree | None = None,
    after: Tree | None = None,
    there: Collection[str] | None = None,
) -> str:
    """What a reviewer reads, in Markdown.

    `before` and `after` are renders: what they record shows which answers change. `there` are the paths that are not
    added, if that is known. Text from people stands in indented blocks, one line each, where nothing is markup.
    """
    parts = [why]
    record = _record(after)
    if record is not None and (earlier := _record(before)) is not None:
        lines = differences(record.answers, earlier.answers)
        parts += ["Answers that change:", _block(f"{line.what}: {line.text}" for line in lines)] if lines else []
    added = {path for path in files if there is not None and path not in there}
    words = ((path, "add" if path in added else "change" if file else "remove") for path, file in files.items())
    parts += ["Files:", _block(f"{word} {path}" for path, word in sorted(words))]
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
