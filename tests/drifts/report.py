"""The report in `docs/`, from a complete run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from platformctl.model import Drift, Plane
from tests.drifts.corpus import SEED
from tests.drifts.counting import Tally
from tests.drifts.trial import Trial

_HEAD: Final = """\
# How accurate doctor is

What `platformctl doctor` tells of a service, counted. Written by `make soak`.

A service really stands: repositories with real commits, settings, protection with its hook, Terraform's state, a
dashboard, rules and routing, an entry of the catalog. Then somebody does something to it, or something else is asked
for and not applied, or something cannot be looked at; or something happens that is nobody's drift. What there is to
tell is read off what stands there by code that shares nothing with platformctl. Every finding is compared by address,
part and class, on all planes. Cases are planted on the embedded platform, on the fake Grafana in three versions and on
the fake GitHub; every third one is looked at as `doctor --all` does. Seed {seed}: each run plants the same.

{drifting} cases drift, with {things} things to tell; {harmless} are harmless. {mixed} of them are mixtures of two to
five.

| | |
|---|---|
| recall: of what there is to tell, told | {recall} |
| precision: of what is told, so | {precision} |
| class right: of what is told and so, told as what it is | {right} |
| harmless cases in which something is told | {alarms} of {harmless} |
| edits of files with the name of who made them | {named} |

What could not be read is neither drift nor fine. Told as drift, it counts as not told, and as a drift that there is
not.

## By class and plane

| plane | class | cases | things to tell | recall | precision | class right |
|---|---|---|---|---|---|---|
"""
_CLASSES: Final = {
    Drift.EDITED: "somebody has changed it in git",
    Drift.BEHIND: "it stands as platformctl left it, and by now something else is asked for",
    Drift.OUT_OF_BAND: "somebody has changed it where it stands",
    Drift.MISSING: "it is not there",
    Drift.FOREIGN: "something else has its address",
    Drift.UNREADABLE: "it could not be looked at",
}


def report(tally: Tally) -> str:
    """The whole page."""
    return "".join(_parts(tally))


def _parts(tally: Tally) -> Iterator[str]:
    whole = tally.whole
    harmless = [trial for trial in tally.trials if trial.case.harmless]
    edits = [one for trial in tally.trials for one in trial.told if _is_edit(trial, one.name, one.drift)]
    yield _HEAD.format(
        seed=SEED,
        drifting=len(tally.trials) - len(harmless),
        harmless=len(harmless),
        mixed=sum(len(trial.case.kinds) > 1 for trial in tally.trials),
        things=whole.things,
        recall=_percent(whole.found, whole.things),
        precision=_percent(whole.true, whole.told),
        right=_percent(whole.right, whole.found),
        alarms=len(tally.alarms),
        named=_percent(sum(bool(one.by) for one in edits), len(edits)),
    )
    for plane in Plane:
        for drift in Drift:
            if cell := tally.cells.get((plane, drift)):
                shares = ((cell.found, cell.things), (cell.true, cell.told), (cell.right, cell.found))
                cells = [plane, drift, cell.cases, cell.things, *(_percent(*share) for share in shares)]
                yield f"| {' | '.join(map(str, cells))} |\n"
    yield "\n" + "".join(f"- *{drift}*: {words};\n" for drift, words in _CLASSES.items())[:-2] + ".\n"
    yield "\n## What falls short\n\n"
    yield from _shortcomings(tally.trials)
    yield "\n## What is planted\n"
    yield from _planted(tally.trials)


def _is_edit(trial: Trial, name: tuple[str, str], drift: Drift) -> bool:
    return trial.truth.get(name) is Drift.EDITED and drift is Drift.EDITED


def _shortcomings(trials: Sequence[Trial]) -> Iterator[str]:
    known = [trial for trial in trials if trial.case.short]
    for reason in dict.fromkeys(trial.case.short for trial in known):
        some = [trial for trial in known if trial.case.short == reason]
        wrong = sum(not trial.perfect for trial in some)
        yield f"- {reason} {wrong} of {len(some)} cases.\n"
    others = [trial for trial in trials if not trial.perfect and not trial.case.short]
    for trial in others:
        lines = [line.strip() for line in str(trial).splitlines()]
        yield f"- `{lines[0]}`: {'; '.join(lines[1:])}.\n"
    if not others:
        yield f"- {'Nothing else' if known else 'Nothing'} in these cases.\n"


def _planted(trials: Sequence[Trial]) -> Iterator[str]:
    """The kinds by where they are planted and by class, with how often each is."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for trial in trials:
        for kind in trial.case.kinds:
            group = counts.setdefault((kind.stand, kind.drift.value if kind.drift else "harmless"), {})
            group[kind.name] = group.get(kind.name, 0) + 1
    for (stand, drift), names in counts.items():
        listed = "; ".join(f"{name} ({count})" for name, count in names.items())
        yield f"\n**{stand[:1].upper()}{stand[1:]}, {drift}:** {listed}.\n"


def _percent(part: int, whole: int) -> str:
    if not whole:
        return "–"
    share = 100 * part / whole
    return f"{share:.0f} %" if part in (0, whole) else f"{min(share, 99.9):.1f} %"
