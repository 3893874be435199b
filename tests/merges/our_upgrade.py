"""`platformctl upgrade` as a process: services that really stand, with many scenarios in each, a folder for each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from platformctl.model import Tree
from tests.conftest import Cli
from tests.merges.judge import judge
from tests.merges.outcome import Outcome
from tests.merges.projects import FIRST, SECOND, Repository, below, environment, joined, named, place, write
from tests.merges.scenario import Scenario
from tests.merges.trial import Trial

NAME: Final = "orders"
_TOGETHER: Final = 200
"""Scenarios in one service."""
_RECORD: Final = ".platformctl.yaml"
_HEAD: Final = f"platformctl/upgrade_files_{NAME}"
_ABOUT: Final = {
    "path.yaml": "schema: 1\nname: scenarios\ntitle: All\nowner: platform\nsupport: here\nlifecycle: production\n",
    "CHANGELOG.md": f"# Changelog\n\n## {SECOND} - 2026-11-20\n\n- All new.\n\n## {FIRST} - 2026-11-01\n\n- First.\n",
}
_RECIPE: Final = """\
schema: 1
path: scenarios
version: {version}
description: Scenarios
inputs:
  type: object
  required: [name, team]
  additionalProperties: false
  properties:
    name: {{type: string, pattern: "^[a-z-]+$", description: letters}}
    team: {{type: string, description: whose}}
steps:
  - id: code
    uses: folder
    plane: developer
    with: {{from: scenarios/{version}/files}}
  - id: answers
    uses: answers_file
    plane: developer
    with:
      path: ${{{{ recipe.path }}}}
      version: ${{{{ recipe.version }}}}
      answers: ${{{{ inputs }}}}
      overrides: ${{{{ overrides }}}}
  - id: repository
    uses: repository
    plane: developer
    with: {{name: "${{{{ inputs.name }}}}", teams: "${{{{ platform.team.access }}}}", topics: []}}
  - id: files
    uses: files
    plane: developer
    with:
      repository: ${{{{ steps.repository.outputs.name }}}}
      files: ["${{{{ steps.code.outputs.files }}}}", "${{{{ steps.answers.outputs.files }}}}"]
      managed: [.platformctl.yaml]
      merged: ["*"]
"""


class Service:
    """A service of a golden path in two versions, and its team's clone."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "paths" / "scenarios"
        self._path.mkdir(parents=True)
        platform = folder / "platform.yaml"
        platform.write_text("schema: 1\norganisation: local\ngolden_paths: [paths]\n", encoding="utf-8")
        self.cli = Cli(folder / "home", folder, {"PLATFORMCTL_PLATFORM": str(platform)})
        self._team = environment(folder / "team")
        self.clone = Repository(folder / "clone", self._team)
        self.here = replace(self.cli, cwd=self.clone.folder)

    def prepare(self, base: Tree, ours: Tree, theirs: Tree) -> None:
        """The service as the first version made it, with the team's work; and the second version."""
        for path, text in _ABOUT.items():
            (self._path / path).write_text(text, encoding="utf-8")
        self._release(FIRST, base)
        self.cli.run("init", "--yes")
        self.cli.run("new", "scenarios", NAME, "--team", "payments", "--yes")
        Repository(self.cli.cwd, self._team).git("clone", "--quiet", self._address, str(self.clone.folder))
        self.clone.commit(ours, "The team's work", [_RECORD])
        self.clone.git("push", "--quiet", "origin", "HEAD:main")
        self._release(SECOND, theirs)

    @property
    def _address(self) -> str:
        return str(self.cli.home / "forge" / "local" / f"{NAME}.git")

    def _release(self, version: str, files: Tree) -> None:
        folder = self._path / version / "files"
        folder.mkdir(parents=True)
        write(folder, files)
        (folder.parent / "recipe.yaml").write_text(_RECIPE.format(version=version), encoding="utf-8")

    def proposed(self) -> Tree:
        """The files of the branch that is proposed."""
        self.clone.git("fetch", "--quiet", "origin")
        self.clone.git("checkout", "--quiet", "--detach", f"origin/{_HEAD}")
        return self.clone.files([_RECORD])

    def text(self) -> str:
        """What the pull request says."""
        record = json.loads(Path(self._address, "platformctl.json").read_bytes())
        text: str = record["proposals"][_HEAD]["body"]
        return text

    def merge(self) -> None:
        """The team merges what is proposed."""
        self.clone.git("fetch", "--quiet", "origin")
        self.clone.git("merge", "--quiet", "--no-edit", f"origin/{_HEAD}")
        self.clone.git("push", "--quiet", "origin", "HEAD:main")


def tried(scenarios: Sequence[Scenario], folder: Path) -> Iterator[Trial]:
    """Upgrade services that have scenarios in them, and the same in their clones, which has to come to the same.

    Many share a service; what comes out wrong there is tried alone, and that counts.
    """
    many = [one for one in scenarios if not one.alone]
    groups = [many[first : first + _TOGETHER] for first in range(0, len(many), _TOGETHER)]
    for group in (*groups, *([one] for one in scenarios if one.alone)):
        for trial in _together(group, folder):
            wrong = len(group) > 1 and not trial.verdict.result.right
            yield _together([trial.scenario], folder)[0] if wrong else trial


def _together(scenarios: Sequence[Scenario], folder: Path) -> list[Trial]:
    with TemporaryDirectory(dir=folder) as place:
        service = Service(Path(place))
        service.prepare(*joined(scenarios))
        return [*judged(service, scenarios)]


def judged(service: Service, scenarios: Sequence[Scenario]) -> Iterator[Trial]:
    """What comes of the scenarios in a service. Leaves its clone on the branch that is proposed."""
    done = service.cli.run("upgrade", NAME, "--yes", "--json", code=None)
    assert done.returncode in (0, 3), done.stderr
    found = json.loads(done.stdout.splitlines()[-1])["data"]["conflicts"]
    assert service.here.result("upgrade", "--local", "--yes", code=done.returncode)["conflicts"] == found
    files, stages, text = service.clone.files([_RECORD]), service.clone.stages(), service.text()
    service.clone.git("reset", "--quiet", "--hard")
    assert service.proposed() == files, "the clone and what is proposed are not the same"
    for scenario in scenarios:
        outcome = Outcome(
            below(scenario, files),
            frozenset(path for path in scenario.paths if f"{place(scenario)}{path}" in found),
            frozenset(path for path in scenario.paths if named(scenario, path, text)),
            below(scenario, stages),
            done.returncode,
        )
        yield Trial(scenario, outcome, judge(scenario, outcome))
