"""What becomes of a component in the catalog, and of the list of all components."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from platformctl.model import Drift
from tests.drifts import texts
from tests.drifts.alerts import of_text
from tests.drifts.case import Kind
from tests.drifts.stand import Stand

COMPONENT: Final = "catalog/acme/components/payments-api.yaml"
ALL: Final = "catalog/acme/all.yaml"
Edit = Callable[[bytes, Random], bytes]


def _swapped(pattern: str, new: str) -> Edit:
    def edit(text: bytes, chance: Random) -> bytes:
        found, times = re.subn(pattern, new, text.decode(), count=1, flags=re.MULTILINE)
        assert times, pattern
        return found.encode()

    return edit


def _several(text: bytes, chance: Random) -> bytes:
    for name in chance.sample(sorted(set(_FIELDS) - {"no API"}), 3):
        text = _FIELDS[name](text, chance)
    return text


_FIELDS: Final[dict[str, Edit]] = {
    "another owner": _swapped(r"^  owner: .*$", '  owner: "group:default/orders"'),
    "another lifecycle": _swapped(r"^  lifecycle: .*$", "  lifecycle: production"),
    "another system": _swapped(r"^  system: .*$", "  system: shop"),
    "another annotation": _swapped(r'(platformctl/tier: )".*?"', r'\1"gold"'),
    "an annotation more": _swapped(r"^  annotations:$", "  annotations:\n    pagerduty.com/service-id: P1"),
    "a link fewer": _swapped(r"(?m)^    - url: .*\n      title: Runbook\n      type: .*\n", ""),
    "other tags": _swapped(r"^(  tags:.*)$", '\\1\n    - "mine"'),
    "another description": _swapped(r"^  description: .*$", "  description: by hand"),
    "no API": lambda text, chance: text.partition(b"---\n")[0],
}
_TEXTS: Final[dict[str, Edit]] = {
    "a comment": lambda text, chance: b"# by hand\n" + text,
    "other comments": _swapped(r" # answer name", " # a name"),
    "no YAML any more": lambda text, chance: text.replace(b"metadata:", b"metadata: [", 1),
    "nothing in it": texts.emptied,
    "something else": texts.replaced,
}
_LISTS: Final[dict[str, Edit]] = {
    "without it": _swapped(r"^  - \./components/payments-api\.yaml\n", ""),
    "without anything": texts.emptied,
    "by somebody else": texts.replaced,
    "no YAML any more": lambda text, chance: text.replace(b"targets:", b"targets: [", 1),
}


def _removed(name: str) -> Callable[[Stand, Random], None]:
    return lambda stand, chance: stand.path(name).unlink()


def _kinds() -> Iterator[Kind]:
    away = Drift.OUT_OF_BAND
    for name, edit in {**_FIELDS, "three fields": _several}.items():
        yield Kind(f"catalog: {name}", of_text(COMPONENT, edit), "catalog", away, gone=away)
    for name, edit in _TEXTS.items():
        yield Kind(f"catalog: {name}", of_text(COMPONENT, edit), "catalog", away, gone=away, times=2)
    for name, edit in _LISTS.items():
        yield Kind(f"the list of components: {name}", of_text(ALL, edit), "list", away, times=2)
    yield Kind("the list of components: deleted", _removed(ALL), "list", away, times=2)
    yield Kind("catalog: deleted", _removed(COMPONENT), "catalog", away)


KINDS: Final = tuple(_kinds())
