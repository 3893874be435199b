"""What every backend of the port `terraform` does, with the real program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from platformctl.backends.terraform import Workspace
from platformctl.backends.terraform.cli import TerraformCli
from platformctl.backends.terraform.state_server import serve
from platformctl.errors import BadConfig, Moved, ToolFailed
from platformctl.locks import Lock
from platformctl.model import Owner
from tests.contract import places
from tests.contract.places import Place
from tests.e2e.world import snapshot

ME = Owner("svc", "run-1")


def workspace(module: Path, **variables: object) -> Workspace:
    return Workspace("svc", "staging", str(module), {"name": "svc", **variables})


def made(place: Place, home: Path, module: Path) -> tuple[TerraformCli, str]:
    terraform = place.terraform(home)
    planned = terraform.plan(workspace(module))
    return terraform, terraform.apply(workspace(module), planned.revision, ME).revision


def test_planning_writes_nothing_and_knows_the_outputs(place: Place, home: Path, module: Path) -> None:
    before = snapshot(home), snapshot(module)
    planned = place.terraform(home).plan(workspace(module))
    assert (planned.exists, planned.revision, planned.owner) == (False, "", None)
    assert [(line.sign, line.what) for line in planned.pending] == [("+", "module.service.terraform_data.thing")]
    assert planned.outputs == {"manifests": {"a.yaml": "name: svc"}}
    after = {name: seen for name, seen in snapshot(home).items() if not name.startswith("locks/")}
    assert (after, snapshot(module)) == before
    assert place.stored(home) == {}


def test_planning_what_is_there_writes_nothing(place: Place, home: Path, module: Path) -> None:
    made(place, home, module)
    before = place.stored(home)
    assert before
    for name in ("svc", "other"):
        place.terraform(home).plan(workspace(module, name=name))
    assert place.stored(home) == before


def test_apply_converges_and_a_second_plan_is_empty(place: Place, home: Path, module: Path) -> None:
    terraform, revision = made(place, home, module)
    again = place.terraform(home).plan(workspace(module))
    assert (again.exists, again.revision, again.pending, again.owner) == (True, revision, (), ME)
    assert again.outputs == {"manifests": {"a.yaml": "name: svc"}}
    assert (again.source, dict(again.variables)) == (str(module), {"name": "svc"})
    assert terraform.state("svc", "staging").revision == revision


def test_a_state_that_moved_is_not_overwritten(place: Place, home: Path, module: Path) -> None:
    late = place.terraform(home)
    planned = late.plan(workspace(module))
    made(place, home, module)
    stored = place.stored(home)
    with pytest.raises(Moved):
        late.apply(workspace(module), planned.revision, ME)
    assert place.stored(home) == stored


def test_only_what_was_planned_is_applied(place: Place, home: Path, module: Path) -> None:
    terraform = place.terraform(home)
    planned = terraform.plan(workspace(module))
    with pytest.raises(Moved):
        terraform.apply(workspace(module, name="other"), planned.revision, ME)
    assert place.stored(home) == {}


def test_destroy_leaves_nothing(place: Place, home: Path, module: Path) -> None:
    terraform, revision = made(place, home, module)
    with pytest.raises(Moved):
        terraform.destroy("svc", "staging", "not the revision")
    terraform.destroy("svc", "staging", revision)
    assert set(place.stored(home)) <= {"table"}
    assert not list((home / "terraform").glob("*/*"))
    assert not terraform.state("svc", "staging").exists
    terraform.destroy("svc", "staging", "")


def test_taking_a_change_back_restores_the_revision(place: Place, home: Path, module: Path) -> None:
    terraform, first = made(place, home, module)
    for name in ("other", "svc"):
        planned = terraform.plan(workspace(module, name=name))
        revision = terraform.apply(workspace(module, name=name), planned.revision, ME).revision
    assert revision == first


def test_a_kept_module_is_initialised_once(place: Place, home: Path, module: Path) -> None:
    made(place, home, module)
    cached = {path.name for path in (home / "cache" / "terraform").iterdir()}
    terraform = place.terraform(home)
    planned = terraform.plan(workspace(module, name="other"))
    terraform.apply(workspace(module, name="other"), planned.revision, ME)
    assert {path.name for path in (home / "cache" / "terraform").iterdir()} == cached != set()


def test_the_first_diagnostic_is_the_message_with_its_place(place: Place, home: Path, module: Path) -> None:
    with pytest.raises(ToolFailed) as caught:
        place.terraform(home).plan(workspace(module, name="bad"))
    assert 'name must not be bad; got "bad"' in caught.value.what
    assert "This was checked by" not in caught.value.what
    assert ".tf:" in caught.value.where
    (module / "main.tf").write_text("resource {")
    with pytest.raises(ToolFailed, match="terraform init"):
        place.terraform(home).plan(workspace(module))
    with pytest.raises(ToolFailed):
        place.terraform(home).plan(replace(workspace(module), source=str(module / "nowhere")))


@pytest.mark.slow
def test_a_program_that_hangs_is_stopped(place: Place, home: Path, module: Path) -> None:
    terraform = place.terraform(home, timeout=2)
    planned = terraform.plan(workspace(module, wait=60))
    began = time.monotonic()
    with pytest.raises(ToolFailed, match="did not end within 2 seconds"):
        terraform.apply(workspace(module, wait=60), planned.revision, ME)
    assert time.monotonic() - began < 20


def test_a_damaged_state_is_left_as_it_is(home: Path, module: Path) -> None:
    made(places.local(), home, module)
    file = home / "terraform" / "local" / "svc-staging" / "terraform.tfstate"
    for damage in (b"", b"{", b"{}"):
        file.write_bytes(damage)
        with pytest.raises(BadConfig, match="damaged"):
            TerraformCli(home).plan(workspace(module))
        assert file.read_bytes() == damage


@pytest.mark.slow
def test_a_state_that_an_orphan_could_not_hand_over_is_taken_in(home: Path, module: Path) -> None:
    """platformctl is killed while Terraform applies; Terraform goes on, finds nobody, and keeps its state aside."""
    program = f"""
