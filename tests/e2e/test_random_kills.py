"""The long corpus of crashes, run by `make soak`: 200 kills at random moments, and the report in `docs/`.

Half of the kills hit platformctl alone, so that a Terraform at work becomes an orphan; half hit its whole process
group, Terraform and git included.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.e2e import world
from tests.e2e.test_crash_matrix import NEW, NEW_POINTS, Stage, kill_at, stage, undo_all

__all__ = ["stage"]

KILLS = 200
SEED = 20261123
REPORT = Path(__file__).parents[2] / "docs" / "crash-matrix.md"

HEAD = """\
# The crash matrix

What is left when `platformctl new` is killed with SIGKILL, and what becomes of it. Written by `make soak`.

After every kill the same four things are looked at: running the same command again ends in the end state of an
undisturbed run (repositories with their trees, settings and hooks; Terraform's states; no file more, no file less);
`doctor` is clean; Terraform's state is whole; and `undo` leaves nothing.

## At every journal point

The points are found by counting them. Each event of the journal has two: *before* it is written, when the world has
been changed and the journal does not know; and *after*, when the journal knows and the world is not changed yet.

| killed at | finished by running again | doctor clean | undone without a trace |
|---|---|---|---|
"""

RANDOM = """
## At random moments

{kills} kills, uniformly over the time that a run takes, on a home folder where the organisation is prepared
(seed {seed}). Half of them kill platformctl alone and leave Terraform an orphan, half kill the whole process group.

| killed | kills | run had ended before | finished by running again | doctor clean | undone without a trace |
|---|---|---|---|---|---|
"""


def fresh(stage: Stage, folder: Path) -> Cli:
    """platformctl on a copy of the prepared home, at the same place every time."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(stage.home, folder / "home", symlinks=True)
    return Cli(folder / "home", folder)


def after_kill(cli: Cli, stage: Stage) -> None:
    """Finish, check, undo, check."""
    cli.run(*NEW)
    assert world.state(cli.home) == stage.ends["new"]
    cli.run("doctor", "payments-api")
    undo_all(cli)
    assert world.state(cli.home) == stage.ends["prepared"]


@pytest.mark.soak
def test_kills_at_random_moments(stage: Stage, tmp_path: Path) -> None:
    lines = [HEAD]
    for point in range(NEW_POINTS):
        cli = fresh(stage, tmp_path / "point")
        assert kill_at(cli, point, *NEW) == -1
        after_kill(cli, stage)
        where = "after" if point % 2 else "before"
        lines.append(f"| {where} event {point // 2 + 1} of {NEW_POINTS // 2} | yes | yes | yes |\n")
    chance = random.Random(SEED)
    cli = fresh(stage, tmp_path / "time")
    began = time.monotonic()
    cli.run(*NEW)
    length = time.monotonic() - began
    seen: Counter[tuple[str, bool]] = Counter()
    for number in range(KILLS):
        group = number % 2 == 1
        cli = fresh(stage, tmp_path / "random")
        with cli.start(*NEW, start_new_session=True) as process:
            time.sleep(chance.uniform(0, length))
            ended = process.poll() is not None
            if group:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    ended = True
            else:
                process.kill()
            process.communicate()
        after_kill(cli, stage)
        seen["the process group" if group else "platformctl alone", ended] += 1
    lines.append(RANDOM.format(kills=KILLS, seed=SEED))
    for who in ("platformctl alone", "the process group"):
        count = seen[who, False] + seen[who, True]
        lines.append(f"| {who} | {count} | {seen[who, True]} | {count} | {count} | {count} |\n")
    lines.append("\nTerraform's state was lost in none of them.\n")
    REPORT.write_text("".join(lines))
