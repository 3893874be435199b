"""Running again changes nothing; planning writes nothing; what a plan says is what is done."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.e2e.world import snapshot

NEW = ("new", "service", "payments-api", "--team", "payments")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """One service, made once; tests here leave it as they found it."""
    root = tmp_path_factory.mktemp("made")
    cli = Cli(root / "home", root)
    cli.run(*NEW)
    return cli


def temporary(cli: Cli, tmp_path: Path) -> Path:
    """A folder for temporary files that nobody else uses."""
    folder = tmp_path / "tmp"
    folder.mkdir(exist_ok=True)
    cli.env["TMPDIR"] = str(folder)
    return folder


def test_a_dry_run_on_a_bare_machine_writes_nothing_anywhere(cli: Cli, tmp_path: Path) -> None:
    scratch = temporary(cli, tmp_path)
    cli.env["HOME"] = str(tmp_path / "user")
    said = cli.run(*NEW, "--dry-run").stdout
    assert "8 to create." in said
    assert not cli.home.exists() and not (tmp_path / "user").exists()
    assert list(scratch.iterdir()) == [] and list(cli.cwd.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ("new", "service", "other-api", "--team", "payments", "--dry-run"),
        ("plan", "service", "other-api", "--team", "payments"),
        ("configure", "payments-api", "--set", "tier=batch", "--dry-run"),
        ("doctor", "payments-api"),
        ("runs", "list"),
        ("runs", "show", "last"),
        ("path", "show", "service"),
        ("path", "lint", "service"),
        ("catalog", "list"),
        ("catalog", "show", "payments-api"),
        ("catalog", "graph"),
        ("actions", "list"),
        ("actions", "show", "alerts"),
    ],
    ids=" ".join,
)
def test_looking_writes_nothing(command: tuple[str, ...], made: Cli, tmp_path: Path) -> None:
    scratch = temporary(made, tmp_path)
    before = snapshot(made.home)
    made.run(*command)
    assert snapshot(made.home) == before
    assert list(scratch.iterdir()) == []


def test_a_second_new_changes_nothing(made: Cli) -> None:
    """Forge heads, the state's serial and every file's time prove it."""
    before = snapshot(made.home, without=("locks/",))
    serial = json.loads((made.home / "terraform/local/payments-api-staging/terraform.tfstate").read_text())["serial"]
    result = made.result(*NEW)
    assert result["changes"] == [] and result["applied"] is False
    assert snapshot(made.home, without=("locks/",)) == before
    assert serial == 1


def test_a_saved_plan_does_exactly_what_it_says(cli: Cli) -> None:
    file = cli.cwd / "p.plan"
    planned = cli.result("plan", "service", "payments-api", "--team", "payments", "-o", str(file))
    assert not cli.home.exists()
    done = cli.result("apply", str(file))
    what = [(change["address"], change["kind"]) for change in planned["changes"]]
    assert [(change["address"], change["kind"]) for change in done["changes"]] == what
    assert len(what) == 8
    cli.run("doctor", "payments-api")
    refused = cli.run("apply", str(file), code=1)
    assert "the world is not what this plan was made from" in refused.stderr


def test_a_saved_plan_is_refused_before_anything_is_written(cli: Cli) -> None:
    file = cli.cwd / "p.plan"
    cli.run("init")
    cli.run("plan", "service", "payments-api", "--team", "payments", "-o", str(file))
    (cli.home / "terraform" / "local" / "payments-api-staging").mkdir(parents=True)
    outputs = {"service": {"value": "somebody's", "type": "string"}}
    state = {"version": 4, "serial": 3, "lineage": "x", "outputs": outputs, "resources": []}
    (cli.home / "terraform/local/payments-api-staging/terraform.tfstate").write_text(json.dumps(state))
    before = snapshot(cli.home, without=("locks/",))
    refused = cli.run("apply", str(file), code=1)
    assert "changed since: terraform/payments-api/staging" in refused.stderr
    assert snapshot(cli.home, without=("locks/",)) == before


MONITORING = (
    "grafana/local/dashboards/team-payments/svc-payments-api.json",
    "monitoring/local/rules/staging/payments-api.yml",
    "catalog/local/components/payments-api.yaml",
)


def test_doctor_finds_every_kind_of_drift_and_mends_it(cli: Cli) -> None:
    cli.run(*NEW)
    forge = cli.home / "forge" / "local"
    hook = forge / "payments-api.git" / "hooks" / "pre-receive"
    hook.unlink()
    meta = forge / "payments-api.git" / "platformctl.json"
    meta.write_text(meta.read_text().replace('"internal"', '"public"'))
    for repository, path in (("payments-api", "CODEOWNERS"), ("environments", "staging/payments-api/51-service.yaml")):
        edit(cli, repository, path, "# by hand\n")
    for path in MONITORING:
        file = cli.home / path
        file.write_text(file.read_text().replace("payments-api", "payments-app", 1))
    edit(cli, "payments-api", "README.md", "the team's own words\n")
    edit(cli, "environments", "staging/payments-api/image/kustomization.yaml", "# the tag is CI's\n")
    state = cli.home / "terraform/local/payments-api-staging/terraform.tfstate"
    data = json.loads(state.read_text())
    data["resources"][0]["instances"].pop()
    state.write_text(json.dumps(data))
    found = [event for event in cli.events("doctor", "payments-api", code=3) if event["type"] == "finding"]
    assert {(finding["plane"], finding["data"]["address"]) for finding in found} == {
        ("developer", "repository/payments-api"),
        ("developer", "files/payments-api"),
        ("developer", "catalog/component/payments-api"),
        ("monitoring", "grafana/dashboard/svc-payments-api"),
        ("monitoring", "alerting/payments-api/staging"),
        ("resource", "terraform/payments-api/staging"),
        ("resource", "manifests/environments/staging/payments-api"),
        ("security", "branch_protection/payments-api/main"),
    }
    files = [finding["data"] for finding in found if finding["data"]["address"] == "files/payments-api"]
    assert [(one["part"], one["class"], one["by"]) for one in files] == [("CODEOWNERS", "edited", "A Person")]
    assert [line[:2] for one in files for line in one["fix"]["differences"]] == [["~", "CODEOWNERS"]]
    classes = {finding["plane"]: set() for finding in found}
    for finding in found:
        assert finding["status"] == finding["data"]["class"]
        classes[finding["plane"]].add(finding["status"])
    assert classes == {
        "developer": {"edited", "out-of-band"},
        "monitoring": {"out-of-band"},
        "resource": {"edited", "missing"},
        "security": {"out-of-band"},
    }
    cli.run("doctor", "payments-api", "--fix")
    cli.run("doctor", "payments-api")
    for path in MONITORING:
        assert "payments-app" not in (cli.home / path).read_text()
    assert cli.git("payments-api", "show", "main:README.md") == "the team's own words\n"
    assert cli.git("environments", "show", "main:staging/payments-api/image/kustomization.yaml").startswith("# the tag")


def test_doctor_shows_what_it_cannot_read_as_neither_fine_nor_drift(made: Cli, tmp_path: Path) -> None:
    shim = tmp_path / "terraform"
    shim.write_text("#!/bin/sh\necho 'Error: the lights are out' >&2\nexit 1\n")
    shim.chmod(0o755)
    made.env["PATH"] = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    found = [event for event in made.events("doctor", "payments-api", code=1) if event["type"] == "finding"]
    shown = made.run("doctor", "payments-api", code=1).stdout
    del made.env["PATH"]
    assert {(event["status"], event["data"]["address"]) for event in found} == {
        ("unreadable", "terraform/payments-api/staging"),
        ("unreadable", "manifests for staging"),
        ("unreadable", "alerts for staging"),
    }
    assert "the lights are out" in shown and "✓ developer" in shown and "✓ security" in shown


def test_configure_merges_what_the_team_wrote(cli: Cli) -> None:
    cli.run(*NEW)
    readme = cli.git("payments-api", "show", "main:README.md")
    edit(cli, "payments-api", "README.md", readme + "\nThe team's own words.\n")
    routes = cli.git("payments-api", "show", "main:app/routes.py")
    edit(cli, "payments-api", "app/routes.py", routes + "# ours\n")
    cli.run("configure", "payments-api", "--set", "description=Takes payments", "--set", "tier=high-availability")
    merged = cli.git("payments-api", "show", "main:README.md")
    assert "Takes payments" in merged and merged.endswith("The team's own words.\n")
    assert cli.git("payments-api", "show", "main:app/routes.py").endswith("# ours\n")
    assert "high-availability" in cli.git("environments", "show", "main:staging/payments-api/50-deployment.yaml")
    cli.run("doctor", "payments-api")


def test_a_merge_conflict_is_named_and_nothing_is_written(cli: Cli) -> None:
    cli.run(*NEW, "--description", "one")
    readme = cli.git("payments-api", "show", "main:README.md")
    edit(cli, "payments-api", "README.md", readme.replace("one", "ours"))
    before = snapshot(cli.home, without=("locks/",))
    refused = cli.run("configure", "payments-api", "--set", "description=theirs", code=1)
    assert "README.md: the team changed the lines" in refused.stderr
    assert snapshot(cli.home, without=("locks/",)) == before


def edit(cli: Cli, repository: str, path: str, content: str) -> None:
    """A person's commit on the default branch, put there behind the protection's back."""
    import subprocess

    folder = cli.home / "forge" / "local" / f"{repository}.git"
    script = (
        "commit refs/heads/main\ncommitter A Person <person@localhost> now\ndata 7\nby hand\n"
        f"from refs/heads/main^0\nM 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"
    )
    command = ["git", f"--git-dir={folder}", "fast-import", "--quiet", "--date-format=now"]
    subprocess.run(command, input=script, text=True, check=True)
