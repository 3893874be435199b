"""What people read, as lines of styled spans, so that a terminal and a pipe show the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from platformctl.commands.run import Outcome
from platformctl.commands.undo import Undoing
from platformctl.journal import Run
from platformctl.model import Change, Difference, Kind, Plan, Plane
from platformctl.port import Usage

Span = tuple[str, str]
"""A style (`good`, `bad`, `change`, `strong`, `quiet`, or none) and a text."""
Line = Sequence[Span]

_SIGN: Final = {Kind.CREATE: ("good", "+"), Kind.UPDATE: ("change", "~"), Kind.DELETE: ("bad", "-")}
_STYLE: Final = {"+": "good", "~": "change", "-": "bad"}
_SHOWN: Final = 12
"""How many lines of one difference are shown."""


def plan_lines(plan: Plan) -> Iterator[Line]:
    """A plan, by plane."""
    yield [("", "Plan for "), ("strong", plan.service), ("quiet", f"  {plan.path} {plan.version}")]
    for plane, steps in _by_plane(plan):
        body = [line for step in steps for change in step.changes for line in change_lines(change)]
        body += [
            [("change", "  ? "), ("", step.step.title), ("quiet", "  known after an earlier step")]
            for step in steps
            if step.deferred and not step.left_alone
        ]
        if body:
            yield []
            yield [("strong", plane.value)]
            yield from body
    for step, address, reason in plan.unreadable:
        yield [
            ("bad", "  ! "),
            ("", address),
            ("quiet", f"  {step.step.plane.value}: cannot be read: {reason}"),
        ]
    yield from note_lines(plan)
    yield []
    yield [("", _count(plan.changes))]


def note_lines(plan: Plan) -> Iterator[Line]:
    """What a plan that changes something expects and does not make."""
    notes = [note for step in plan.steps for note in step.notes]
    if notes and plan.changes:
        yield []
        yield from ([("quiet", f"  note: {note}")] for note in notes)


def _by_plane(plan: Plan) -> Iterator[tuple[Plane, list]]:  # type: ignore[type-arg]
    order = list(Plane)
    steps = sorted(plan.steps, key=lambda step: order.index(step.step.plane))
    for plane, group in groupby(steps, key=lambda step: step.step.plane):
        yield plane, list(group)


def change_lines(change: Change) -> Iterator[Line]:
    """One change: its address, and what differs there."""
    style, sign = _SIGN[change.kind]
    about = _summary(change) if change.kind is Kind.CREATE else ""
    yield [(style, f"  {sign} "), ("", change.address), ("quiet", f"  {about}" if about else "")]
    if change.kind is not Kind.CREATE:
        yield from difference_lines(change.differences)
    if change.irreversible:
        yield [("bad", f"    cannot be taken back: {change.irreversible}")]


def _summary(change: Change) -> str:
    count = len(change.differences)
    match change.uses:
        case "files" | "manifests":
            return f"{count} files"
        case "infrastructure":
            return f"{count} resources"
        case _:
            return ""


def difference_lines(differences: Sequence[Difference]) -> Iterator[Line]:
    """The lines of one change's diff."""
    for line in differences[:_SHOWN]:
        yield [
            (_STYLE[line.sign], f"      {line.sign} "),
            ("", line.what),
            ("quiet", f"  {line.text}".rstrip()),
        ]
    if (more := len(differences) - _SHOWN) > 0:
        yield [("quiet", f"        and {more} more")]


def _count(changes: Iterable[Change]) -> str:
    kinds = [change.kind for change in changes]
    if not kinds:
        return "Nothing to do: all is as it should be."
    words = {Kind.CREATE: "to create", Kind.UPDATE: "to update", Kind.DELETE: "to delete"}
    return ", ".join(f"{kinds.count(kind)} {word}" for kind, word in words.items() if kind in kinds) + "."


