"""The nightly workflow `doctor.yml`: its own scripts, run by bash on a real fleet, with a `gh` that keeps issues."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e import fleet
from tests.e2e.sandbox import Pristine, World, row
from tests.e2e.workflow_steps import Script, installed

HOSTILE: Final = "* @nobody $(touch canary) `touch canary`\n```\n# @everyone\n"
LABEL: Final = "platformctl-doctor"
PLATFORM: Final = "schema: 1\norganisation: local\n"

GH: Final = '''\
#!{python}
"""A gh that knows labels and issues, and refuses whatever else it is asked."""
import json, os, sys
from pathlib import Path
file = Path({file!r})
issues = json.loads(file.read_text()) if file.exists() else []
words = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(json.dumps(words) + "\\n")
assert os.environ["GH_TOKEN"] == "token" and os.environ["GH_REPO"] == "acme/platform"
option = lambda name: words[words.index(name) + 1]
if words[:2] == ["label", "create"]:
    assert "--force" in words
elif words[:2] == ["issue", "list"]:
    assert option("--state") == "all"
    for one in issues:
        if one["label"] == option("--label"):
            print(one["number"], one["state"], one["title"], sep="\\t")
elif words[:2] == ["issue", "create"]:
    body = Path(option("--body-file")).read_text()
    made = dict(number=len(issues) + 1, state="OPEN", title=option("--title"), label=option("--label"), body=body)
    issues.append(made)
elif words[:2] == ["issue", "edit"]:
    issues[int(words[2]) - 1]["body"] = Path(option("--body-file")).read_text()
elif words[:2] == ["issue", "reopen"]:
    issues[int(words[2]) - 1]["state"] = "OPEN"
elif words[:2] == ["issue", "close"]:
    issues[int(words[2]) - 1].update(state="CLOSED", comment=option("--comment"))
else:
    sys.exit("gh: " + repr(words))
file.write_text(json.dumps(issues))
'''


@dataclass
class Runner:
    """A runner of GitHub's on which platformctl is installed, and a fleet."""

    world: World
    issues: Path
    log: Path

    @property
    def temp(self) -> Path:
        return self.world.root / "runner"

    def night(self, **inputs: str) -> tuple[int, str]:
        """Run the workflow's scripts; gives the exit code, and what was said."""
        shutil.rmtree(self.temp, ignore_errors=True)
        installed(self.temp, self.world)
        said = ""
        for name in ("Look at every service", "Keep one issue for each team"):
            done = self._step(name, {"planes": "developer security", "platform": "platform.yaml", **inputs})
            said += done.stdout + done.stderr
            if done.returncode:
                return done.returncode, said
        return 0, said

    def _step(self, name: str, inputs: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        known = {
            "${{ github.workspace }}/${{ inputs.platform }}": f"{self.world.work}/{inputs['platform']}",
            "${{ inputs.planes }}": inputs["planes"],
            "${{ secrets.token }}": "",
            "${{ secrets.environment }}": inputs.get("environment", ""),
            "${{ github.token }}": "token",
            "${{ github.repository }}": "acme/platform",
        }
        runner = {"RUNNER_TEMP": str(self.temp), "GITHUB_STEP_SUMMARY": str(self.temp / "summary")}
        script = Script.of("doctor.yml", "doctor", name)
        return script.run(self.world.work, {**self.world.environment(), **runner}, known)

    def kept(self) -> list[dict[str, Any]]:
        """The issues, by number."""
        found: list[dict[str, Any]] = json.loads(self.issues.read_text()) if self.issues.exists() else []
        return found

    def keep(self, issues: list[dict[str, Any]]) -> None:
        self.issues.write_text(json.dumps(issues))

    def open(self) -> list[str]:
        return [one["title"] for one in self.kept() if one["state"] == "OPEN"]

    def asked(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    world = World(tmp_path_factory.mktemp("night"))
    fleet.build(world, 4, terraform=False)
    (world.work / "platform.yaml").write_text(PLATFORM)
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def runner(prepared: Pristine) -> Runner:
    world = prepared.restored()
    made = Runner(world, world.root / "issues.json", world.root / "asked.ndjson")
    gh = world.bin / "gh"
    gh.write_text(GH.format(python=sys.executable, file=str(made.issues), log=str(made.log)))
    gh.chmod(0o755)
    return made


def drift(world: World, number: int) -> str:
    """Gives the commit that was there before."""
    return world.overwrite(fleet.name(number), "refs/heads/main", "CODEOWNERS", HOSTILE.encode())


def test_a_team_has_one_issue_for_ever(runner: Runner) -> None:
    world = runner.world
    assert runner.night()[0] == 0 and runner.kept() == []

    before = drift(world, 1)
    code, said = runner.night()
    assert code == 0, said
    [made] = runner.kept()
    assert (made["title"], made["state"], made["label"]) == ("Drift: team crew-1", "OPEN", LABEL)
    assert made["body"].startswith("**1 of 1 service drifted.**") and "`shop-001`" in made["body"]
    assert (runner.temp / "summary").read_text().startswith("**1 of 4 services drifted.**")

    drift(world, 2)
    (world.home / "forge/local/shop-003.git/platformctl.json").write_text("{")
    assert runner.night()[0] == 0
    assert runner.open() == ["Drift: team crew-1", "Drift: team crew-2", "Drift: team crew-3"]
    assert "this file is damaged" in runner.kept()[2]["body"]

    world.git("shop-001", "update-ref", "refs/heads/main", before)
    assert runner.night()[0] == 0
    assert runner.open() == ["Drift: team crew-2", "Drift: team crew-3"]
    assert runner.kept()[0]["comment"] == "All is as it should be."

    drift(world, 1)
    assert runner.night()[0] == 0
    assert len(runner.kept()) == 3 and "Drift: team crew-1" in runner.open()
    assert runner.night()[0] == 0 and len(runner.kept()) == 3


def test_text_from_people_is_in_files_alone(runner: Runner) -> None:
    drift(runner.world, 1)
    assert runner.night()[0] == 0
    assert list(runner.world.root.rglob("canary")) == []
    assert "touch canary" in runner.kept()[0]["body"]
    assert not [words for words in runner.asked() if "canary" in " ".join(words)]


def test_services_without_a_team_have_an_issue_too(runner: Runner) -> None:
    shutil.rmtree(runner.world.home / "forge/local/shop-002.git")
    (runner.world.home / "catalog/local/components/shop-002.yaml").write_text("kind: [\n")
    assert runner.night()[0] == 0
    assert "Drift: services without a known team" in runner.open()


def test_issues_of_others_are_left_alone(runner: Runner) -> None:
    drift(runner.world, 1)
    others = [
        {"number": 1, "state": "OPEN", "title": "Drift: team crew-1", "label": "bug", "body": "ours"},
        {"number": 2, "state": "OPEN", "title": "Drift: $(touch canary)", "label": LABEL, "body": "ours"},
        {"number": 3, "state": "OPEN", "title": "About drift", "label": LABEL, "body": "ours"},
        {"number": 4, "state": "CLOSED", "title": "Drift: team crew-1", "label": LABEL, "body": "old"},
        {"number": 5, "state": "OPEN", "title": "Drift: team crew-1", "label": LABEL, "body": "old"},
        {"number": 6, "state": "OPEN", "title": "Drift: team gone", "label": LABEL, "body": "old"},
    ]
    runner.keep(others)
    assert runner.night()[0] == 0
    found = runner.kept()
    assert len(found) == 6 and found[:4] == others[:4]
    assert "shop-001" in found[4]["body"] and found[5]["state"] == "CLOSED"
    assert list(runner.world.root.rglob("canary")) == []


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        row("no platform.yaml", {"platform": "no.yaml"}, "must name the file platform.yaml"),
        row("a plane that there is not", {"planes": "developer colour"}, "ended with 2 and has written no report"),
        row("no plane at all", {"planes": "developer; touch canary"}, "must have names of planes"),
        row("no environment", {"environment": "A=1\nB C=2"}, "must have lines NAME=value"),
    ],
)
def test_when_it_cannot_look_no_issue_is_touched(runner: Runner, inputs: dict[str, str], says: str) -> None:
    issue = {"number": 1, "state": "OPEN", "title": "Drift: team crew-1", "label": LABEL, "body": "old"}
    runner.keep([issue])
    code, said = runner.night(**inputs)
    assert code != 0 and says in said
    assert runner.kept() == [issue] and not runner.log.exists()
    assert list(runner.world.root.rglob("canary")) == []


def test_a_broken_platform_touches_no_issue_either(runner: Runner) -> None:
    (runner.world.work / "platform.yaml").write_text("schema: [\n")
    code, said = runner.night()
    assert code == 1 and "has written no report" in said and not runner.log.exists()


def test_what_platform_yaml_refers_to_is_given_and_masked(runner: Runner) -> None:
    program = "import os; print('GIVEN', os.environ['GRAFANA_TOKEN'], os.environ.get('MORE'))"
    environment = "GRAFANA_TOKEN=glsa with = and spaces\nOTHER=x"
    file = runner.world.root / "sitecustomize.py"
    file.write_text(program)
    runner.world.env["PYTHONPATH"] = os.pathsep.join([str(runner.world.root), *filter(None, sys.path)])
    code, said = runner.night(environment=environment)
    assert code == 0, said
    assert "::add-mask::glsa with = and spaces\n::add-mask::x\n" in said
    assert "GIVEN glsa with = and spaces None" in said
