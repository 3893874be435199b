"""`apply.yml`: a change of a record that was merged reaches the other planes, and nothing else starts it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from platformctl.renderers.workflows import Workflows
from tests.e2e import fleet
from tests.e2e.sandbox import Pristine, World, row
from tests.e2e.workflow_steps import WORKFLOWS, Script, installed

RECORD: Final = ".platformctl.yaml"
PLATFORM: Final = "schema: 1\norganisation: local\n"
SERVICE: Final = fleet.name(1)
NEVER: Final = "0" * 40


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def commits(tmp_path: Path) -> dict[str, str]:
    """Commits of a repository by what they do."""
    git(tmp_path, "init", "-q", "-b", "main")
    found = {"never": NEVER}
    for name, files in {
        "nothing": {"README.md": "one"},
        "made": {RECORD: "version: 1.0.0\n"},
        "upgraded": {RECORD: "version: 1.1.0\n"},
        "edited": {"README.md": "two", "docs/.platformctl.yaml": "version: 9.0.0\n"},
        "removed": {RECORD: ""},
    }.items():
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text)
            if not text:
                (tmp_path / path).unlink()
        git(tmp_path, "add", "--all")
        git(tmp_path, "commit", "-q", "-m", name)
        found[name] = git(tmp_path, "rev-parse", "HEAD")
    return found


def compared(folder: Path, before: str, after: str) -> subprocess.CompletedProcess[str]:
    """The step that looks at the record, after a push."""
    given = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "GITHUB_OUTPUT": str(folder / "output")}
    known = {"${{ github.event.before }}": before, "${{ github.sha }}": after}
    return Script.of("apply.yml", "record", "Compare the record").run(folder, given, known)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        row("an upgrade", "made", "upgraded", "true"),
        row("an upgrade among other commits", "made", "edited", "true"),
        row("the way back", "upgraded", "made", "true"),
        row("anything else", "upgraded", "edited", "false"),
        row("a service that is being made", "nothing", "made", "false"),
        row("a new branch", "never", "made", "false"),
        row("the end of it", "edited", "removed", "false"),
    ],
)
def test_only_a_changed_record_is_applied(
    commits: dict[str, str], tmp_path: Path, before: str, after: str, changed: str
) -> None:
    done = compared(tmp_path, commits[before], commits[after])
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output").read_text() == f"changed={changed}\n"


@pytest.mark.parametrize("before", ["", "main", "HEAD;touch canary"])
def test_what_is_no_push_is_refused(commits: dict[str, str], tmp_path: Path, before: str) -> None:
    done = compared(tmp_path, before, commits["made"])
    assert done.returncode == 1 and "::error::This workflow is for pushes" in done.stdout
    assert not (tmp_path / "output").exists() and not (tmp_path / "canary").exists()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    world = World(tmp_path_factory.mktemp("apply"))
    fleet.build(world, 2, terraform=False)
    (world.work / "platform.yaml").write_text(PLATFORM)
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


def applied(world: World, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The step that applies the record, on a runner."""
    temp = world.root / "runner"
    shutil.rmtree(temp, ignore_errors=True)
    installed(temp, world)
    given = {"name": SERVICE, "file": "platform.yaml", "planes": "developer security", "environment": "", **inputs}
    known = {
        "${{ inputs.name }}": given["name"],
        "${{ github.workspace }}/${{ inputs.file }}": f"{world.work}/{given['file']}",
        "${{ inputs.planes }}": given["planes"],
        "${{ secrets.token }}": "",
        "${{ secrets.environment }}": given["environment"],
    }
    script = Script.of("apply.yml", "apply", "Apply the record")
    return script.run(world.work, {**world.environment(), "RUNNER_TEMP": str(temp)}, known)


