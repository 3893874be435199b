"""All cases: every kind alone, by chance several times, and kinds together. The same each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from tests.drifts import (
    alerts,
    catalog,
    dashboards,
    git_edits,
    github_kinds,
    grafana_kinds,
    harmless_beside,
    harmless_forms,
    harmless_git,
    leftovers,
    moves,
    outages,
    owners,
    settings,
    terraform_state,
)
from tests.drifts.case import Case, Kind

SEED: Final = 20261130
EMBEDDED: Final = (
    *git_edits.KINDS,
    *settings.KINDS,
    *terraform_state.KINDS,
    *dashboards.KINDS,
    *alerts.KINDS,
    *catalog.KINDS,
    *moves.KINDS,
    *owners.KINDS,
    *outages.KINDS,
    *leftovers.KINDS,
    *harmless_git.KINDS,
    *harmless_forms.KINDS,
    *harmless_beside.KINDS,
)
KINDS: Final = (*EMBEDDED, *grafana_kinds.KINDS, *github_kinds.KINDS)
MIXED: Final = {"embedded": 100, github_kinds.STAND: 20}
"""By stand: cases in which two to four things drift, and at times something harmless happens beside."""
BESIDE: Final = {"embedded": 50, github_kinds.STAND: 5}
"""By stand: cases in which several things happen, all of them harmless."""


def corpus() -> list[Case]:
    """Every case, in an order that is the same each time."""
    chance = Random(SEED)
    kinds: list[tuple[Kind, ...]] = [(kind,) for kind in KINDS for _ in range(kind.times)]
    for counts, harmless in ((MIXED, False), (BESIDE, True)):
        kinds += [_together(stand, chance, harmless=harmless) for stand, count in counts.items() for _ in range(count)]
    return [Case(number, some, chance.randrange(10**9)) for number, some in enumerate(kinds)]


def _together(stand: str, chance: Random, *, harmless: bool) -> tuple[Kind, ...]:
    """Two to four kinds of different areas; with those that drift, at times one that is harmless."""
    here = [kind for kind in KINDS if kind.stand == stand and kind.area]
    chosen = list(_apart([kind for kind in here if kind.harmless == harmless], chance, chance.randint(2, 4), set()))
    if not harmless and chance.random() < 0.4:
        beside = [kind for kind in here if kind.harmless]
        chosen += _apart(beside, chance, 1, {kind.area for kind in chosen})
    chance.shuffle(chosen)
    return tuple(chosen)


def _apart(kinds: Sequence[Kind], chance: Random, count: int, areas: set[str]) -> Iterator[Kind]:
    for kind in chance.sample(kinds, len(kinds)):
        if count and kind.area not in areas:
            areas.add(kind.area)
            count -= 1
            yield kind


_STEP: Final = {"embedded": 60, "Grafana 13": 16, github_kinds.STAND: 20}
"""Of how many cases of a stand `make test` tries one."""
_ALWAYS: Final = (
    "a manifest: deleted",
    "settings: another way to merge",
    "repository: another service's mark",
    "the forge's record: damaged",
    "pipeline: another value",
    "deployments: the environment is gone",
    "the platform has another variable of pipelines",
    "Terraform: a resource is gone",
    "Terraform: two resources were changed",
    "terraform: another service's mark",
    "Terraform does not plan",
    "rules: another threshold",
    "rules: deleted",
    "dashboard: another service's mark",
    "routing: a damaged mark",
    "protection: no review by owners",
    "protection: lifted",
    "the platform has somebody may bypass",
    "owners that there are not",
)
"""Kinds of which it tries one case in any case, so that every class is tried on every plane."""


def sample() -> list[Case]:
    """The cases that `make test` tries."""
    seen: dict[str, int] = {}
    chosen = []
    always = set(_ALWAYS)
    for case in corpus():
        if case.stand not in _STEP or case.short:
            continue
        name = case.kinds[0].name
        number = seen[case.stand] = seen.get(case.stand, -1) + 1
        if number % _STEP[case.stand] == 0 or (name in always and len(case.kinds) == 1):
            always.discard(name)
            chosen.append(case)
    return chosen
