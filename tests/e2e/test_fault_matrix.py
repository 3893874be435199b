"""For every request that `new` sends to GitHub, everything that can befall it: the end is that of an undisturbed run.

The requests are found by recording such a run. The end is looked at whole: repositories with every commit that a branch
leads to, rulesets, pull requests and teams; Terraform's states; the files in the home folder. So whatever were made
twice, or half, would be seen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.faulty import FAULTS, Name, cases, met, undisturbed
from tests.e2e.organisation import Stage, stage

__all__ = ["stage"]

SEED = 20261124
SAMPLE = 32
"""Cases that `make test` tries."""


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