def outcome_lines(outcome: Outcome, proposed: str = "is proposed") -> Iterator[Line]:
    """How a run ended: where everything is, what is live, what to do next; `proposed` says what waits for consent."""
    plan = outcome.plan
    yield []
    if not outcome.applied:
        yield [("good", "✓ "), ("strong", plan.service), ("", " is as it should be; nothing was changed")]
    else:
        style, mark, words = ("change", "… ", proposed) if outcome.proposed else ("good", "✓ ", "is there")
        yield [
            (style, mark),
            ("strong", plan.service),
            ("", f" {words}, in {outcome.seconds:.1f} s"),
            ("quiet", f"  run {outcome.run}"),
        ]
    for address, url in outcome.proposed.items():
        yield [("change", "  proposed  "), ("", url), ("quiet", f"  {address}")]
    for title in outcome.waiting:
        yield [("change", "  waits     "), ("", title)]
    if outcome.places:
        yield []
        width = max(map(len, outcome.places)) + 2
        yield from ([("quiet", f"  {label:<{width}}"), ("", where)] for label, where in outcome.places.items())
    if outcome.standing:
        yield []
        for plane, why in outcome.standing.items():
            yield [("change", f"  {plane.value}: "), ("", f"rendered, not deployed ({why})")]
    if outcome.usage:
        yield []
        yield from (usage_line(usage) for usage in outcome.usage)
    if outcome.next and outcome.applied:
        yield []
        yield [("strong", "Next")]
        yield from ([("", f"  {text}")] for text in outcome.next)


def usage_line(usage: Usage) -> Line:
    """What was asked of one server."""
    asked = f"{usage.requests} requests, {usage.writes} of them to write"
    left = "" if usage.remaining is None else f", {usage.remaining} left"
    waited = f", {usage.waited:.0f} s waited" if usage.waited else ""
    return [("quiet", f"  {usage.server}: {asked}{left}{waited}")]


def undoing_lines(undoing: Undoing) -> Iterator[Line]:
    """What undo did."""
    for change in reversed(undoing.undone):
        yield [("good", "  ✓ "), ("", change.address), ("quiet", "  taken back")]
    for change, why in undoing.left:
        yield [("bad", "  ! "), ("", change.address), ("", f"  left as it is: {why}")]
    yield []
    if undoing.left and not undoing.undone:
        yield [("", "As things stand, nothing is left to take back.")]
    elif undoing.left:
        yield [("", f"{len(undoing.left)} left. When they stand as the run left them, undo takes them back too.")]
    else:
        yield [("", f"Run {undoing.run.id} is undone.")]


def undo_question_lines(run: Run) -> Iterator[Line]:
    """What undo would do."""
    yield [("", "Undo of run "), ("strong", run.id), ("quiet", f"  {run.command} {run.service}")]
    yield []
    words = {Kind.CREATE: "removes", Kind.UPDATE: "restores", Kind.DELETE: "restores"}
    for change in reversed(run.changes):
        yield [("change", "  - "), ("", f"{words[change.kind]} "), ("", change.address)]
        if change.irreversible:
            yield [("bad", f"      cannot be taken back: {change.irreversible}")]
    yield []


def run_lines(runs: Sequence[Run]) -> Iterator[Line]:
    """A table of runs."""
    if not runs:
        yield [("", "There has been no run yet.")]
        return
    width = max(len(run.id) for run in runs)
    for run in runs:
        style = {"done": "good", "proposed": "change", "undone": "quiet", "partly undone": "change"}.get(
            run.status, "bad"
        )
        yield [
            ("", f"{run.id:<{width}}  "),
            (style, f"{run.status:<13}  "),
            ("", f"{run.command:<9}  "),
            ("quiet", f"{run.first.path} {run.first.version}"),
        ]


def run_detail_lines(run: Run) -> Iterator[Line]:
    """One run, change by change."""
    first = run.first
    yield [("strong", run.id), ("", f"  {run.status}")]
    yield [
        (
            "quiet",
            f"  {run.command} {run.service}, {first.path} {first.version}, {first.at:%Y-%m-%d %H:%M:%S} UTC",
        )
    ]
    yield [("quiet", f"  on {first.data.get('host', '?')}, process {first.data.get('pid', '?')}")]
    for change in run.changes:
        style, sign = _SIGN[change.kind]
        ended = ("", "") if change.left or run.status == "done" else ("bad", "  not known to have ended")
        if run.status == "proposed" and change.address in run.proposed:
            ended = ("change", f"  proposed: {run.proposed[change.address]}")
        yield [(style, f"  {sign} "), ("", change.address), ended]
    last = run.events[-1]
    if last.message and run.status in ("failed", "interrupted"):
        yield [("bad", f"  {last.message}")]
    if run.status not in ("done", "undone"):
        yield []
        yield [("", f"  Go on: platformctl resume {run.id}    Take back: platformctl undo {run.id}")]
