"""Many at work at the same time: different services all succeed, the same service is one's at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.conftest import Cli

SERVICES = [f"service-{number:02}" for number in range(20)]

SHIM = """\
#!/bin/sh
# Counts how many of these run at once, by a line when one begins and one when it ends.
echo + >> {log}
{real} "$@"
code=$?
echo - >> {log}
exit $code
"""


def counted_terraform(cli: Cli, folder: Path) -> Path:
    """Put a terraform on PATH that leaves a trace of every start and end."""
    real = shutil.which("terraform") or shutil.which("tofu")
    assert real
    log = folder / "terraform.log"
    shim = folder / "bin" / Path(real).name
    shim.parent.mkdir()
    shim.write_text(SHIM.format(log=log, real=real))
    shim.chmod(0o755)
    cli.env["PATH"] = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    return log


def most_at_once(log: Path) -> int:
    most = now = 0
    for line in log.read_text().splitlines():
        now += 1 if line == "+" else -1
        most = max(most, now)
    assert now == 0
    return most


@pytest.mark.parametrize(
    "prepared",
    [
        pytest.param(False, id="on an empty home"),
        pytest.param(True, id="on a prepared home", marks=pytest.mark.soak),
    ],
)
def test_twenty_services_at_once(prepared: bool, cli: Cli, tmp_path: Path) -> None:
    if prepared:
        cli.run("init")
    log = counted_terraform(cli, tmp_path)
    started = [cli.start("new", "service", name, "--team", f"team-{name}", "--json") for name in SERVICES]
    for name, process in zip(SERVICES, started, strict=True):
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, f"{name}: {err}"
        last = json.loads(out.splitlines()[-1])
        assert (last["type"], last["service"], last["data"]["applied"]) == ("result", name, True)
    assert most_at_once(log) <= len(os.sched_getaffinity(0))
    folders = cli.git("environments", "ls-tree", "--name-only", "main", "staging/").split()
    assert folders == [f"staging/{name}" for name in SERVICES]
    for name in SERVICES:
        assert f"@local/team-{name}" in cli.git(name, "show", "main:CODEOWNERS")
        deployment = cli.git("environments", "show", f"main:staging/{name}/50-deployment.yaml")
        assert f'platformctl/team": "team-{name}' in deployment
        others = [other for other in SERVICES if other != name and other in deployment]
        assert others == []
    subjects = cli.git("environments", "log", "--format=%s", "main").splitlines()
    assert sorted(subjects) == sorted(["Begin", *(f"Add {name} to staging" for name in SERVICES)])
    everybody_is_paged(cli)
    assert [entity["name"] for entity in cli.result("catalog", "list")["components"]] == SERVICES
    for name in SERVICES[:3]:
        cli.run("doctor", name)


def everybody_is_paged(cli: Cli) -> None:
    """Alertmanager's one file routes every service to its own team, whoever wrote last."""
    made = yaml.safe_load((cli.home / "monitoring" / "local" / "alertmanager.yml").read_text())
    routes = {route["matchers"][1]: route["receiver"] for route in made["route"]["routes"]}
    assert routes == {f'service="{name}"': f"pagerduty-team-{name}" for name in SERVICES}
    assert {receiver["name"] for receiver in made["receivers"]} == {"default", *routes.values()}


def slow_terraform(cli: Cli, folder: Path) -> None:
    """Put a terraform on PATH whose apply takes a while."""
    real = shutil.which("terraform") or shutil.which("tofu")
    shim = folder / "bin" / Path(str(real)).name
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\ncase "$1" in apply) sleep 3;; esac\nexec {real} "$@"\n')
    shim.chmod(0o755)
    cli.env["PATH"] = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"


def test_the_second_run_on_a_service_says_who_is_at_work(cli: Cli, tmp_path: Path) -> None:
    cli.run("init")
    slow_terraform(cli, tmp_path)
    with cli.start("new", "service", "payments-api", "--team", "payments") as first:
        while not (cli.home / "terraform" / "local" / "payments-api-staging").exists():
            time.sleep(0.05)
        refused = cli.run("new", "service", "payments-api", "--team", "payments", code=1)
        assert f"process {first.pid} on {os.uname().nodename}, since 20" in refused.stderr
        assert "platformctl new payments-api is running" in refused.stderr
        first.communicate(timeout=60)
        assert first.returncode == 0


def test_a_dead_holder_is_taken_over(cli: Cli, tmp_path: Path) -> None:
    cli.run("init")
    slow_terraform(cli, tmp_path)
    with cli.start("new", "service", "payments-api", "--team", "payments") as first:
        while not (cli.home / "terraform" / "local" / "payments-api-staging").exists():
            time.sleep(0.05)
        first.kill()
        first.communicate()
    del cli.env["PATH"]
    taken = cli.run("new", "service", "payments-api", "--team", "payments")
    assert f"taking over from process {first.pid}" in taken.stderr
    cli.run("doctor", "payments-api")


TWO_MACHINES = """
import sys
from pathlib import Path
from platformctl.locks import Lock
# Another machine knows nothing of this one's locks on a service.
acquire = Lock.acquire
def acquire_or_go_on(self, what="", timeout=0.0):
    if not self.file.name.startswith("service-"):
        acquire(self, what, timeout)
Lock.acquire = acquire_or_go_on
from platformctl.__main__ import main
sys.argv = ["platformctl", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize("attempt", range(3))
def test_without_the_lock_one_of_two_loses_cleanly(attempt: int, cli: Cli) -> None:
    cli.run("init")
    command = [sys.executable, "-c", TWO_MACHINES, "new", "service", "payments-api", "--team", "payments"]
    both = [
        subprocess.Popen(command, env=cli.environment(), cwd=cli.cwd, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    ends = [(process.communicate(timeout=120)[1].decode(), process.returncode) for process in both]
    for said, code in ends:
        assert code in (0, 1), said
        assert "Traceback" not in said and "bug" not in said
    cli.run("new", "service", "payments-api", "--team", "payments")
    cli.run("doctor", "payments-api")
    assert len(cli.git("environments", "log", "--format=%s", "main", "--", "staging/payments-api").splitlines()) == 1
