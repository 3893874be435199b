"""platformctl's merge, tried on a scenario: the function that `platformctl upgrade` calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from platformctl.merge import Conflict, Fate, merge_trees
from tests.merges.judge import judge
from tests.merges.outcome import Outcome
from tests.merges.scenario import Scenario
from tests.merges.trial import Trial

_SAID: Final = (Fate.KEPT, Fate.STAYS_DELETED)
"""What the text of the pull request lists."""

_NEEDS_A_PERSON: Final = 3
"""The exit code of `platformctl upgrade` with a conflict."""


def tried(scenarios: Iterable[Scenario]) -> Iterator[Trial]:
    """Merge the three trees of each."""
    for scenario in scenarios:
        outcome = merged(scenario)
        yield Trial(scenario, outcome, judge(scenario, outcome))


def merged(scenario: Scenario) -> Outcome:
    """What the merge makes of a scenario."""
    found = merge_trees(scenario.base, scenario.ours, scenario.theirs)
    return Outcome(
        found.tree,
        frozenset(conflict.path for conflict in found.conflicts),
        frozenset(path for path, fate in found.fates.items() if fate in _SAID),
        {conflict.path: _stages(conflict) for conflict in found.conflicts},
        _NEEDS_A_PERSON if found.conflicts else 0,
    )


def _stages(conflict: Conflict) -> tuple[bytes, ...]:
    return tuple(side.content for side in (conflict.base, conflict.ours, conflict.theirs) if side)
