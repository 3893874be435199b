"""The roadmap of golden paths as lines of styled spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from platformctl.commands.roadmap import Going, Roadmap, State, Version
from platformctl.reporters.lines import Line

_STYLES: Final[Mapping[State, str]] = {State.DEPRECATED: "change", State.WITHDRAWN: "bad", State.ENDED: "bad"}


def roadmap_lines(found: Roadmap) -> Iterator[Line]:
    """What there is, what goes and what comes."""
    yield [("strong", "Golden paths"), ("quiet", f"  as of {found.today}")]
    for offer in found.offers:
        path = offer.path
        yield []
        yield [("strong", path.name), ("", f"  {path.title}")]
        yield [("quiet", f"  {path.lifecycle}, owner {path.owner}; {path.support}")]
        yield from (_version_line(one) for one in offer.versions)
    yield from _going_lines(found)
    yield from _coming_lines(found)


def _version_line(one: Version) -> Line:
    newest = ", the newest" if one.newest else ""
    return [
        ("", f"  {one.version:<9}"),
        ("quiet", f"  {stands(one)}{newest}"),
        (_STYLES.get(one.state, ""), f"  {one.said}" if one.said else ""),
    ]


def stands(one: Version) -> str:
    """Whether and when a version was released."""
    return f"released {one.released}" if one.released else "a draft" if one.state is State.DRAFT else "offered"


def instead_of(one: Going) -> str:
    """What to use instead, as the end of a sentence; empty when nothing is said."""
    return f"; instead: {one.instead}" if one.instead else ""


def _going_lines(found: Roadmap) -> Iterator[Line]:
    yield []
    yield [("strong", "What goes")]
    if not found.going:
        yield [("quiet", "  nothing is announced")]
    width = max((len(f"{one.path} {one.what}") for one in found.going), default=0)
    for one in found.going:
        yield [
            ("", f"  {_day(one):<10}  "),
            ("", f"{f'{one.path} {one.what}':<{width}}  "),
            ("bad" if one.gone else "change", one.said),
            ("quiet", f": {one.reason}{instead_of(one)} (announced {one.since})"),
        ]


def _coming_lines(found: Roadmap) -> Iterator[Line]:
    if found.coming:
        yield []
        yield [("strong", "What comes")]
    for one in found.coming:
        why = f": {one.why}" if one.why else ""
        yield [("", f"  {one.when:<10}  {one.path}  {one.title}"), ("quiet", why)]


def _day(one: Going) -> str:
    return str(one.day or "no day yet")