def test_a_merged_record_reaches_the_other_planes(prepared: Pristine) -> None:
    world = prepared.restored()
    planes = ("--plane", "developer", "--plane", "security")
    said = "::set-env name=X::y ##[error]no {{ 7*7 }}"
    record = yaml.safe_load(world.git(SERVICE, "show", f"main:{RECORD}"))
    record["answers"] |= {"tier": "batch", "description": said}
    world.overwrite(SERVICE, "refs/heads/main", RECORD, yaml.safe_dump(record).encode())
    assert world.run("doctor", SERVICE, *planes).code == 3

    done = applied(world, environment="GRAFANA_TOKEN=glsa with = and spaces")
    assert done.returncode == 0, done.stdout + done.stderr
    assert world.run("doctor", SERVICE, *planes).code == 0
    settings = yaml.safe_load((world.home / f"forge/local/{SERVICE}.git/platformctl.json").read_text())["settings"]
    assert "tier-batch" in settings["topics"] and settings["description"] == said
    lines = done.stdout.splitlines()
    assert lines[0] == "::add-mask::glsa with = and spaces"
    (begin,) = (at for at, line in enumerate(lines) if line.startswith("::stop-commands::"))
    end = lines.index(f"::{lines[begin].rpartition('::')[2]}::")
    commands = [at for at, line in enumerate(lines) if line.lstrip().startswith("::") or "##[" in line]
    assert {at for at in commands if not begin < at < end} == {0, begin, end}, "people's text starts nothing"

    again = applied(world)
    assert again.returncode == 0 and "nothing was changed" in again.stdout, again.stdout


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        row("no platform.yaml", {"file": "no.yaml"}, "must name the file platform.yaml"),
        row("no name", {"name": "shop; touch canary"}, "not a valid name"),
        row("no service", {"name": "nobody-api"}, "platformctl doctor ended with 2"),
        row("a plane that there is not", {"planes": "developer colour"}, "platformctl doctor ended with 2"),
        row("no plane at all", {"planes": "developer; touch canary"}, "must have names of planes"),
        row("no environment", {"environment": "A=1\nB C=2"}, "must have lines NAME=value"),
    ],
)
def test_what_cannot_be_applied_fails_the_job(prepared: Pristine, inputs: dict[str, str], says: str) -> None:
    world = prepared.restored()
    done = applied(world, **inputs)
    assert done.returncode != 0 and says in done.stdout.splitlines()[-1], done.stdout + done.stderr
    assert list(world.root.rglob("canary")) == []


GIVEN: Final[dict[str, Any]] = {
    "workflow": "service",
    "repository": "acme/platform-workflows",
    "commit": "0123456789abcdef0123456789abcdef01234567",
    "tag": "v1.1.0",
    "name": "payments-api",
    "language": "python",
    "registry": "registry.example.org/acme",
    "environments": "acme/environments",
}
WHOLE: Final = {
    "platformctl": "platformctl==0.1.0",
    "platform": "acme/platform",
    "file": "platform.yaml",
    "planes": ["delivery", "security"],
    "runner": "ubuntu-24.04-arm",
}


def caller(**more: Any) -> str:
    """What a service's ci.yml says."""
    return Workflows().render({**GIVEN, **more})[".github/workflows/ci.yml"].content.decode()


@pytest.mark.parametrize("names", [[*WHOLE], ["platformctl", "platform", "file"]], ids=["whole", "least"])
def test_the_call_fits_what_is_called(names: list[str], tmp_path: Path) -> None:
    """Inputs, secrets and permissions, all there; and those who know GitHub's workflows find nothing."""
    file = tmp_path / "ci.yml"
    file.write_text(caller(apply={name: WHOLE[name] for name in names}))
    call = yaml.load(file.read_text(), yaml.BaseLoader)["jobs"]["apply"]
    called = yaml.load((WORKFLOWS / "apply.yml").read_text(), yaml.BaseLoader)
    declared = called["on"]["workflow_call"]
    required = {key for key, about in declared["inputs"].items() if about.get("required") == "true"}
    assert required <= set(call["with"]) == {"name", *names} <= set(declared["inputs"])
    assert set(call["secrets"]) == set(declared["secrets"])
    wanted = {key: value for job in called["jobs"].values() for key, value in job["permissions"].items()}
    assert call["permissions"] == wanted, "GitHub stops a run whose caller grants less; more is too much"
    assert call["uses"] == f"acme/platform-workflows/.github/workflows/apply.yml@{GIVEN['commit']}"
    programs = Path(sys.executable).parent
    for command in (
        [programs / "zizmor", "--offline", "--no-config", "--quiet", file],
        [programs / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", file],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_applied_where_the_platform_does_not_say_how() -> None:
    assert caller() == caller(apply={})
    assert "apply" not in caller()
    assert caller(apply=WHOLE).startswith(caller())
