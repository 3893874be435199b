"""What people read of `platformctl runs stats`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from platformctl.commands.run_stats import COUNTED, Spread, Stats, Success
from platformctl.errors import Cause
from platformctl.reporters.lines import Line

_STATUSES: Final = ("done", "proposed", "failed", "interrupted", "unfinished", "undone")
_LABEL: Final = 50
"""Characters of what was measured; the numbers beside it need 28."""


def run_stats_lines(stats: Stats) -> Iterator[Line]:
    """How runs ended, how many succeeded, and how long they took, in no more than 80 columns."""
    if not stats.ended:
        yield [("", "There has been no such run yet.")]
        return
    yield from _ended_lines(stats)
    yield []
    yield from _success_lines(stats.success)
    yield []
    yield [("strong", f"{'Seconds':<{_LABEL}}"), ("quiet", f"{'n':>8}{'P50':>10}{'P95':>10}")]
    for command, spread in stats.runs.items():
        yield _spread_line(command, spread)
        for (step, plane), of_step in stats.steps[command].items():
            yield _spread_line(f"  {plane:<10}  {step}", of_step)
    if stats.made:
        yield []
        yield _spread_line("from new to proven", stats.proven)
        if stats.proven.values:
            best, worst = stats.proven.values[0], stats.proven.values[-1]
            yield [("quiet", f"  best {best:.2f}, worst {worst:.2f}")]
        yield [("", f"{len(stats.proven.values)} of {stats.made} services made are proven.")]


def _ended_lines(stats: Stats) -> Iterator[Line]:
    """A table of runs by command, with a column for each way of ending that there was; partly undone is undone."""
    counts = {
        (command, status): ended.get(status, 0) + (ended.get("partly undone", 0) if status == "undone" else 0)
        for command, ended in stats.ended.items()
        for status in _STATUSES
    }
    seen = [status for status in _STATUSES if any(counts[command, status] for command in stats.ended)]
    yield [("strong", f"{'Runs':<10}"), ("quiet", "".join(f"  {word}" for word in ("all", *seen)))]
    for command, ended in stats.ended.items():
        cells = [f"{counts[command, status]:>{len(status) + 2}}" for status in seen]
        yield [("", f"{command:<10}{sum(ended.values()):>5}{''.join(cells)}")]


def _success_lines(success: Success) -> Iterator[Line]:
    rate = success.rate()
    shown = "no attempt that counts" if rate is None else f"{rate:.1%} of {success.counted} attempts"
    yield [("strong", f"{'Success':<14}"), ("", shown)]
    for cause in COUNTED:
        if (alone := success.rate((cause,))) is not None:
            yield [("", f"  {cause.value:<12}{success.failed.get(cause, 0):>5} failed  {alone:>7.1%}")]
    users, stopped = success.failed.get(Cause.USER, 0), success.interrupted
    rest = f"{users} for the user to mend, {stopped} interrupted, {success.unfinished} unfinished"
    yield [("quiet", f"  not counted: {rest}")]


def _spread_line(label: str, spread: Spread) -> Line:
    shown = label if len(label) < _LABEL else f"{label[: _LABEL - 2]}…"
    if not spread.values:
        return [("", f"{shown:<{_LABEL}}"), ("quiet", f"{0:>8}")]
    p50, p95 = (spread.percentile(per_cent) for per_cent in (50, 95))
    return [("", f"{shown:<{_LABEL}}"), ("quiet", f"{len(spread.values):>8}"), ("", f"{p50:>10.2f}{p95:>10.2f}")]
