"""Terraform that fails, hangs or is stopped at work: its run can be resumed and undone."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.sandbox import NEW, Says, World, changed, ended, row, run_id

# Failing

DIAGNOSTIC = json.dumps(
    {
        "@level": "error",
        "@message": "Error: Invalid value for variable",
        "@module": "terraform.ui",
        "@timestamp": "2026-01-01T00:00:00.000000Z",
        "diagnostic": {
            "severity": "error",
            "summary": "Invalid value for variable",
            "detail": 'tier must be standard;\ngot "gold".\n\nThis was checked by the validation rule at a.tf:3,3-13.',
            "range": {
                "filename": "main.tf",
                "start": {"line": 13, "column": 3, "byte": 200},
                "end": {"line": 13, "column": 9, "byte": 206},
            },
        },
        "type": "diagnostic",
    }
)
DIAGNOSED = ["main.tf:13: ", 'Invalid value for variable: tier must be standard; got "gold"']


def failing(subcommand: str) -> str:
    """A Terraform whose one subcommand fails as the real one would say it."""
    return f"if [ \"$1\" = {subcommand} ]; then\ncat <<'END'\n{DIAGNOSTIC}\nEND\nexit 1\nfi"


@pytest.mark.parametrize("command", [NEW, (*NEW, "--dry-run")], ids=["new", "dry-run"])
@pytest.mark.parametrize("subcommand", ["init", "plan"])
def test_terraform_fails_before_anything_is_written(used: World, subcommand: str, command: tuple[str, ...]) -> None:
    used.shim(failing(subcommand))
    done = used.refused(*command, code=1, says=[f"terraform {subcommand}", *DIAGNOSED])
    assert "This was checked by" not in done.err


def test_terraform_fails_under_doctor(used: World) -> None:
    """What could not be read is said in place, and is no drift."""
    used.shim(failing("plan"))
    before = used.tree()
    done = used.run("doctor", "base-api")
    assert done.code == 1
    assert "terraform plan" in done.out
    assert all(text in done.out for text in DIAGNOSED)
    assert used.tree() == before


def failed_run(world: World, says: Says) -> str:
    """A `new` that fails on its way; gives the run that its message names."""
    done = world.run(*NEW)
    assert done.code == 1, done.err
    assert not [text for text in says if text not in done.message], done.message
    assert list(world.tmp.iterdir()) == []
    run = run_id(done.message)
    assert (world.home / "runs" / f"{run}.ndjson").is_file()
    assert world.run("runs", "show", run).out.startswith(f"{run}  failed")
    return run


def test_terraform_fails_to_apply_and_the_run_is_resumed(used: World) -> None:
    used.shim(failing("apply"))
    run = failed_run(used, ["terraform apply", *DIAGNOSED])
    again = used.run("resume", run)
    assert (again.code, run_id(again.message)) == (1, run)
    (used.bin / "terraform").unlink()
    assert used.run("resume", run).code == 0
    assert used.run("doctor", "new-api").code == 0


def test_terraform_fails_to_apply_and_the_run_is_undone(used: World) -> None:
    before = used.tree()
    used.shim(failing("apply"))
    run = failed_run(used, ["terraform apply", *DIAGNOSED])
    (used.bin / "terraform").unlink()
    assert used.run("undo", run, "--yes").code == 0
    assert used.traces("new-api") == []
    assert [path for path in changed(before, used.tree()) if "/objects" not in path] == [f"home/runs/{run}.ndjson"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        row("syntax", "locals {\n  golden_path = {\n", ["terraform init", "release.tf:"]),
        row(
            "reference",
            'locals {\n  golden_path = { name = "service", version = "1" }\n  x = local.nope\n}\n',
            ["release.tf:3", "terraform ", "nope"],
        ),
        row(
            "condition",
            'locals {\n  golden_path = { name = "service", version = "1" }\n}\n'
            'resource "terraform_data" "x" {\n  lifecycle {\n    precondition {\n      condition = var.tier == "x"\n'
            '      error_message = "Not today."\n    }\n  }\n}\n',
            ["release.tf:7", "terraform plan", "Not today"],
        ),
    ],
)
def test_a_module_is_broken(used: World, content: str, says: Says) -> None:
    tag = used.git("platform-modules", "for-each-ref", "--format=%(refname)", "refs/tags")
    used.overwrite("platform-modules", tag, "service/release.tf", content.encode())
    used.refused(*NEW, code=1, says=says)


def test_a_module_fails_halfway_through(used: World) -> None:
    """The real Terraform leaves a state with half of the resources; undo destroys them, resume makes the rest."""
    tag = used.git("platform-modules", "for-each-ref", "--format=%(refname)", "refs/tags")
    content = used.git("platform-modules", "show", f"{tag}:service/release.tf")
    fails = f'test -e "{used.root}/mended"'
    failing_ = f'resource "terraform_data" "x" {{\n  provisioner "local-exec" {{\n    command = {json.dumps(fails)}\n'
    used.overwrite("platform-modules", tag, "service/release.tf", f"{content}\n{failing_}  }}\n}}\n".encode())
    run = failed_run(used, ["terraform apply", "local-exec provisioner error", "release.tf:"])
    assert used.state("new-api").is_file()
    assert used.run("undo", run, "--yes").code == 0
    assert used.traces("new-api") == []
    run = failed_run(used, ["terraform apply"])
    (used.root / "mended").touch()
    assert used.run("resume", run).code == 0
    assert used.run("doctor", "new-api").code == 0


# Hanging


def sleeping(world: World, subcommand: str) -> str:
    """A Terraform whose one subcommand says that it has begun, and hangs."""
    return f'if [ "$1" = {subcommand} ]; then\necho $$ > "{world.root}/asleep"\nexec sleep 300\nfi'


def asleep(world: World) -> int:
    """The process that hangs, once it does."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if (world.root / "asleep").exists() and (text := (world.root / "asleep").read_text()).endswith("\n"):
            return int(text)
        time.sleep(0.02)
    raise AssertionError("Terraform was never started")


