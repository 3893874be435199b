"""One request goes wrong: which one, in which way, and what came of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from platformctl.testing.github import Exchange, Fault, Request
from tests.e2e.organisation import NEW, Organisation
from tests.github import TOKEN

TIMEOUT: Final = 2
"""Seconds that a request may take in these tests."""

FAULTS: Final = {
    "reset before": Fault("reset_before"),
    "reset after": Fault("reset_after"),
    "500": Fault("500"),
    "502 after": Fault("502", acted=True),
    "rate limit": Fault("rate_limit", seconds=1),
    "secondary limit": Fault("secondary", seconds=1),
    "hang": Fault("hang", seconds=TIMEOUT + 1),
    "hang after": Fault("hang", seconds=TIMEOUT + 1, acted=True),
    "stale read": Fault("stale"),
    "outage": Fault("503", times=1_000_000),
}
"""What can befall a request; `after` means that GitHub had acted. An outage befalls all requests from that one on."""

_VARIABLE: Final = re.compile(r"\b[0-9a-f]{40}\b|(?<=/rulesets/)\d+")


class Name(NamedTuple):
    """A request by what it asks and how often that was asked before: steps run in parallel, so numbers say nothing."""

    method: str
    path: str
    nth: int

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.nth})"


@dataclass
class Met:
    """How a `new` ended that met a fault."""

    fault: str
    request: Name
    happened: bool
    by_itself: bool
    more: int
    """Requests that were sent beyond those of an undisturbed run."""
    said: str
    end: dict[str, Any]


def names(exchanges: Sequence[Exchange]) -> list[Name]:
    """Every request by its name, sorted."""
    count: Counter[tuple[str, str]] = Counter()
    found = []
    for exchange in exchanges:
        what = (exchange.method, path_of(exchange))
        count[what] += 1
        found.append(Name(*what, count[what]))
    return sorted(found)


def path_of(asked: Request | Exchange) -> str:
    """A request's path without what differs from run to run."""
    service = asked.query.get("service")
    return _VARIABLE.sub("…", asked.path) + (f"?service={service}" if service else "")


def cases(requests: Sequence[Name]) -> Iterator[tuple[Name, str]]:
    """Every request with everything that can befall it."""
    for request in requests:
        for fault in FAULTS:
            if fault != "stale read" or (request.method == "GET" and ".git/" not in request.path):
                yield request, fault


class Trigger:
    """Recognises the one request as it comes in; with `lasting`, all that come after it too."""

    def __init__(self, name: Name, *, lasting: bool) -> None:
        self._name = name
        self._lasting = lasting
        self._seen = 0
        self.met = False

    def __call__(self, request: Request) -> bool:
        if (request.method, path_of(request)) == self._name[:2]:
            self._seen += 1
            if self._seen == self._name.nth:
                self.met = True
                return True
        return self._lasting and self.met


def undisturbed(organisation: Organisation) -> tuple[list[Name], dict[str, Any]]:
    """What an undisturbed `new` asks, and what there is afterwards."""
    organisation.forge(timeout_seconds=TIMEOUT)
    organisation.done(*NEW)
    return names(organisation.exchanges()), organisation.everything()


def met(organisation: Organisation, name: Name, fault: str, undisturbed: int) -> Met:
    """Let one request of a `new` meet a fault, and finish the run if that ended it."""
    organisation.forge(timeout_seconds=TIMEOUT)
    trigger = Trigger(name, lasting=fault == "outage")
    organisation.github.faults.add(replace(FAULTS[fault], match=trigger))
    first = organisation.run(*NEW)
    organisation.github.faults.clear()
    said = first.out + first.err
    if first.code != 0:
        assert first.code in (1, 2, 4), said
        assert first.message, said
        again = ("resume", "last", "--yes") if any(organisation.home.glob("runs/*payments-api*")) else NEW
        second = organisation.run(*again)
        said += second.out + second.err
    assert TOKEN not in said
    more = len(organisation.exchanges()) - undisturbed
    return Met(fault, name, trigger.met, first.code == 0, more, first.err, organisation.everything())
