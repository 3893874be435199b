"""What `upgrade` did or would do, as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platformctl.commands.upgrade import Step
from platformctl.commands.upgrade_merge import Merging
from platformctl.merge import Conflict
from platformctl.model import Plan
from platformctl.reporters.lines import Line, outcome_lines


def there_lines(step: Step) -> Iterator[Line]:
    """When there is nothing to do."""
    yield [("good", "✓ "), ("strong", step.service), ("", f" is on {step.path} {step.to}; nothing was changed")]


def merging_lines(step: Step, merging: Merging) -> Iterator[Line]:
    """When it was to be merged at once: that it was, and what has followed, or what it waits for."""
    yield []
    if merging.followed is None:
        yield [("change", "! "), ("strong", "It is not merged"), ("", f": {merging.waits_for}")]
        return
    how = f", merged as {merging.commit[:10]}" if merging.commit else ", as it was before"
    yield [("good", "✓ "), ("strong", step.service), ("", f" is on {step.path} {step.to}{how}")]
    if not merging.refused:
        yield from outcome_lines(merging.followed)


def local_lines(plan: Plan) -> Iterator[Line]:
    """When a clone was changed."""
    yield []
    yield [
        ("good", "✓ "),
        ("strong", plan.service),
        ("", f" here is on {plan.path} {plan.version}; nothing is committed"),
    ]
    yield []
    yield [("strong", "Next")]
    for text in (
        "git diff --cached",
        "git commit",
        "git push, and open a pull request",
        "or take it back: git reset --hard",
    ):
        yield [("", f"  {text}")]


def conflict_lines(conflicts: Sequence[Conflict], *, local: bool) -> Iterator[Line]:
    """The files that a person has to decide about."""
    if not conflicts:
        return
    yield []
    words = "These files need you" if local else "These files need a person before the merge"
    yield [("change", "! "), ("strong", words), ("", ":")]
    yield from ([("", f"  {one.path}: {one.advice}")] for one in conflicts)
