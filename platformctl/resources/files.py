"""`uses: files`: a repository, or a folder in one, contains exactly these rendered files, written in one commit.

Files are of three kinds, told apart by globs: *managed* (equals the render; a hand edit is drift), *merged* (the team
may edit it; a changed render is merged into it three ways) and *seeded* (all others: written once, then the team's).
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from functools import partial
from operator import is_not
from typing import Any, ClassVar, Final

from platformctl import answers
from platformctl.action import Applied, Branches, Inputs, Proposed
from platformctl.backends.forge import Commit, Entry, Forge, Proposal, blob_id
from platformctl.errors import BadConfig, Moved, Protected
from platformctl.model import UNKNOWN, Address, Change, Difference, File, Json, Kind, Observed, Tree
from platformctl.resources.file_commits import ATTEMPTS, PAUSE, message, revision, update_subject
from platformctl.resources.file_set import FileSet, merged, overlay, refuse_what_is_in_the_way
from platformctl.resources.file_undo import FileUndo
from platformctl.resources.file_upgrade import upgraded
from platformctl.resources.proposals import UPGRADE, body, head_of, words
from platformctl.resources.upgrade_report import silent, told

_GLOBS: Final = {"type": "array", "items": {"type": "string"}}
_DATE: Final = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$"
)
"""ISO 8601; no later day than the 28th, which every month has."""


class Files(FileUndo):
    """The files of one repository, or of one folder in it, which then holds nothing else."""

    PORT: ClassVar = "forge"
    INPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "required": ["repository", "files"],
        "additionalProperties": False,
        "properties": {
            "repository": {"type": "string", "description": "The repository's name."},
            "branch": {"type": "string", "description": "The branch; `main`."},
            "under": {"type": "string", "description": "The folder that belongs to these files alone; none."},
            "files": {"type": "array", "description": "Rendered files: outputs of renderers, overlaid."},
            "managed": {**_GLOBS, "description": "Globs of files that equal the render."},
            "merged": {
                **_GLOBS,
                "description": "Globs of files that the team may edit and updates merge into.",
            },
            "overridden": {"type": "array", "description": "Given by the engine: files that the team has taken over."},
            "proposal": {
                "type": "object",
                "description": "Given by the engine: `title` and `text` with which the files are proposed.",
            },
            "message": {"type": "string", "description": "The first commit's subject."},
            "date": {
                "type": "string",
                "pattern": _DATE,
                "description": "The commit's date with its offset, such as 2026-11-23T00:00:00+00:00; now.",
            },
            "previous": {"description": "Given by the engine: these inputs as they were asked for before."},
            "upgrade": {
                "type": "object",
                "description": "Given by the engine: the versions `from` and `to`, when the files come to another one.",
            },
        },
    }
    OUTPUTS: ClassVar[Mapping[str, Json]] = {
        "type": "object",
        "properties": {"commit": {"type": "string", "description": "The branch's head."}},
    }

    def __init__(self, port: Forge) -> None:
        super().__init__(port)
        self._joined: tuple[Sequence[Tree], Tree] | None = None
        """The renders that were overlaid last, and what that gave: a plan asks for it again and again."""

    def file_set(self, inputs: Inputs) -> FileSet:
        """The inputs of this action as files and where they belong."""
        previous = inputs.get("previous")
        return FileSet(
            repository=inputs["repository"],
            branch=inputs.get("branch", "main"),
            under=inputs.get("under", ""),
            tree=self._overlaid(inputs["files"]),
            previous=overlay(previous["files"]) if previous else None,
            managed=inputs.get("managed", ["*"]),
            merged=inputs.get("merged", ()),
            subject=inputs.get("message", f"Create {inputs['repository']}"),
            date=inputs.get("date", "now"),
            overridden=inputs.get("overridden", ()),
            proposal=inputs.get("proposal"),
            managed_before=previous.get("managed", ["*"]) if previous else (),
            upgrade=inputs.get("upgrade") if previous else None,
        )

    def _overlaid(self, trees: Sequence[Tree]) -> Tree:
        known = self._joined
        if known is None or len(known[0]) != len(trees) or any(map(is_not, known[0], trees)):
            known = self._joined = (trees, overlay(trees))
        return known[1]

    def desired(self, inputs: Inputs) -> Mapping[Address, Json]:
        wanted = self.file_set(inputs)
        return {wanted.address: {path: f"{file.mode} {blob_id(file.content)}" for path, file in wanted.tree.items()}}

    def observe(self, inputs: Inputs) -> Mapping[Address, Observed]:
        wanted = self.file_set(inputs)
        head = self._forge.head(wanted.repository, wanted.branch)
        return {wanted.address: self._look(wanted, head)}

    def outputs_of(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Mapping[str, Json]:
        seen = observed[self.file_set(inputs).address]
        pending = self.differences(inputs, "", seen) if seen.value is not None else True
        return {"commit": UNKNOWN if pending else seen.facts["head"]}

    def differences(self, inputs: Inputs, address: Address, observed: Observed) -> Sequence[Difference]:
        wanted = self.file_set(inputs)
        found: Mapping[str, Entry] = observed.facts["entries"]
        upgrade = observed.facts.get("upgraded")
        lines = []
        for path, file in sorted(self._writes(wanted, observed).items()):
            sign = "-" if file is None else "~" if path in found else "+"
            lines.append(Difference(sign, path, upgrade.fate(path) if upgrade else wanted.kind(path)))
        return lines

    def notes(self, inputs: Inputs, observed: Mapping[Address, Observed]) -> Sequence[str]:
        upgrades = (seen.facts["upgraded"].merged for seen in observed.values() if "upgraded" in seen.facts)
        return [line for merged in upgrades for line in silent(merged)]

    def writes(self, inputs: Inputs, seen: Observed) -> Mapping[str, File | None]:
        """What has to be written where this was seen, by path; a file of None is removed."""
        return self._writes(self.file_set(inputs), seen)

    def apply(self, inputs: Inputs, change: Change) -> Applied | Proposed:
        wanted = self.file_set(inputs)
        for _ in range(ATTEMPTS):
            head = self._forge.head(wanted.repository, wanted.branch)
            seen = self._look(wanted, head)
            if seen.revision != change.revision:
                raise Moved(f"{wanted.address} was changed meanwhile", hint="Nothing was overwritten; try again")
            writes = self._writes(wanted, seen)
            refuse_what_is_in_the_way(wanted, writes, seen.facts["entries"])
            subject = wanted.subject if change.kind is Kind.CREATE else update_subject(writes)
            files = {wanted.place(path): file for path, file in writes.items()}
            owner = change.owner if wanted.date == "now" else None
            if wanted.proposal is not None:
                return Proposed(self._propose(wanted, change, seen, files, wanted.proposal["title"]))
            commit = Commit(files, message(subject, owner), wanted.date)
            try:
                new = self._forge.commit(wanted.repository, wanted.branch, head, commit)
            except Moved:
                time.sleep(random.uniform(0, PAUSE))  # noqa: S311 - jitter, not a secret
                continue
            except Protected:
                return Proposed(self._propose(wanted, change, seen, files, subject))
            return Applied(self._look(wanted, new))
        raise Moved(f"{wanted.repository} never stood still", hint="Try again")

    def proposed(self, inputs: Inputs) -> Mapping[Address, str]:
        wanted = self.file_set(inputs)
        found = self._forge.proposal(wanted.repository, wanted.branch, _head(wanted))
        return {wanted.address: found.url} if found else {}

    def upgrade_proposed(self, inputs: Inputs) -> str:
        at = self.upgrade_branches(inputs)
        found = self._forge.proposal(at.repository, at.branch, at.head)
        return found.url if found else ""

    def upgrade_branches(self, inputs: Inputs) -> Branches:
        wanted = self.file_set(inputs)
        return Branches(wanted.repository, wanted.branch, head_of(wanted.address, UPGRADE))

    def _propose(
        self, wanted: FileSet, change: Change, seen: Observed, files: Mapping[str, File | None], subject: str
    ) -> str:
        """Propose what the branch does not take; gives the URL."""
        assert change.owner is not None
        why = f"platformctl asks for this change, because `{wanted.branch}` takes no commits from it."
        if wanted.proposal is not None:
            why = wanted.proposal["text"]
        becomes = words(files, set(map(wanted.place, seen.facts["entries"])))
        more = told(seen.facts["upgraded"].merged, seen.facts["upgraded"].written) if wanted.upgrade is not None else {}
        text = body(why, becomes, change.owner, wanted.previous, wanted.tree, more)
        commit = Commit(files, message(subject, change.owner))
        proposal = Proposal(_head(wanted), seen.facts["head"], commit, subject, text)
        return self._proposals.put(wanted.repository, wanted.branch, proposal, change.owner).url

    def _look(self, wanted: FileSet, head: str) -> Observed:
        entries = self._forge.tree(wanted.repository, head, wanted.under) if head else {}
        known = {*wanted.tree, *(wanted.previous or {}), *(entries if wanted.under else ())}
        governed = {path: f"{entry.mode} {entry.blob}" for path, entry in entries.items() if path in known}
        managed = {path for path in governed if wanted.kind(path) == "managed"}
        # What a team had before it was asked begins nothing; the record does, and comes with its consent.
        begun = bool(managed) if wanted.proposal is None else answers.FILE in managed
        ours: dict[str, bytes] = {}
        if begun and wanted.previous and wanted.upgrade is None:
            for path in governed.keys() & wanted.tree.keys() & wanted.previous.keys():
                before, after = wanted.previous[path], wanted.tree[path]
                if wanted.kind(path) == "merged" and before.content != after.content:
                    ours[path] = self._forge.blob(wanted.repository, entries[path].blob)
        same = {path for path in (answers.FILE,) if self._says_the_same(wanted, entries, path)}
        lost = {path: self.last(wanted, path) for path in wanted.kept if begun and path not in entries}
        facts: dict[str, Any] = {"head": head, "entries": entries, "ours": ours, "same": same, "lost": lost}
        if begun and wanted.upgrade is not None:
            facts["upgraded"] = upgraded(
                wanted,
                entries,
                partial(self._forge.blob, wanted.repository),
                partial(self._is_by_hand, wanted, entries),
            )
        return Observed(governed if begun else None, revision(head, wanted.under, entries), None, facts)

    def _says_the_same(self, wanted: FileSet, entries: Mapping[str, Entry], path: str) -> bool:
        """Whether a record that was written by hand says what it would say if it were rendered."""
        file, entry = wanted.tree.get(path), entries.get(path)
        if file is None or entry is None or entry.mode != file.mode or entry.blob == blob_id(file.content):
            return False
        before = (wanted.previous or wanted.tree).get(path, file)
        try:
            there = answers.read(self._forge.blob(wanted.repository, entry.blob), path)
        except BadConfig:
            return False
        return there.says(answers.read(file.content, path), answers.read(before.content, path))

    def _writes(self, wanted: FileSet, seen: Observed) -> dict[str, File | None]:
        """What the next commit has to write; empty when all is as it should be."""
        if "upgraded" in seen.facts:
            return dict(seen.facts["upgraded"].writes)
        found: Mapping[str, Entry] = seen.facts["entries"]
        previous = wanted.previous or {}
        writes: dict[str, File | None] = {}
        for path, file in wanted.tree.items():
            kind = wanted.kind(path)
            if kind == "overridden":
                continue
            if kind == "managed" or (seen.value is None and path not in found):
                if found.get(path) != Entry(file.mode, blob_id(file.content)) and path not in seen.facts["same"]:
                    writes[path] = file
            elif path in seen.facts["lost"]:
                writes[path] = seen.facts["lost"][path] or file
            elif path in seen.facts["ours"]:
                content = merged(path, previous[path], seen.facts["ours"][path], file)
                if content != seen.facts["ours"][path]:
                    writes[path] = File(content, file.executable)
            elif wanted.previous is not None and path not in previous and path not in found:
                writes[path] = file
        for path in found:
            gone = path in previous and wanted.kind(path) == "managed"
            if path not in wanted.tree and (gone or wanted.under):
                writes[path] = None
        return writes


def _head(wanted: FileSet) -> str:
    return head_of(wanted.address, UPGRADE if wanted.upgrade is not None else "")
