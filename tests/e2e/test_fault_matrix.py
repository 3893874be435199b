"""For every request that `new` sends to GitHub, everything that can befall it: the end is that of an undisturbed run.

The requests are found by recording such a run. The end is looked at whole: repositories with every commit that a branch
leads to, rulesets, pull requests and teams; Terraform's states; the files in the home folder. So whatever were made
twice, or half, would be seen.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.faulty import FAULTS, Met, Name, cases, met, undisturbed
from tests.e2e.organisation import Stage, prepared, stage

__all__ = ["stage"]

SEED = 20261124
SAMPLE = 24
"""Cases that `make test` tries."""
WORKERS = 2
"""Organisations that `make soak` works on at once."""
REPORT = Path(__file__).parents[2] / "docs" / "fault-matrix.md"

HEAD = """\
# The fault matrix

What becomes of `platformctl new` when one request to GitHub goes wrong. Written by `make soak`.

An undisturbed `new` is recorded against the fake GitHub, git's own requests included: {requests} requests. Then, for
every request and everything that can befall it, an organisation that `init` has prepared meets that fault once. A run
that ends with an error is finished by `resume`, or by the same command where nothing had begun. After each of them
everything is compared with the end of the undisturbed run: repositories with their settings, teams, rulesets and pull
requests, every commit that a branch or tag leads to, Terraform's state, and the files in the home folder.

"After" says that GitHub had acted and its answer was lost. A stale read is an answer from before the last write that
changed it. An outage is an answer of 503 to every request from that one on, until the run has ended.

| fault | requests hit | ended well by itself | after `resume` | more requests, median | most | end differs |
|---|---|---|---|---|---|---|
"""


@dataclass
class Undisturbed:
    """A run that met no fault."""

    stage: Stage
    requests: list[Name]
    end: dict[str, Any]


@pytest.fixture(scope="session")
def recorded(stage: Stage) -> Undisturbed:
    """Every request of it, and what there is afterwards."""
    return Undisturbed(stage, *undisturbed(stage.restored()))


def test_what_was_recorded_is_what_new_writes(recorded: Undisturbed) -> None:
    """Each branch gets one commit, and there is one repository, one ruleset: or all below would prove nothing."""
    asked = [f"{name.method} {name.path}" for name in recorded.requests if name.method not in ("GET",)]
    assert asked.count("POST /orgs/acme/repos") == 1
    assert asked.count("POST /repos/acme/payments-api/rulesets") == 1
    assert asked.count("PATCH /repos/acme/payments-api/git/refs/heads/main") == 1
    assert len(recorded.end["github"]["repositories"]["payments-api"]["rulesets"]) == 1
    assert {name: len(found) for name, found in recorded.end["commits"].items()} == {
        "payments-api": 2,
        "environments": 3,
        "catalog": 3,
        "platform-modules": 2,
        "platform-workflows": 2,
    }


@pytest.mark.parametrize("number", range(SAMPLE))
def test_a_fault_changes_nothing_about_the_end(number: int, recorded: Undisturbed) -> None:
    chosen = random.Random(SEED).sample(list(cases(recorded.requests)), SAMPLE)[number]
    found = met(recorded.stage.restored(), *chosen, len(recorded.requests))
    assert found.end == recorded.end, found.said


@pytest.mark.soak
def test_every_fault_at_every_request(tmp_path: Path) -> None:
    with prepared(tmp_path / "recorded") as made:
        requests, _ = undisturbed(made.restored())
    every = list(cases(requests))
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = [every[part::WORKERS] for part in range(WORKERS)]
        folders = [tmp_path / f"{part}" for part in range(WORKERS)]
        found = [one for some in pool.map(survey, folders, parts, [len(requests)] * WORKERS) for one in some]
    lines = [HEAD.format(requests=len(requests))]
    lines += [row_of(fault, [one for one in found if one[0].fault == fault and one[0].happened]) for fault in FAULTS]
    missed = sum(not one.happened for one, _ in found)
    lines.append(
        f"\n{len(found)} runs, {missed} of which did not send the request that was waited for and are not counted.\n"
        "\n## The requests\n\n"
    )
    lines += [f"- `{name}`\n" for name in requests]
    REPORT.write_text("".join(lines))
    bad = [f"{one.fault} at {one.request}:\n{one.said}" for one, same in found if not same]
    assert not bad, "\n".join(bad)


def survey(folder: Path, some: Sequence[tuple[Name, str]], usual: int) -> list[tuple[Met, bool]]:
    """Each of these cases, and whether its end was that of an undisturbed run."""
    with prepared(folder) as made:
        _, end = undisturbed(made.restored())
        found = [met(made.restored(), name, fault, usual) for name, fault in some]
        return [(one, one.end == end) for one in found]


def row_of(fault: str, found: Sequence[tuple[Met, bool]]) -> str:
    """A fault's line in the report."""
    alone = sum(one.by_itself for one, _ in found)
    more = [one.more for one, _ in found]
    different = sum(not same for _, same in found)
    cells = [fault, len(found), alone, len(found) - alone, f"{statistics.median(more):g}", max(more), different]
    return f"| {' | '.join(map(str, cells))} |\n"
