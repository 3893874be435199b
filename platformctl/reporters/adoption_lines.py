"""What `adopt` would propose, as people read it: which path and why, the answers, the files, what stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from platformctl.adoption.inference import as_text
from platformctl.adoption.keeping import Fate
from platformctl.commands.adopt import Adoption
from platformctl.reporters.lines import Line

_SIGNS: Final = {
    Fate.ADDED: ("good", "+"),
    Fate.EQUAL: ("quiet", "="),
    Fate.TEAM: ("change", "·"),
    Fate.LEFT_OUT: ("quiet", "-"),
}


def adoption_lines(found: Adoption) -> Iterator[Line]:
    """All of it, before it is proposed."""
    survey = found.survey
    yield [("strong", survey.name), ("", " onto golden path "), ("strong", survey.fits[0].name)]
    yield from _fit_lines(found)
    yield from _answer_lines(found)
    yield from _file_lines(found)
    if found.request.overrides:
        yield from _head("What stays as it is, as overrides")
        yield from _override_lines(found)
    if found.expected:
        yield from _head("To look at before the merge")
        yield from ([("change", "  ! "), ("", text)] for text in found.expected)
    yield from _head(f"After the merge, by platformctl doctor {survey.name} --fix")
    yield from ([("quiet", f"  {text}")] for text in found.afterwards)
    yield []


def _head(text: str) -> Iterator[Line]:
    yield []
    yield [("strong", text)]


def _fit_lines(found: Adoption) -> Iterator[Line]:
    yield from _head("How well golden paths fit, of 100 points")
    for at, fit in enumerate(found.survey.fits):
        style, mark = ("quiet", " ") if at else ("good", "✓")
        yield [(style, f"  {mark} "), ("strong", f"{fit.points:>3}  {fit.name}")]
        yield from ([("quiet", f"         {reason}")] for reason in fit.reasons)


def _answer_lines(found: Adoption) -> Iterator[Line]:
    yield from _head("Answers, and where they come from")
    shown = [(one.name, _short(one.text), one.source) for one in found.survey.sources]
    width = max(len(name) for name, _, _ in shown) + 2
    yield from ([("", f"  {name:<{width}}{value}"), ("quiet", f"  {source}")] for name, value, source in shown)


def _file_lines(found: Adoption) -> Iterator[Line]:
    """The path's files, without those that overrides tell of."""
    yield from _head("Files of the path: + added, = there already, · the team's stays")
    for one in found.verdicts:
        if not any(override.covers(one.path) for override in found.request.overrides):
            style, sign = _SIGNS[one.fate]
            yield [(style, f"  {sign} "), ("", one.path), ("quiet", f"  {one.kind}")]


def _override_lines(found: Adoption) -> Iterator[Line]:
    for override in found.request.overrides:
        value = f" = {_short(as_text(override.value))}" if override.input else ""
        number = sum(override.covers(one.path) for one in found.verdicts)
        several = f" ({number} files of the path)" if number > 1 else ""
        ends = f"until {override.until}" if override.until else "until it is dropped"
        text = f"{override.target}{value}{several}"
        yield [("change", "  ≠ "), ("", text), ("quiet", f"  {ends}: {override.why}")]


def _short(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
