"""A diagnosis as GitHub's Markdown: for an issue, a pull request or the summary of a job.

Text from people stands in code spans and blocks that it cannot leave, where nothing is markup and nobody is mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from platformctl.commands.diagnosis import Diagnosis
from platformctl.model import Drift, Plane
from platformctl.page import printable
from platformctl.reporters.findings import (
    came_about,
    counted,
    fix_lines,
    in_short,
    newer,
    on_purpose,
    one_line,
    verdict,
)

MOST: Final = 60_000
"""Characters; GitHub takes 65,536 as the text of an issue."""
_ROWS: Final = 20_000
"""Of which the table has at most these."""
_SPAN: Final = 300
"""Characters of one text from people."""
_TICKS: Final = re.compile("`+")
_LINK: Final = re.compile(r"(\S+ is proposed:) (https?://[A-Za-z0-9.:/_-]+)")
"""A note that leads somewhere: where a forge has a proposal."""


def report(diagnoses: Sequence[Diagnosis], seconds: float) -> str:
    """What was found out about services, in `seconds`. The same diagnoses give the same text.

    What would be longer than an issue can be is left out at the end, and that is said.
    """
    wrong = [one for one in diagnoses if one.drift or one.unreadable]
    parts = [f"**{verdict(diagnoses)}** Looked at in {seconds:.1f} s."]
    if len(diagnoses) > 1:
        if aside := _aside(diagnoses):
            parts.append(aside)
        if wrong:
            parts.append(bounded(_table(wrong), _ROWS, "\n"))
    told = wrong if len(diagnoses) > 1 else diagnoses
    used = sum(map(len, parts))
    if told:
        parts.append(bounded([_service(one) for one in told], MOST - used, "\n\n"))
    return "\n\n".join(parts) + "\n"


def _aside(diagnoses: Sequence[Diagnosis]) -> str:
    """What is no drift and worth knowing."""
    due = sum(bool(one.due) for one in diagnoses)
    deviating = sum(bool(one.deviations) for one in diagnoses)
    parts = [f"{counted(due, 'service')} could be upgraded."] if due else []
    parts += [f"{counted(deviating, 'deviates', 'deviate')} on purpose."] if deviating else []
    return " ".join(parts)


def bounded(parts: Sequence[str], most: int, between: str, hint: str = "platformctl doctor --all") -> str:
    """As many parts as there is room for; how many services more there are, and where to see them."""
    kept: list[str] = []
    for part in parts:
        most -= len(part) + len(between)
        if most < 0:
            left = f"… and {len(parts) - len(kept)} more services: see `{hint}`."
            return between.join(kept) + f"\n\n{left}"
        kept.append(part)
    return between.join(kept)


def _table(wrong: Sequence[Diagnosis]) -> list[str]:
    rows = [
        f"| {'✗' if one.drift else '!'} | {cell(one.service)} | {cell(one.team)} | {_in_short(one)} |" for one in wrong
    ]
    return ["| | Service | Team | What |\n|---|---|---|---|", *rows]


def _in_short(diagnosis: Diagnosis) -> str:
    if diagnosis.drift:
        return in_short(diagnosis)
    return f"unreadable: {cell(diagnosis.unreadable[0].reason)}"


def _service(diagnosis: Diagnosis) -> str:
    path, team = f"{diagnosis.path} {diagnosis.version}".strip(), diagnosis.team
    about = f"Golden path {code(path)}, team {code(team)}."
    if any(one.change for one in diagnosis.drift):
        about += f" Put it right with {code(f'platformctl doctor {diagnosis.service} --fix')}."
    parts = [f"### {code(diagnosis.service)}", about]
    if listed := [*_findings(diagnosis), *_asides(diagnosis)]:
        parts.append("\n".join(listed))
    if lines := list(fix_lines(diagnosis.drift)):
        parts += ["What `--fix` would do:", block("\n".join(lines), "diff")]
    return "\n\n".join(parts)


def _findings(diagnosis: Diagnosis) -> Iterator[str]:
    for plane in Plane:
        for one in (*diagnosis.drift, *diagnosis.unreadable):
            if one.plane is plane:
                style = "" if one.drift is Drift.UNREADABLE else f", {one.severity.value}"
                yield f"- **{plane.value}**{style}: {code(one.place)} {_how(came_about(one))}"


def _how(said: str) -> str:
    """The class as a word, and what else is known, which people have written, as code."""
    name, _, rest = said.partition(", ")
    return f"{name}: {code(rest)}" if rest else name


def _asides(diagnosis: Diagnosis) -> Iterator[str]:
    for due in diagnosis.due:
        yield f"- newer: {code(newer(due))}"
    for deviation in diagnosis.deviations:
        yield f"- on purpose: {code(on_purpose(deviation))}"
    for note in diagnosis.notes:
        link = _LINK.fullmatch(note)
        yield f"- note: {code(link[1])} {link[2]}" if link else f"- note: {code(note)}"


def code(text: str) -> str:
    """A text in a span in which nothing is markup; `–` for an empty one."""
    text = one_line(printable(text))
    if not text:
        return "–"
    text = text if len(text) <= _SPAN else f"{text[: _SPAN - 1]}…"
    fence = "`" * (max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def cell(text: str) -> str:
    """The same in a table, where `|` ends a cell unless exactly one backslash stands before it."""
    return code(re.sub(r"\\+\|", lambda found: f"{found[0][:-1]} |", text)).replace("|", "\\|")


def block(text: str, language: str) -> str:
    """A text of many lines in a block that it cannot end."""
    text = printable(text)
    fence = "`" * max(3, max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    return f"{fence}{language}\n{text}\n{fence}"