from pathlib import Path
from platformctl.backends.terraform.cli import TerraformCli
from platformctl.backends.terraform import Workspace
from platformctl.model import Owner
terraform = TerraformCli(Path({str(home)!r}))
workspace = Workspace("svc", "staging", {str(module)!r}, {{"name": "svc", "wait": 2}})
planned = terraform.plan(workspace)
print("planned", flush=True)
terraform.apply(workspace, planned.revision, Owner("svc", "run-1"))
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        folder = home / "terraform" / "local" / "svc-staging"
        while not (folder / "workspace.json").exists():
            time.sleep(0.01)
        time.sleep(1)
        os.kill(process.pid, signal.SIGKILL)
    lock = Lock(home / "locks" / "workspace-local-svc-staging")
    assert not lock.try_acquire(), "the orphan holds the lock"
    assert TerraformCli(home).state("svc", "staging").exists, "who asks waits for the orphan"
    seen = TerraformCli(home).plan(workspace(module, wait=2))
    assert (folder / "errored.tfstate").exists() and not (folder / "terraform.tfstate").exists()
    assert seen.exists and [line.what for line in seen.pending] == ["state"] and seen.owner == ME
    again = TerraformCli(home)
    planned = again.plan(workspace(module, wait=2))
    settled = again.apply(workspace(module, wait=2), planned.revision, ME)
    assert (settled.revision, settled.pending) == (seen.revision, ())
    assert not (folder / "errored.tfstate").exists()
    assert json.loads((folder / "terraform.tfstate").read_text())["serial"] >= 1


def test_the_state_server_takes_nothing_while_planning_and_nothing_from_strangers(tmp_path: Path) -> None:
    import urllib.error
    import urllib.request
    from base64 import b64encode

    def call(env: dict[str, str], password: str, body: bytes | None) -> int:
        credential = b64encode(f"{env['TF_HTTP_USERNAME']}:{password}".encode()).decode()
        asked = urllib.request.Request(
            env["TF_HTTP_ADDRESS"], data=body, headers={"Authorization": f"Basic {credential}"}
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    file = tmp_path / "state"
    with serve(b"") as env:
        assert call(dict(env), env["TF_HTTP_PASSWORD"], b"{}") == 405
    with serve(b"", file) as env:
        assert call(dict(env), env["TF_HTTP_PASSWORD"], None) == 404
        assert call(dict(env), "guess", b"{}") == 401 and not file.exists()
        assert call(dict(env), env["TF_HTTP_PASSWORD"], b"{}") == 200
    assert file.read_bytes() == b"{}"


def test_other_peoples_terraform_settings_do_not_reach_it(
    home: Path, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_ARGS_plan", "-destroy")
    monkeypatch.setenv("TF_VAR_name", "bad")
    monkeypatch.setenv("TF_WORKSPACE", "other")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "/nowhere/terraformrc")
    assert TerraformCli(home).plan(workspace(module)).pending[0].sign == "+"
