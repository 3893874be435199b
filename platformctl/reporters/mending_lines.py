"""What `doctor --all --fix` would do, and what it has done, as people read it."""

from __future__ import annotations

from collections.abc import Iterator

from platformctl.commands.diagnosis import Diagnosis
from platformctl.commands.doctor import Fleet
from platformctl.commands.mend import Mended, Mending, changes_of
from platformctl.reporters.diagnosis_lines import diff_lines, unread_lines
from platformctl.reporters.findings import counted, texts_of
from platformctl.reporters.lines import Line, change_lines


def would_lines(fleet: Fleet) -> Iterator[Line]:
    """What would be changed, service by service."""
    fixable = [one for one in fleet.drifted if changes_of(one)]
    for diagnosis in fixable:
        yield [("strong", diagnosis.service), ("quiet", f"  {diagnosis.team}".rstrip())]
        yield from _changes(diagnosis)
        yield []
    yield from _left_lines(fleet, {one.service for one in fixable})
    number = sum(len(changes_of(one)) for one in fixable)
    if number:
        what = f"{counted(number, 'change')} in {counted(len(fixable), 'service')}."
        yield [("", f"{what} Nothing was changed; the same with --yes makes them.")]
    else:
        yield [("", f"Nothing to put right in {counted(len(fleet.diagnoses), 'service')}.")]


def _changes(diagnosis: Diagnosis) -> Iterator[Line]:
    for change in changes_of(diagnosis):
        yield from change_lines(change)
        yield from diff_lines(texts_of([one for one in diagnosis.drift if one.address == change.address]))


def _left_lines(fleet: Fleet, fixable: set[str]) -> Iterator[Line]:
    """What nothing can be done about."""
    left = [one for one in fleet.drifted if one.service not in fixable]
    for one in left:
        yield [("bad", "✗ "), ("", one.service), ("quiet", f"  {one.drift[0].place}: {one.drift[0].reason}")]
    yield from unread_lines(fleet)
    if left or fleet.unreadable:
        yield []


def begun_lines(service: str) -> Iterator[Line]:
    """Which service it is at."""
    yield []
    yield [("strong", service)]


def mended_lines(mended: Mended) -> Iterator[Line]:
    """What became of one service."""
    outcome = mended.outcome
    if outcome is None:
        yield [("bad", "✗ "), ("strong", mended.service), ("", f"  {mended.failure}")]
        return
    if not outcome.applied:
        yield [("good", "✓ "), ("strong", mended.service), ("quiet", "  is as it should be already")]
        return
    style, mark, word = ("change", "…", "proposed") if outcome.proposed else ("good", "✓", "put right")
    about = f"  {word}, in {outcome.seconds:.1f} s  run {outcome.run}"
    yield [(style, f"{mark} "), ("strong", mended.service), ("quiet", about)]
    for address, url in outcome.proposed.items():
        yield [("change", "    "), ("", url), ("quiet", f"  {address}")]


def mending_lines(mending: Mending) -> Iterator[Line]:
    """How it went."""
    yield []
    yield from _left_lines(mending.found, {one.service for one in mending.mended})
    numbers = {"done": "put right", "proposed": "proposed", "unchanged": "right already", "failed": "failed"}
    count = {status: sum(one.status == status for one in mending.mended) for status in numbers}
    parts = [f"{number} {numbers[status]}" for status, number in count.items() if number]
    parts += [f"{len(mending.found.unreadable)} not read"] if mending.found.unreadable else []
    if mending.failed:
        parts.append(f"failed: {', '.join(one.service for one in mending.failed)}")
    yield [("strong", f"{'; '.join(parts) or 'Nothing to put right'}.")]
