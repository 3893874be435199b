"""copier and cruft, tried on scenarios as their users run them: real processes, repositories with tags, commits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from platformctl.model import File, Tree
from tests.merges.judge import judge
from tests.merges.outcome import REJECTED, Outcome
from tests.merges.projects import FIRST, SECOND, Repository, below, environment, joined, named
from tests.merges.scenario import Scenario
from tests.merges.trial import Trial

PROGRAMS: Final = Path(sys.executable).parents[1] / "peers" / "bin"
"""Where `make` puts them."""
_TOGETHER: Final = 25
"""Scenarios that share an update, each in a folder of its own."""
_TROUBLE: Final = re.compile(r"error:|conflict|reject|^U |failed", re.IGNORECASE)
"""How lines look that say of a file that something is not as it should be."""
_ERROR: Final = re.compile(r"\w*(Error|Exception)\b")


@dataclass(frozen=True)
class Said:
    """What a process left."""

    code: int
    output: str
    seconds: float


class Peer(Protocol):
    """A tool that brings projects to another version of a template. Its files in a project are not looked at."""

    name: str
    own: frozenset[str]

    def template(self, files: Tree) -> Tree:
        """The template's repository for a project of these files."""

    def create(self, template: Path, project: Path) -> list[str]:
        """The command that makes a project from the first version."""

    def update(self) -> list[str]:
        """The command that brings the project around the working folder to the latest version."""

    def asked(self, output: str) -> str:
        """The part of what it said that is about what it did in the end."""


class Copier:
    """copier, with its defaults."""

    name = "copier"
    own = frozenset({".copier-answers.yml"})

    def template(self, files: Tree) -> Tree:
        answers = File(b"{{ _copier_answers|to_nice_yaml }}\n")
        return {**files, "copier.yml": File(b"{}\n"), "{{ _copier_conf.answers_file }}.jinja": answers}

    def create(self, template: Path, project: Path) -> list[str]:
        program = str(PROGRAMS / "copier")
        return [program, "copy", "--quiet", "--defaults", "--vcs-ref", FIRST, str(template), str(project)]

    def update(self) -> list[str]:
        return [str(PROGRAMS / "copier"), "update", "--defaults", "--conflict", "inline"]

    def asked(self, output: str) -> str:
        return output


class Cruft:
    """cruft, with its defaults. Files are copied and not rendered: rendering is not what is tried."""

    name = "cruft"
    own = frozenset({".cruft.json"})

    def template(self, files: Tree) -> Tree:
        about = {"name": "project", "_copy_without_render": ["*"]}
        placed = {f"{{{{cookiecutter.name}}}}/{path}": file for path, file in files.items()}
        return {**placed, "cookiecutter.json": File(json.dumps(about).encode())}

    def create(self, template: Path, project: Path) -> list[str]:
        program = str(PROGRAMS / "cruft")
        return [
            program,
            "create",
            "--no-input",
            "--checkout",
            FIRST,
            "--output-dir",
            str(project.parent),
            str(template),
        ]

    def update(self) -> list[str]:
        return [str(PROGRAMS / "cruft"), "update", "-y"]

    def asked(self, output: str) -> str:
        # It tries in two ways; what the first one could not do, the second one may have done.
        return output.rpartition("Retrying again")[2]


class Workshop:
    """Where a peer is tried: a template, a project made from it, and the team's work."""

    def __init__(self, peer: Peer, folder: Path) -> None:
        self.peer = peer
        self._folder = folder
        self._environment = environment(folder / "home")
        self._template = Repository(folder / "template", self._environment)
        self.project = Repository(folder / "project", self._environment)

    def prepare(self, base: Tree, ours: Tree, theirs: Tree) -> None:
        """A project of the first version with the team's work committed, and a template that has the second one."""
        for repository in (self._template, self.project):
            shutil.rmtree(repository.folder, ignore_errors=True)
        self._release(base, FIRST)
        made = self._run(self.peer.create(self._template.folder, self.project.folder), self._folder)
        if made.code:
            raise RuntimeError(f"{self.peer.name} makes no project:\n{made.output}")
        self.project.commit(base, "Made", self.peer.own)
        self._release(theirs, SECOND)
        self.project.commit(ours, "The team's work", self.peer.own)

    def update(self) -> Said:
        """Bring the project to the second version."""
        return self._run(self.peer.update(), self.project.folder)

    def _release(self, files: Tree, version: str) -> None:
        self._template.commit(self.peer.template(files), version)
        self._template.git("tag", version)

    def _run(self, command: Sequence[str], folder: Path) -> Said:
        began = time.perf_counter()
        done = subprocess.run(
            command,
            cwd=folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
        return Said(done.returncode, done.stdout.decode(errors="replace"), time.perf_counter() - began)


def tried(peer: Peer, scenarios: Sequence[Scenario], folder: Path) -> Iterator[Trial]:
    """Try a peer on scenarios. Many share an update; what comes out wrong there is tried alone, and that counts."""
    workshop = Workshop(peer, folder)
    alone = [one for one in scenarios if not shares(one)]
    steady = [one for one in scenarios if shares(one) and one.steady]
    others = [one for one in scenarios if shares(one) and not one.steady]
    for group in (*_groups(steady), *_groups(others), *([one] for one in alone)):
        for trial in _together(workshop, group):
            yield trial if trial.verdict.result.right or len(group) == 1 else _together(workshop, [trial.scenario])[0]


def shares(scenario: Scenario) -> bool:
    """Whether a scenario may be in an update with others."""
    return not (scenario.alone or scenario.spoils)


def _groups(scenarios: Sequence[Scenario]) -> Iterator[Sequence[Scenario]]:
    for first in range(0, len(scenarios), _TOGETHER):
        yield scenarios[first : first + _TOGETHER]


def _together(workshop: Workshop, scenarios: Sequence[Scenario]) -> list[Trial]:
    """One update for several scenarios."""
    workshop.prepare(*joined(scenarios))
    return judged(workshop, scenarios, workshop.update())


def judged(workshop: Workshop, scenarios: Sequence[Scenario], said: Said) -> list[Trial]:
    """What came of scenarios that shared an update."""
    files, stages = workshop.project.files(workshop.peer.own), workshop.project.stages()
    trouble = "\n".join(line for line in workshop.peer.asked(said.output).splitlines() if _TROUBLE.search(line))
    trials = []
    for scenario in scenarios:
        mine, staged = below(scenario, files), below(scenario, stages)
        paths = scenario.paths | {path.removesuffix(REJECTED) for path in mine}
        outcome = Outcome(
            mine,
            frozenset(path for path in paths if path in staged or named(scenario, path, trouble)),
            frozenset(path for path in paths if named(scenario, path, said.output)),
            staged,
            said.code,
            _crash(said),
        )
        trials.append(Trial(scenario, outcome, judge(scenario, outcome)))
    return trials


def _crash(said: Said) -> str:
    """The last thing that a program that gave up had to say."""
    lines = said.output.strip().splitlines()
    return next((line for line in reversed(lines) if _ERROR.match(line)), (lines or ["?"])[-1]) if said.code else ""
