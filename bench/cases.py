"""What is measured, beside what, with which aim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.campaign import campaigns
from bench.fleet import fleets
from bench.github import on_github
from bench.measure import (
    Case,
    Command,
    Sample,
    Samples,
    alternate,
    at_once,
    in_sequence,
    median,
    peak_memory,
    ratio,
    rendering,
    run,
)
from bench.proof import proven
from bench.stage import SERVICE, Stage
from bench.table import Row, Section

NEW = 1.15
"""`new` takes at most this many times as long as its floor."""
VERSION = 1.25
"""`--version` takes at most this many times as long as the interpreter doing nothing."""
HELP = 7.0
"""`--help` and completion likewise."""
RENDERING = 0.1
"""Seconds that rendering everything takes at most, what it loads included."""
MEMORY = 60.0
"""MB that platformctl's own process stays below."""
FLEET = 20
"""Services that are made at once."""


@dataclass(frozen=True)
class Rounds:
    """How often things are measured."""

    commands: int = 15
    starts: int = 40
    fleets: int = 3
    peaks: int = 3
    warm_ups: int = 2


QUICK = Rounds(commands=3, starts=8, fleets=1, peaks=1, warm_ups=1)


def sections(stage: Stage, rounds: Rounds) -> Mapping[str, Callable[[], Section]]:
    """The parts of the table by name, each measured when it is called."""
    return {
        "new": lambda: _new(stage, rounds),
        "first": lambda: _first(stage, rounds),
        "looking": lambda: _looking(stage, rounds),
        "rendering": lambda: _rendering(rounds),
        "starting": lambda: _starting(stage, rounds),
        "many": lambda: _fleet(stage, rounds),
        "fleet": lambda: fleets(stage, rounds.fleets),
        "campaign": lambda: campaigns(stage, rounds.commands, rounds.warm_ups),
        "github": lambda: on_github(stage, rounds.commands, rounds.warm_ups),
        "proven": lambda: proven(stage, rounds.fleets),
        "memory": lambda: _memory(stage, rounds),
    }


def _new(stage: Stage, rounds: Rounds) -> Section:
    samples = alternate(
        [
            _case("new", stage.new(), stage.prepared),
            _case("fresh", stage.floor("fresh"), stage.prepared),
            _case("reused", stage.floor("reused"), stage.prepared),
        ],
        rounds.commands,
        rounds.warm_ups,
    )
    rows = [
        _row(samples, "new", "fresh", "floor, terraform init each time", NEW),
        _row(samples, "new", "reused", "floor, one initialised folder", NEW),
    ]
    return Section("A service on a prepared home", rows)


def _first(stage: Stage, rounds: Rounds) -> Section:
    cases = [_case("new", stage.new(), stage.empty), _case("first", stage.floor("first"), stage.empty)]
    samples = alternate(cases, rounds.commands, rounds.warm_ups)
    row = _row(samples, "new", "first", "floor, from nothing", NEW)
    return Section("The very first service, on an empty home", [row])


def _looking(stage: Stage, rounds: Rounds) -> Section:
    again, doctor, dry = "new, nothing to do", "doctor", "new --dry-run"
    samples = alternate(
        [
            _case(again, stage.new(), stage.made),
            _case(doctor, stage.platformctl("doctor", SERVICE), stage.made),
            _case("plan", stage.floor("plan"), stage.made),
            _case(dry, stage.new(SERVICE, "--dry-run"), stage.prepared),
            _case("preview", stage.floor("preview"), stage.prepared),
        ],
        rounds.commands,
        rounds.warm_ups,
    )
    rows = [
        _row(samples, again, "plan", "terraform plan"),
        _row(samples, doctor, "plan", "terraform plan"),
        _row(samples, dry, "preview", "terraform plan and show"),
    ]
    return Section("Looking, without a change", rows)


def _rendering(rounds: Rounds) -> Section:
    found = [rendering() for _ in range(rounds.warm_ups + rounds.commands)][rounds.warm_ups :]
    row = Row("all renderers of service", median(found), "first in a fresh process", ceiling=RENDERING)
    return Section("Rendering", [row])


def _starting(stage: Stage, rounds: Rounds) -> Section:
    completing = {"_PLATFORMCTL_COMPLETE": "complete_bash", "COMP_WORDS": "platformctl ne", "COMP_CWORD": "1"}
    samples = alternate(
        [
            _case("pass", stage.python()),
            _case("--version", stage.platformctl("--version")),
            _case("--help", stage.platformctl("--help")),
            _case("completion", stage.platformctl(**completing)),
        ],
        rounds.starts,
        rounds.warm_ups,
    )
    aims = {"--version": VERSION, "--help": HELP, "completion": HELP}
    return Section("Starting", [_row(samples, name, "pass", "python -c pass", aim) for name, aim in aims.items()])


def _fleet(stage: Stage, rounds: Rounds) -> Section:
    commands = [stage.new(f"service-{number:02}") for number in range(1, FLEET + 1)]
    once, sequence = f"{FLEET} new at once", f"{FLEET} new in sequence"
    samples = alternate(
        [
            Case(once, lambda: at_once(commands), stage.prepared),
            Case(sequence, lambda: in_sequence(commands), stage.prepared),
        ],
        rounds.fleets,
        0,
    )
    rates = [Row(name, note=f"{FLEET / median(found).wall:.1f} services a second") for name, found in samples.items()]
    return Section("Many services on one home", [_row(samples, once, sequence, sequence), *rates])


def _memory(stage: Stage, rounds: Rounds) -> Section:
    if not Path("/proc/self/status").exists():
        return Section("Peak memory", [Row("not measured: this system has no /proc")])

    def peak(name: str, command: Command, prepare: Callable[[], None]) -> Row:
        found = []
        for _ in range(rounds.peaks):
            prepare()
            found.append(peak_memory(command, stage.folder))
        return Row(name, memory=max(found), note="its own process", aim=MEMORY)

    rows = [
        peak("new", stage.new(), stage.prepared),
        peak("new, on an empty home", stage.new(), stage.empty),
        peak("doctor", stage.platformctl("doctor", SERVICE), stage.made),
        peak("--help", stage.platformctl("--help"), stage.made),
    ]
    return Section("Peak memory", rows)


def _case(name: str, command: Command, prepare: Callable[[], None] = lambda: None) -> Case:
    def once() -> Sample:
        return run(command)

    return Case(name, once, prepare)


def _row(samples: Samples, this: str, that: str, beside: str, aim: float | None = None) -> Row:
    ours, theirs = samples[this], samples[that]
    return Row(
        this,
        median(ours),
        beside,
        median(theirs),
        ratio([sample.wall for sample in ours], [sample.wall for sample in theirs]),
        ratio([sample.cpu for sample in ours], [sample.cpu for sample in theirs]),
        aim=aim,
    )
