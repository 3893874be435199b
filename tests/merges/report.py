"""The page in `docs/`, from a complete run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.merges.corpus import SEED
from tests.merges.counting import Tally, short
from tests.merges.judge import Result
from tests.merges.scenario import Clash, Scenario
from tests.merges.shortcomings import SHORT
from tests.merges.timing import ROUNDS, Times
from tests.merges.trial import Trial

FASTER: Final = 10
"""How many times as fast as each other tool an upgrade is to be."""
_HEAD: Final = """\
# How upgrades merge

What becomes of a team's work when its service comes to a later version of its golden path, counted beside
[copier](https://copier.readthedocs.io) {copier} and [cruft](https://cruft.github.io/cruft/) {cruft}. Written by
`make soak`.

{count} scenarios: a kind of file, something that the team has done, and something that the golden path does in its
next version. Each file is made from parts (entries, functions, lines), and what both sides do is data: this part
changed, that one added. So what has to come of it is put together from the parts, and not found out by merging. In
{never} scenarios there is one right answer; in {allowed} the two sides touch, and to ask a person is no mistake; in
{inevitable} they exclude each other, and a person has to be asked. Everything that somebody writes carries a number
that stands nowhere else in the scenario, so that what became of it can be seen whatever a tool has made of the file.
Seed {seed}: each run tries the same.

| | {tools} |
|---|{rule}|
"""
_MEANING: Final = {
    Result.RIGHT: "it is as it has to be, to the byte. A file with entries may also have another order of what is new "
    "or another form of it, if it says the same, its comments stand where they belong and the team's form stays",
    Result.RIGHT_CONFLICT: "a person is asked where that is inevitable or no mistake, and both sides' text is there",
    Result.NEEDLESS: "a person is asked although there is one right answer",
    Result.MISSED: "what the golden path did is not there, and nobody is told; or a file that it has dropped stays "
    "without a word, because the team has edited it",
    Result.BROKEN: "the file does not parse any more, or says something that neither side wanted",
    Result.RESURRECTED: "a file that the team has deleted or put elsewhere is there again, under whatever name",
    Result.LOST: "what the team did is gone or undone: a line, a form, a mode, a name, a file",
    Result.CRASH: "the tool gives up with an error of its own",
}
_JUDGED: Final = """
## How it is judged

{meanings}

A person **is asked** about a file when git's index has stages of it, when it has git's markers in it, or when the
tool names it as one that could not be brought up to date. What a tool has put into a `.rej` file counts as being
there if the tool names the file that it belongs to, whatever its exit code; a `.rej` file that nobody is told of
counts as nothing. Git's history counts as nothing, too: with every tool all is in there.

platformctl is tried in two ways. Its merge, the function that `platformctl upgrade` calls, is given each scenario
alone. The process is run on services that really stand, as it proposes a change and as it changes a clone
(`--local`), which has to come to the same files. copier and cruft are real processes, too: a template repository
with tags, a project made from the first one, the team's work committed, an update with their defaults. cruft copies
the files instead of rendering them, because what it makes of braces is not the question here.

Many scenarios share one service or project, each in a folder of its own. What comes out wrong in company is tried
again alone, with every tool, and that counts, so no scenario spoils another one's result. Where others could help,
because a tool looks at all files of a project together, a scenario is alone from the beginning; and twenty that came
out right in company with copier and with cruft are tried alone as well, and have to come out right again.
"""
_TIME: Final = """
## Time

A project of fifty files. The next version changes ten of them, the team has edited ten, five of these are the same,
and every tool can merge all of it. Medians of {rounds} rounds, in turn; after that each is checked to have come to
the right files.

| | to update | with nothing to do |
|---|---:|---:|
"""


def report(tallies: Sequence[Tally], times: Sequence[Times], versions: tuple[str, str], load: str) -> str:
    """The whole page. The first tally is that of the merge, the second that of the process, then the others."""
    return "".join(_parts(tallies, times, versions, load))


def _parts(tallies: Sequence[Tally], times: Sequence[Times], versions: tuple[str, str], load: str) -> Iterator[str]:
    scenarios = [trial.scenario for trial in tallies[0].trials]
    clashes = Counter(scenario.clash for scenario in scenarios)
    yield _HEAD.format(
        copier=versions[0],
        cruft=versions[1],
        count=f"{len(scenarios):,}",
        inevitable=clashes[Clash.INEVITABLE],
        allowed=clashes[Clash.ALLOWED],
        never=clashes[Clash.NEVER],
        seed=SEED,
        tools=" | ".join(tally.tool for tally in tallies),
        rule="|".join(["---:"] * len(tallies)),
    )
    for result in Result:
        yield _row(result.value, [tally[result] for tally in tallies])
    yield _row("a person is asked", [tally.conflicts for tally in tallies])
    yield _row("of these, with exit code 0", [tally.quiet for tally in tallies])
    yield "\n## What is aimed at\n\n"
    yield from _aims(tallies, times)
    yield _JUDGED.format(meanings="\n".join(f"- *{result}*: {text}." for result, text in _MEANING.items()))
    yield from _timed(times, load)
    yield "\n## What falls short\n\n"
    yield from _short(tallies)
    yield "\n## What is tried\n\n"
    yield from _tried(scenarios)


def _row(name: str, figures: Sequence[int]) -> str:
    return f"| {name} | {' | '.join(map(str, figures))} |\n"


def _timed(times: Sequence[Times], load: str) -> Iterator[str]:
    yield _TIME.format(rounds=ROUNDS)
    for one in times:
        updating, idle = one.medians
        yield f"| {one.tool} | {_seconds(updating)} | {_seconds(idle) if one.idle else ''} |\n"
    yield f"\n{load}\n"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.0f} ms"


def _aims(tallies: Sequence[Tally], times: Sequence[Times]) -> Iterator[str]:
    """No lost edit, fewer conflicts than each, ten times as fast as each: whether it is so."""
    for ours in tallies[:2]:
        below = list(short(ours, tallies[2:]))
        yield from (f"- Not met: {line}.\n" for line in below)
        if not below:
            yield f"- Met: {ours.tool} loses no edit and asks less often than each of the others.\n"
    mine = times[0]
    for theirs in (one for one in times if one.peer):
        update, idle = (theirs / ours for theirs, ours in zip(theirs.medians, mine.medians, strict=True))
        met = "Met" if min(update, idle) >= FASTER else "Not met"
        what = f"{update:.1f} × as long as {mine.tool}, and {idle:.1f} × with nothing to do"
        yield f"- {met}: {theirs.tool} takes {what}; {FASTER} × is aimed at.\n"


def _short(tallies: Sequence[Tally]) -> Iterator[str]:
    merge, process, *others = tallies
    yield f"**{merge.tool}**:\n\n"
    yield from _one_by_one(merge.wrong, SHORT)
    known = {trial.scenario.number for trial in merge.wrong}
    yield f"\n**{process.tool}**, beside what its merge does so:\n\n"
    yield from _one_by_one([trial for trial in process.wrong if trial.scenario.number not in known], SHORT)
    for tally in others:
        yield f"\n**{tally.tool}**, by what the team did × what the golden path did:\n\n"
        for result in Result:
            if not result.right and tally[result]:
                pairs = sorted(tally.by_name(result).items())
                yield f"- *{result}*: {'; '.join(f'{name} ({count})' for name, count in pairs)}.\n"


def _one_by_one(wrong: Sequence[Trial], known: Mapping[str, str]) -> Iterator[str]:
    for trial in wrong:
        reason = known.get(trial.scenario.name, "")
        yield f"- `{trial.scenario.name}`: {trial.verdict}.{reason and ' '}{reason}\n"
    if not wrong:
        yield "- Nothing in these scenarios.\n"


def _tried(scenarios: Sequence[Scenario]) -> Iterator[str]:
    for what, names in (
        ("Kinds of file", Counter(scenario.kind for scenario in scenarios)),
        ("What the team did", Counter(scenario.edit for scenario in scenarios)),
        ("What the golden path did", Counter(scenario.change for scenario in scenarios)),
    ):
        yield f"- **{what}:** {'; '.join(f'{name} ({count})' for name, count in names.most_common())}.\n"
