"""Two versions of a golden path compared as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from platformctl.comparison import recipes
from platformctl.comparison.files import Renames, Trial, files, loose, renames, unfollowed
from platformctl.comparison.inputs import inputs
from platformctl.comparison.rules import Bump, Changed, Level
from platformctl.model import Json
from platformctl.recipe import Recipe
from platformctl.released import order


@dataclass(frozen=True)
class Version:
    """One version: its recipe, and what it gives in the cases that it is compared by."""

    recipe: Recipe
    trials: Mapping[str, Trial] = field(default_factory=dict)
    """By the case's name."""
    renderers: frozenset[str] = frozenset()
    """The ids of steps that render."""
    keepers: frozenset[str] = frozenset()
    """The ids of steps that keep rendered files."""


@dataclass(frozen=True)
class Comparison:
    """What has changed from one version to a later one."""

    path: str
    before: str
    after: str
    changes: tuple[Changed, ...]
    cases: int
    """How many cases were rendered with both."""
    notes: tuple[str, ...] = ()
    """What could not be compared, and why; and what looks like an omission."""

    @property
    def level(self) -> Level | None:
        """The gravest change; None when nothing has changed."""
        levels = {change.level for change in self.changes}
        return next((level for level in Level if level in levels), None)

    def of(self, level: Level) -> Sequence[Changed]:
        """The changes of one level."""
        return [change for change in self.changes if change.level is level]

    def to_json(self) -> dict[str, Json]:
        """The form for machines."""
        return {
            "path": self.path,
            "from": self.before,
            "to": self.after,
            "level": self.level.value if self.level else None,
            "asks_for": self.level.asks_for.value if self.level else None,
            "cases": self.cases,
            "changes": [change.to_json() for change in self.changes],
            "notes": list(self.notes),
        }


def compare(
    before: Version, after: Version, called: Mapping[str, str], moves: Mapping[str, str], notes: Sequence[str] = ()
) -> Comparison:
    """What has changed. Both have trials of one set.

    `called` are inputs with another name and `moves` files with another path, old ones to new ones, as migrations say.
    """
    old, new = before.recipe, after.recipe
    renamed = renames(before.trials, after.trials, moves)
    changes = tuple(_changes(before, after, called, renamed))
    alike = (
        f"{gone} is gone, and {come}, which is much the same, is new; an upgrade follows no such rename: "
        "if it is one, say move_file in migration.yaml"
        for gone, come in unfollowed(before.trials, after.trials, renamed)
    )
    return Comparison(old.path, old.version, new.version, changes, len(before.trials), (*notes, *alike))


def _changes(before: Version, after: Version, called: Mapping[str, str], renamed: Renames) -> Iterator[Changed]:
    old, new = before.recipe, after.recipe
    yield from inputs(old.inputs, new.inputs, called)
    yield from recipes.steps(old, new, before.renderers | after.renderers, before.keepers & after.keepers)
    both = [step.id for step in old.steps if step.id in {step.id for step in new.steps}]
    yield from recipes.taken(_left_out(before), _left_out(after), both)
    yield from files(before.trials, after.trials, renamed)
    yield from loose(before.trials, after.trials)
    yield from recipes.outputs(old.outputs, new.outputs)
    yield from recipes.extension_points(old.extension_points, new.extension_points)
    yield from recipes.proof(old.proof, new.proof)


def _left_out(version: Version) -> Mapping[str, frozenset[str]]:
    return {case: trial.left_out for case, trial in version.trials.items()}


def bump(before: str, after: str) -> Bump:
    """How a later version differs from an earlier one."""
    old, new = order(before), order(after)
    return Bump.MAJOR if new[0] > old[0] else Bump.MINOR if new[1] > old[1] else Bump.PATCH
