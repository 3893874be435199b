"""What becomes of a service's rules and routing, and of the configuration that all services share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from platformctl.model import Drift
from tests.drifts import texts
from tests.drifts.case import Kind
from tests.drifts.stand import Stand
from tests.drifts.texts import edit_json

RULES: Final = "monitoring/acme/rules/staging/payments-api.yml"
FRAGMENT: Final = "monitoring/acme/fragments/staging/payments-api.json"
SHARED: Final = "monitoring/acme/alertmanager.yml"


def of_text(name: str, edit: Callable[[bytes, Random], bytes]) -> Callable[[Stand, Random], None]:
    """An edit of one file."""

    def plant(stand: Stand, chance: Random) -> None:
        file = stand.path(name)
        before = file.read_bytes()
        after = edit(before, chance)
        file.write_bytes(after if after != before else before + b"# by hand\n")

    return plant


def _swapped(pattern: str, new: str) -> Callable[[bytes, Random], bytes]:
    """One place that a pattern finds, otherwise."""

    def edit(text: bytes, chance: Random) -> bytes:
        found = list(re.finditer(pattern, text.decode(), re.MULTILINE))
        at = chance.choice(found)
        whole = text.decode()
        return (whole[: at.start()] + at.expand(new) + whole[at.end() :]).encode()

    return edit


def _fewer(text: bytes, chance: Random) -> bytes:
    """A rule less."""
    parts = re.split(r"(?m)^(?=  - (?:alert|record): )", text.decode())
    del parts[chance.randrange(1, len(parts))]
    return "".join(parts).encode()


_RULES: Final[dict[str, Callable[[bytes, Random], bytes]]] = {
    "another threshold": _swapped(r"(> [^\n]*?)(\d+)", r"\g<1>9\g<2>"),
    "another expression": _swapped(r"rate\(", "irate("),
    "another name": _swapped(r"(- alert: \w+)", r"\1X"),
    "a rule fewer": _fewer,
    "a comment": texts.inserted,
    "nothing in it": texts.emptied,
    "no text": texts.binary,
}
_SHARED: Final[dict[str, Callable[[bytes, Random], bytes]]] = {
    "another receiver": _swapped(r"receiver: pagerduty-payments", "receiver: default"),
    "another key": _swapped(r"(routing_key_file: .*)$", r"\1-old"),
    "no inhibition": _swapped(r"(?s)^inhibit_rules:.*?^(?=receivers)", ""),
    "a route more": _swapped(r"^  routes:$", "  routes:\n  - receiver: default\n    matchers:\n    - team=x"),
    "a comment": texts.inserted,
    "nothing in it": texts.emptied,
    "no text": texts.binary,
}


def fragment(edit: Callable[[Any, Random], object]) -> Callable[[Stand, Random], None]:
    """An edit of the routing."""
    return lambda stand, chance: edit_json(stand.path(FRAGMENT), lambda whole: edit(whole, chance))


_FRAGMENTS: Final[dict[str, Callable[[Any, Random], object]]] = {
    "another receiver": lambda whole, chance: whole.update(receiver="pagerduty-orders"),
    "another key": lambda whole, chance: whole.update(paging="secret:orders"),
    "another matcher": lambda whole, chance: whole["matchers"].update(environment="production"),
    "a matcher more": lambda whole, chance: whole["matchers"].update(severity="critical"),
}


def _removed(*names: str) -> Callable[[Stand, Random], None]:
    def plant(stand: Stand, chance: Random) -> None:
        for name in names:
            stand.path(name).unlink()

    return plant


def _both(stand: Stand, chance: Random) -> None:
    of_text(RULES, _fewer)(stand, chance)
    fragment(_FRAGMENTS["another key"])(stand, chance)


def _kinds() -> Iterator[Kind]:
    away = Drift.OUT_OF_BAND
    for name, edit in _RULES.items():
        yield Kind(f"rules: {name}", of_text(RULES, edit), "rules", away, gone=away)
    for name, change in _FRAGMENTS.items():
        yield Kind(f"routing: {name}", fragment(change), "routing", away, gone=away, times=3)
    for name, edit in _SHARED.items():
        yield Kind(f"Alertmanager's file: {name}", of_text(SHARED, edit), "alertmanager", away, gone=away, times=3)
    yield Kind("rules and routing: other ones", _both, "rules", away, gone=away)
    yield Kind("rules: deleted", _removed(RULES), "rules", away)
    yield Kind("routing: deleted", _removed(FRAGMENT), "routing", away)
    yield Kind("routing: no JSON any more", of_text(FRAGMENT, texts.emptied), "routing", away, gone=away, times=2)
    yield Kind("rules and routing: deleted", _removed(RULES, FRAGMENT), "rules", away)
    yield Kind("Alertmanager's file: deleted", _removed(SHARED), "alertmanager", away)


KINDS: Final = tuple(_kinds())
