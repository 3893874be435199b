"""From `new` typed to proven observable, with every part named; beside it what the service's own build takes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.measure import Command, Sample, median, run
from bench.stage import ANSWERS, QUIET, SERVICE, Stage
from bench.table import Row, Section
from platformctl import journal
from platformctl.events import Type

PROMISED = 900.0
"""Seconds from a name to a service that can be observed: the quarter of an hour that golden paths are praised for."""
PROOF = 60.0
"""Seconds that a proof takes at most."""
PROGRAMS = ("prometheus", "promtool", "redis-server")
KINDS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "service, Python": ("service", (), "venv"),
    "service, Go": ("service", ("--language", "go"), "test"),
    "worker, Python": ("worker", (), "venv"),
}
"""What is made: the golden path, its answers, and the target of the service's Makefile that builds it."""


def proven(stage: Stage, rounds: int) -> Section:
    """Every path in every language, each time from an empty home."""
    title = "From `new` to proven observable"
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        return Section(title, [Row("not measured", note=f"{', '.join(missing)} is not on PATH")])
    return Section(title, [row for name in KINDS for row in _rows(stage, name, rounds)])


def _rows(stage: Stage, name: str, rounds: int) -> Iterator[Row]:
    path, answers, target = KINDS[name]
    news, proofs, builds, parts = [], [], [], []
    for _ in range(rounds):
        stage.empty()
        news.append(run(stage.platformctl("new", path, SERVICE, *ANSWERS, *answers, *QUIET)))
        builds.append(_built(stage, target))
        proofs.append(run(stage.platformctl("prove", SERVICE)))
        parts.append(_parts(stage.home / "runs"))
    whole = [Sample(new.wall + proof.wall, new.cpu + proof.cpu) for new, proof in zip(news, proofs, strict=True)]
    yield Row(f"{name}: new to proven", median(whole), f"its own make {target} alone", median(builds), ceiling=PROMISED)
    yield Row("  new", median(news))
    yield Row("  prove", median(proofs), ceiling=PROOF)
    for part in parts[0]:
        yield Row(f"    {part}", median([Sample(found.get(part, 0.0), 0.0) for found in parts]))


def _built(stage: Stage, target: str) -> Sample:
    """What the service costs whoever builds it, in a clone of its own."""
    clone = stage.folder / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    origin = stage.home / "forge/local" / f"{SERVICE}.git"
    subprocess.run(["git", "clone", "--quiet", str(origin), str(clone)], check=True)
    return run(Command(["make", "-C", str(clone), target], stage.platformctl().environment))


def _parts(runs: Path) -> Mapping[str, float]:
    """Seconds by part of the newest proof."""
    proof = next(found for found in journal.runs(runs, SERVICE) if found.command == "prove")
    ended = next(event for event in proof.events if event.type is Type.RUN_FINISHED)
    parts: Mapping[str, float] = ended.data["parts"]
    return parts
