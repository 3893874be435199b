"""What an update costs: the same project, the same edits and the same change, with every tool in turn."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final, Protocol
from unittest import mock

from platformctl.commands.session import Session
from platformctl.commands.upgrade import Options, upgrade
from platformctl.merge import merge_trees
from tests.merges import our_upgrade, pairs, peers
from tests.merges.corpus import KINDS, SEED
from tests.merges.draft import Draft
from tests.merges.edits import CHANGED, NOTHING
from tests.merges.our_upgrade import NAME, Service
from tests.merges.pairs import Meeting
from tests.merges.peers import Copier, Cruft, Peer, Workshop
from tests.merges.projects import joined
from tests.merges.scenario import Scenario
from tests.merges.trial import Trial

ROUNDS: Final = 5
_PLAN: Final = (
    *((CHANGED, CHANGED, Meeting.APART),) * 5,
    *((NOTHING, CHANGED, Meeting.NONE),) * 5,
    *((CHANGED, NOTHING, Meeting.NONE),) * 5,
    *((NOTHING, NOTHING, Meeting.NONE),) * 10,
)
"""A project of fifty files, because beside each of these is one that nobody touches."""


@dataclass
class Times:
    """Seconds that a tool took, round by round."""

    tool: str
    updating: list[float] = field(default_factory=list)
    """To bring the project to the second version."""
    idle: list[float] = field(default_factory=list)
    """To find that it is there; empty where there is no such thing."""
    peer: bool = False
    """Whether it is not ours."""

    @property
    def medians(self) -> tuple[float, float]:
        """Of both; 0 for what there is not."""
        return statistics.median(self.updating), statistics.median(self.idle or [0.0])


class Runner(Protocol):
    """A tool with a project."""

    name: str

    def reset(self) -> None:
        """Have the project as it was, on the first version."""

    def update(self) -> object:
        """What is timed. Raises AssertionError or CalledProcessError where it fails."""

    def check(self) -> Iterable[Trial]:
        """What an update comes to, from the project as it was."""

    def settle(self) -> None:
        """Have what was checked as the project."""


class _Proposing:
    """platformctl, on the embedded forge."""

    name = "`platformctl upgrade`, which proposes it"

    def __init__(self, scenarios: Sequence[Scenario], folder: Path) -> None:
        self._scenarios = scenarios
        self._service = Service(folder)
        self._service.prepare(*joined(scenarios))
        self._kept = folder / "kept"
        shutil.copytree(self._service.cli.home, self._kept, symlinks=True)

    def reset(self) -> None:
        shutil.rmtree(self._service.cli.home)
        shutil.copytree(self._kept, self._service.cli.home, symlinks=True)

    def update(self) -> object:
        return self._service.cli.run("upgrade", NAME, "--yes")

    def check(self) -> Iterable[Trial]:
        return our_upgrade.judged(self._service, self._scenarios)

    def settle(self) -> None:
        self._service.merge()


class _InProcess(_Proposing):
    """The same as one of many, without the start of a process."""

    name = "the same for one service of many, in a process that runs"

    def update(self) -> object:
        with mock.patch.dict(os.environ, self._service.cli.environment()):
            return upgrade(Options(NAME), Session.open((), "upgrade"), lambda plan, recipe: True)


class _InClone:
    """platformctl, in a clone."""

    name = "`platformctl upgrade --local`, in a clone"

    def __init__(self, scenarios: Sequence[Scenario], folder: Path) -> None:
        self._scenarios = scenarios
        self._service = Service(folder)
        self._service.prepare(*joined(scenarios))

    def reset(self) -> None:
        self._service.clone.git("reset", "--quiet", "--hard")

    def update(self) -> object:
        return self._service.here.run("upgrade", "--local", "--yes")

    def check(self) -> Iterable[Trial]:
        return our_upgrade.judged(self._service, self._scenarios)

    def settle(self) -> None:
        self._service.merge()


class _OfPeer:
    """A peer."""

    def __init__(self, peer: Peer, scenarios: Sequence[Scenario], folder: Path) -> None:
        self.name = f"`{' '.join([peer.name, *peer.update()[1:]])}`"
        self._scenarios = scenarios
        self._workshop = Workshop(peer, folder)
        self._workshop.prepare(*joined(scenarios))

    def reset(self) -> None:
        self._workshop.project.git("reset", "--quiet", "--hard")
        self._workshop.project.git("clean", "--quiet", "-d", "--force")

    def update(self) -> object:
        said = self._workshop.update()
        assert said.code == 0, said.output
        return said

    def check(self) -> Iterable[Trial]:
        return peers.judged(self._workshop, self._scenarios, self._workshop.update())

    def settle(self) -> None:
        self._workshop.project.git("add", "--all")
        self._workshop.project.git("commit", "--quiet", "--message", "Updated")


def measured(folder: Path) -> list[Times]:
    """All tools in turn; the merge alone at the end. Raises AssertionError when one does not do what is timed."""
    scenarios = project()
    runners: list[Runner] = [
        _Proposing(scenarios, folder / "proposing"),
        _InProcess(scenarios, folder / "running"),
        _InClone(scenarios, folder / "clone"),
        *(_OfPeer(peer, scenarios, folder / peer.name) for peer in (Copier(), Cruft())),
    ]
    times = {runner.name: Times(runner.name, peer=isinstance(runner, _OfPeer)) for runner in runners}
    for _ in range(ROUNDS):
        for runner in runners:
            runner.reset()
            times[runner.name].updating.append(_seconds(runner.update))
    for runner in runners:
        runner.reset()
        wrong = [str(trial) for trial in runner.check() if not trial.verdict.result.right]
        assert not wrong, f"{runner.name}: {wrong}"
        runner.settle()
    for _ in range(ROUNDS):
        for runner in runners:
            times[runner.name].idle.append(_seconds(runner.update))
    return [*times.values(), _merge_alone(scenarios)]


def _merge_alone(scenarios: Sequence[Scenario]) -> Times:
    trees = joined(scenarios)
    return Times(
        "the merge alone, in a process that runs", [_seconds(lambda: merge_trees(*trees)) for _ in range(ROUNDS)]
    )


def project() -> list[Scenario]:
    """What is done to the project; every tool can merge it."""
    chance = Random(SEED)
    kinds = [kind for kind in KINDS if not kind.spoils]
    made = []
    for number, (edit, change, meeting) in enumerate(_PLAN, 1):
        kind = kinds[number % len(kinds)]
        found = pairs.paired(kind, edit, change, meeting, Draft(chance.randrange(10**9)))
        assert found, f"there is no room in {kind.name}"
        made.append(replace(pairs.scenario(edit, change, meeting, *found), number=number))
    return made


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began
