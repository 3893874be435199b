"""Upgrades lose nothing that a team did: a sample of the corpus, and by `make soak` all of it, beside copier and cruft.

The complete run writes `docs/upgrades.md`.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path
from random import Random

import pytest

from tests.merges import our_merge, our_upgrade, peers, timing
from tests.merges.corpus import SEED, corpus, sample
from tests.merges.counting import Tally
from tests.merges.peers import PROGRAMS, Copier, Cruft, Peer
from tests.merges.report import report
from tests.merges.shortcomings import SHORT
from tests.merges.trial import Trial

REPORT = Path(__file__).parents[2] / "docs" / "upgrades.md"
PEERS: tuple[Peer, ...] = (Copier(), Cruft())
ALONE = 20
"""Scenarios that came out right in an update that several shared, and are tried alone as well."""


def test_a_sample_is_merged_as_it_has_to_be() -> None:
    assert unknown(our_merge.tried(sample()), SHORT) == []


def test_the_process_does_the_same_in_a_service_and_in_a_clone(tmp_path: Path) -> None:
    assert unknown(our_upgrade.tried(sample()[::3], tmp_path), SHORT) == []


def unknown(trials: Iterable[Trial], known: Collection[str]) -> list[str]:
    """What comes out wrong and is not known to."""
    wrong = (trial for trial in trials if not trial.verdict.result.right)
    return [str(trial) for trial in wrong if trial.scenario.name not in known]


@pytest.mark.soak
def test_the_whole_corpus_beside_copier_and_cruft(tmp_path: Path) -> None:
    assert (PROGRAMS / "copier").is_file(), "copier and cruft are not there: make soak installs them"
    load = os.getloadavg()[0]
    times = timing.measured(tmp_path / "times")
    tallies = [
        Tally.of("platformctl's merge", our_merge.tried(corpus())),
        Tally.of("`platformctl upgrade`", our_upgrade.tried(corpus(), tmp_path)),
        *(Tally.of(peer.name, peers.tried(peer, corpus(), tmp_path / peer.name)) for peer in PEERS),
    ]
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load average {load:.1f} at the beginning."
    )
    REPORT.write_text(report(tallies, times, (version("copier"), version("cruft")), machine), encoding="utf-8")
    assert [len(tally.trials) for tally in tallies] == [len(corpus())] * len(tallies)
    for ours in tallies[:2]:
        assert {trial.scenario.name for trial in ours.wrong} == SHORT.keys(), "\n".join(map(str, ours.wrong))
        assert all(ours.conflicts < other.conflicts for other in tallies[2:])
    for peer, tally in zip(PEERS, tallies[2:], strict=True):
        right = [
            trial.scenario for trial in tally.trials if trial.verdict.result.right and peers.shares(trial.scenario)
        ]
        chosen = Random(SEED).sample(right, ALONE)
        again = [
            trial for scenario in chosen for trial in peers.tried(peer, [scenario], tmp_path / f"{peer.name} alone")
        ]
        assert [str(trial) for trial in again if not trial.verdict.result.right] == []


def version(peer: str) -> str:
    """The version of a peer that is installed."""
    command = [str(PROGRAMS / "python"), "-c", f"from importlib.metadata import version; print(version({peer!r}))"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
