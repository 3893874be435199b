"""What the reports say of findings, in the same words: what a class means, what becomes of something, how many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from platformctl.commands.diagnosis import Diagnosis
from platformctl.engine.deviations import Deviation
from platformctl.engine.drift import Finding
from platformctl.model import Address, Drift


@dataclass(frozen=True)
class Meaning:
    """What a class of drift is, for people who see it for the first time."""

    title: str
    what: str
    todo: str


MEANINGS: Final[Mapping[Drift, Meaning]] = {
    Drift.EDITED: Meaning(
        "Edited in git",
        "Somebody has changed in git what the golden path manages.",
        "Put it right with `platformctl doctor SERVICE --fix`. If the service has to differ, say so with an override "
        "in its `.platformctl.yaml`.",
    ),
    Drift.BEHIND: Meaning(
        "Behind",
        "It stands as platformctl left it, and by now something else is asked for: another answer, setting or version.",
        "Bring it up to date with `platformctl doctor SERVICE --fix`.",
    ),
    Drift.OUT_OF_BAND: Meaning(
        "Changed out of band",
        "Somebody has changed it where it stands, outside git.",
        "Put it right with `platformctl doctor SERVICE --fix`. If the service has to differ, say so with an override "
        "in its `.platformctl.yaml`.",
    ),
    Drift.MISSING: Meaning(
        "Missing",
        "It is not there.",
        "Make it again with `platformctl doctor SERVICE --fix`.",
    ),
    Drift.FOREIGN: Meaning(
        "Somebody else's",
        "Something that is not this service's stands at its address.",
        "Find out whose it is. platformctl touches nothing that is not the service's.",
    ),
    Drift.UNREADABLE: Meaning(
        "Unreadable",
        "It could not be looked at, so that it is neither fine nor drift.",
        "See to what the reason names, and look again.",
    ),
}


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: `1 service`, `2 services`."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def verdict(diagnoses: Sequence[Diagnosis]) -> str:
    """How many services are as they should be, in a sentence."""
    whole = len(diagnoses)
    drifted = sum(bool(one.drift) for one in diagnoses)
    unread = sum(bool(one.unreadable) for one in diagnoses)
    if not whole:
        return "There are no services here."
    if not drifted and not unread:
        return "The service is as it should be." if whole == 1 else f"All {whole} services are as they should be."
    parts = [f"{drifted} of {counted(whole, 'service')} drifted"] if drifted else []
    parts += [f"{unread}{'' if drifted else f' of {whole}'} could not be read in full"] if unread else []
    return f"{', '.join(parts)}."


def in_short(diagnosis: Diagnosis) -> str:
    """How many findings of which class a service has; empty when it is as it should be."""
    classes: dict[str, int] = {}
    for one in (*diagnosis.drift, *diagnosis.unreadable):
        classes[one.drift.value] = classes.get(one.drift.value, 0) + 1
    return ", ".join(f"{number} {name}" for name, number in classes.items())


def day_of(at: datetime) -> str:
    """A time, as reports that are kept have it."""
    return f"on {at:%Y-%m-%d}"


def came_about(found: Finding, when: Callable[[datetime], str] = day_of) -> str:
    """The class of a finding, with why, who and when, as far as that is known. It has text from people in it."""
    parts = [found.drift.value]
    if found.reason:
        parts.append(found.reason)
    if found.trace and found.trace.by:
        parts.append(f"by {found.trace.by}")
    if found.trace and found.trace.at:
        parts.append(when(found.trace.at))
    if found.override and found.override.until:
        parts.append(f"its override ended on {found.override.until}")
    return ", ".join(parts)


def newer(due: Finding) -> str:
    """What a finding about a version says."""
    said = [f"version {due.expected} is there; this is {due.found}"] if due.expected != due.found else []
    return "; ".join([*said, *([due.reason] if due.reason else [])])


def on_purpose(deviation: Deviation) -> str:
    """What a service does otherwise, why, and until when. It has text from people in it."""
    override = deviation.override
    value = f" = {override.value}" if override.input else ""
    default = f" (the default is {deviation.default})" if override.input and deviation.default is not None else ""
    ends = f", until {override.until}" if override.until else ""
    outside = ", outside of the extension points" if deviation.outside else ""
    idle = "" if deviation.differs else "; it changes nothing"
    return f"{override.target}{value}{default}: {override.why} ({override.decided_by}{ends}{outside}){idle}"


def by_address(found: Sequence[Finding]) -> Iterator[tuple[Address, list[Finding]]]:
    """Findings of one address together, in their order."""
    for address, group in groupby(found, key=lambda one: one.address):
        yield address, list(group)


def texts_of(found: Sequence[Finding]) -> list[str]:
    """What fixes do to texts, each text once: several findings may be about parts of one."""
    return list(dict.fromkeys(one.diff for one in found if one.diff))


def fix_lines(found: Sequence[Finding]) -> Iterator[str]:
    """What `--fix` would do, as lines of a diff: of texts where they are known, else of the values that are."""
    fixable = [one for one in found if one.change is not None]
    for address, group in by_address(fixable):
        for text in texts_of(group):
            yield from text.splitlines()
        if values := [line for one in group if not one.diff for line in _value_lines(one)]:
            yield f"@@ {one_line(address)} @@"
            yield from values


def _value_lines(found: Finding) -> Iterator[str]:
    """One finding as lines of a diff."""
    part, line = one_line(found.part), found.line
    if line is None:
        yield f"+{one_line(found.address)}"
    elif line.sign == "~" and (found.found or found.expected):
        yield f"-{part}: {one_line(found.found)}"
        yield f"+{part}: {one_line(found.expected)}"
    else:
        yield f"{line.sign.replace('~', '!')}{part}{f': {one_line(line.text)}' if line.text else ''}"


def one_line(text: str) -> str:
    """The same text without line ends."""
    return " ".join(text.split())
