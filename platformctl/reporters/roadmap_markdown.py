"""The roadmap of golden paths as Markdown, to be published. In text from people nothing is markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from platformctl.commands.roadmap import Coming, Going, Offer, Roadmap
from platformctl.page import printable
from platformctl.renderers.text import FILTERS
from platformctl.reporters.markdown import code
from platformctl.reporters.roadmap_lines import instead_of, stands

_plain: Final = FILTERS["markdown"]


def report(found: Roadmap) -> str:
    """What there is, what goes and what comes. The same roadmap gives the same text."""
    parts = [f"# Golden paths\n\nAs of {found.today}.", "## What goes, and when"]
    if found.going:
        head = ("Day", "Golden path", "What", "When", "Why", "Announced")
        parts.append(_table(head, map(_going, found.going)))
    else:
        parts.append("Nothing is announced.")
    if found.coming:
        parts += ["## What comes", _table(("When", "Golden path", "What", "What for"), map(_coming, found.coming))]
    parts.append("## What there is")
    for offer in found.offers:
        parts += _offer(offer)
    return "\n\n".join(parts) + "\n"


def _text(text: str) -> str:
    return _plain(printable(text))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _going(one: Going) -> Iterable[str]:
    why = f"{_text(one.reason)}{_text(instead_of(one))}"
    day = f"**{one.day}**" if one.day else "none yet"
    return (day, code(one.path), _text(one.what), _text(one.said), why, str(one.since))


def _coming(one: Coming) -> Iterable[str]:
    return (_text(one.when), code(one.path), _text(one.title), _text(one.why) or "–")


def _offer(offer: Offer) -> Iterator[str]:
    path = offer.path
    yield f"### {code(path.name)}"
    about = f"{path.lifecycle.capitalize()}. Owner: {_text(path.owner)}. Support: {_text(path.support)}."
    yield f"{_text(path.title)}. {about}"
    rows = ((_version(one.version, newest=one.newest), stands(one), _text(one.said) or "–") for one in offer.versions)
    yield _table(("Version", "Since", "Its end"), rows)


def _version(version: str, *, newest: bool) -> str:
    return f"**{version}**, the newest" if newest else version
