"""What the team reads in the pull request by which its repository would come onto a golden path.

Text from people stands in indented blocks, one line each, where nothing is markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from platformctl.adoption.fitness import Fit
from platformctl.adoption.inference import Inferred, as_text
from platformctl.overrides import Override


def title(service: str, fit: Fit) -> str:
    """One line."""
    return f"Take {service} onto golden path {fit.name}"


def text(
    service: str,
    fits: Sequence[Fit],
    answers: Sequence[Inferred],
    overrides: Sequence[Override],
    expected: Sequence[str],
    afterwards: Sequence[str],
) -> str:
    """Why this path, what the answers are and whence, what stays the team's and how long, and what comes after.

    `fits` has the chosen path first. `afterwards` is what will be made or changed then, one line each.
    """
    return "\n\n".join(_parts(service, fits, answers, overrides, expected, afterwards))


def _parts(
    service: str,
    fits: Sequence[Fit],
    answers: Sequence[Inferred],
    overrides: Sequence[Override],
    expected: Sequence[str],
    afterwards: Sequence[str],
) -> Iterator[str]:
    yield (
        f"This takes `{service}` onto the golden path `{fits[0].path}` {fits[0].version}. It adds files, and changes "
        "or removes none. Nothing but this pull request has been made."
    )
    yield "### Why this path"
    yield _block(line for fit in fits for line in _fit_lines(fit))
    yield "### What the answers are, and where they come from"
    yield _block(f"{one.name}: {one.text}   ({one.source})" for one in answers)
    yield (
        f"Is one of them wrong? Ask again with `platformctl adopt {service} --set KEY=VALUE`, and this pull request "
        "follows."
    )
    if overrides:
        yield "### What stays as it is"
        yield _block(map(_override_line, overrides))
        yield (
            "These are overrides in `.platformctl.yaml`. What ends on a day is reported as drift from then on: until "
            "then the team takes what the path has, or decides anew and says why."
        )
    if expected:
        yield "### What to look at before merging"
        yield _block(expected)
    yield "### After the merge"
    yield (
        f"`platformctl doctor {service}` shows what is still to be made, and `platformctl doctor {service} --fix` "
        "makes it:"
    )
    yield _block(afterwards)
    yield "To turn this down, close it, or `platformctl undo RUN` with the run that is named below."


def _fit_lines(fit: Fit) -> Iterator[str]:
    yield f"{fit.name}: {fit.points} of 100 points"
    yield from (f"  {reason}" for reason in fit.reasons)


def _override_line(override: Override) -> str:
    ends = f"until {override.until}" if override.until else "until it is dropped"
    value = f" = {as_text(override.value)}" if override.input else ""
    return f"{override.target}{value}   {ends}. {override.why}"


def _block(lines: Iterable[str]) -> str:
    return "\n".join(f"    {' ' if line.startswith('  ') else ''}{' '.join(line.split())}" for line in lines)
