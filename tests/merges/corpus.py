"""All scenarios: every pair of an edit by the team and a change of the golden path, in several kinds of file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from random import Random
from typing import Final

from tests.merges import added_files, binary_files, files_of_data, files_of_lines, files_of_lists, folders, pairs
from tests.merges import whole_files as whole
from tests.merges.added_files import Situation
from tests.merges.document import FileKind
from tests.merges.draft import Draft
from tests.merges.edits import CHANGES, EDITS, Edit
from tests.merges.pairs import Meeting
from tests.merges.scenario import Scenario

SEED: Final = 20261201
KINDS: Final = (*files_of_data.KINDS, *files_of_lists.KINDS, *files_of_lines.KINDS)
_TIMES: Final = 3
"""Kinds of file in which a pair of edits of lines is tried, in each way that they can meet; in all if they clash."""
_WHOLE_TIMES: Final = 2
"""Kinds of file in which a pair of acts on whole files is tried."""


@cache
def corpus() -> tuple[Scenario, ...]:
    """Every scenario, in an order that is the same each time."""
    chance = Random(SEED)
    made = (*_within_files(chance), *_whole_files(chance), *_situations(chance), *_binary_files(chance))
    return tuple(replace(scenario, number=number) for number, scenario in enumerate(made, 1))


def _within_files(chance: Random) -> Iterator[Scenario]:
    for edit in EDITS:
        for change in CHANGES:
            for meeting in pairs.meetings(edit, change):
                times = len(KINDS) if meeting is Meeting.OTHERWISE else _TIMES
                yield from islice(_in_kinds(chance, edit, change, meeting), times)


def _in_kinds(chance: Random, edit: Edit, change: Edit, meeting: Meeting) -> Iterator[Scenario]:
    for kind in _shuffled(chance):
        if (
            edit.suits(kind)
            and change.suits(kind)
            and (made := pairs.paired(kind, edit, change, meeting, _draft(chance)))
        ):
            yield pairs.scenario(edit, change, meeting, *made)


def _whole_files(chance: Random) -> Iterator[Scenario]:
    for edit in whole.EDITS:
        for change in whole.CHANGES:
            for kind in _shuffled(chance)[:_WHOLE_TIMES]:
                yield whole.scenario(kind, edit, change, _draft(chance))
    for act in whole.PLACED:
        for kind in _shuffled(chance)[:_WHOLE_TIMES]:
            yield whole.in_one_place(kind, act, _draft(chance))
    for edit, change in whole.EXCLUDING:
        for kind in _shuffled(chance)[:_WHOLE_TIMES]:
            yield whole.excluding(kind, edit, change, _draft(chance))


def _situations(chance: Random) -> Iterator[Scenario]:
    for situation in (*added_files.SITUATIONS, *folders.SITUATIONS):
        for kind in _shuffled(chance)[:_TIMES]:
            yield _situation(situation, kind, _draft(chance))


def _situation(situation: Situation, kind: FileKind, draft: Draft) -> Scenario:
    case = situation.make(kind, draft)
    return Scenario(
        f"{kind.name}: {situation.edit} × {situation.change}",
        kind.name,
        situation.edit,
        situation.change,
        case.base,
        case.ours,
        case.theirs,
        case.rights,
        case.clash,
        spoils=kind.spoils,
        alone=situation.alone,
    )


def _binary_files(chance: Random) -> Iterator[Scenario]:
    for edit in binary_files.EDITS:
        for change in binary_files.CHANGES:
            yield binary_files.scenario(edit, change, _draft(chance))
    yield binary_files.same(_draft(chance))


def _shuffled(chance: Random) -> list[FileKind]:
    return chance.sample(KINDS, len(KINDS))


def _draft(chance: Random) -> Draft:
    return Draft(chance.randrange(10**9))


_EVERY: Final = 4
"""Of how many scenarios `make test` tries one."""


def sample() -> tuple[Scenario, ...]:
    """The scenarios that `make test` tries."""
    return corpus()[::_EVERY]