def is_running(process: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("subcommand", ["init", "plan"])
def test_terraform_hangs_before_anything_is_written(used: World, subcommand: str) -> None:
    seconds = {"init": 1, "plan": 3}[subcommand]
    used.write_platform(f"schema: 1\norganisation: local\nterraform: {{timeout_seconds: {seconds}}}\n")
    used.shim(sleeping(used, subcommand))
    (used.root / "asleep").touch()
    before = used.tree()
    done = used.run(*NEW)
    assert done.code == 1
    assert f"terraform {subcommand} did not end within {seconds} seconds" in done.message
    assert "terraform.timeout_seconds in platform.yaml" in done.message
    assert changed(before, used.tree()) == ["asleep"]
    assert not is_running(asleep(used))


def test_terraform_hangs_while_it_applies(used: World) -> None:
    used.write_platform("schema: 1\norganisation: local\nterraform: {timeout_seconds: 5}\n")
    used.shim(sleeping(used, "apply"))
    run = failed_run(used, ["terraform apply did not end within 5 seconds", "terraform.timeout_seconds"])
    assert not is_running(asleep(used))
    (used.bin / "terraform").unlink()
    assert used.run("resume", run).code == 0


# Stopping


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=lambda stop: stop.name)
def test_stopped_while_terraform_applies(used: World, stop: signal.Signals) -> None:
    """Ctrl-C reaches the whole process group, as it does at a terminal."""
    used.shim(sleeping(used, "apply"))
    with used.start(*NEW, start_new_session=True) as process:
        child = asleep(used)
        os.killpg(process.pid, stop)
        done = ended(process, timeout=30)
    assert done.code == 130, done.err
    assert "stopped" in done.message
    assert not is_running(child)
    assert list(used.tmp.iterdir()) == []
    (used.bin / "terraform").unlink()
    run = run_id(done.message)
    assert used.run("resume", run).code == 0
    assert used.run("doctor", "new-api").code == 0


def test_stopped_and_undone(used: World) -> None:
    used.shim(sleeping(used, "apply"))
    with used.start(*NEW, start_new_session=True) as process:
        asleep(used)
        os.killpg(process.pid, signal.SIGINT)
        done = ended(process, timeout=30)
    (used.bin / "terraform").unlink()
    assert used.run("undo", run_id(done.message), "--yes").code == 0
    assert used.traces("new-api") == []


def test_stopped_while_a_step_can_end_by_itself(used: World) -> None:
    """A signal to platformctl alone lets the step that is running end, and starts no other."""
    began = used.root / "began"
    used.shim(f'if [ "$1" = apply ]; then\ntouch "{began}"\nsleep 1\nfi')
    with used.start(*NEW, start_new_session=True) as process:
        while not began.exists():
            time.sleep(0.02)
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        done = ended(process, timeout=30)
    assert done.code == 130, done.err
    assert used.state("new-api").is_file()
    assert used.run("resume", run_id(done.message)).code == 0
    assert used.run("doctor", "new-api").code == 0


@pytest.mark.parametrize("subcommand", ["init", "plan"])
def test_stopped_while_planning(used: World, subcommand: str) -> None:
    used.shim(sleeping(used, subcommand))
    (used.root / "asleep").touch()
    before = used.tree()
    with used.start(*NEW, start_new_session=True) as process:
        child = asleep(used)
        os.killpg(process.pid, signal.SIGINT)
        done = ended(process, timeout=30)
    assert done.code == 130, done.err
    assert "stopped" in done.message
    assert not is_running(child)
    assert changed(before, used.tree()) == ["asleep"]
