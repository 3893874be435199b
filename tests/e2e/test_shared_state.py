"""Terraform's state in a PostgreSQL that machines share: many at once, kills, and a database that goes away."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from platformctl.action import Undone
from platformctl.backends.terraform import Workspace
from platformctl.model import Change, Kind, Owner, Plane
from platformctl.resources.infrastructure import Infrastructure
from tests import postgres
from tests.contract import places
from tests.e2e.sandbox import World, ended, row, run_id

SERVICES = [f"service-{number:02}" for number in range(20)]
NEW = ("new", "service", "new-api", "--team", "payments", "--no-input")
MODULE = Path(__file__).parents[1] / "contract" / "module"
NEEDLES = (postgres.PASSWORD.encode(), b"canary-Pg")


@pytest.fixture(scope="module")
def database() -> Iterator[postgres.Postgres]:
    with postgres.running() as server:
        yield server


@pytest.fixture
def world(tmp_path: Path, database: postgres.Postgres) -> World:
    """An organisation, prepared, whose Terraform states are in a schema of this test's."""
    if database.process is None:
        database.start()
    made = World(tmp_path)
    made.env["STATE_DATABASE"] = database.address
    made.write_platform(platform(tmp_path))
    assert made.run("init", "--no-input").code == 0
    return made


def platform(folder: Path, more: str = "") -> str:
    backend = (
        f"kind: pg, settings: {{schema_name: {schema(folder)}{more}}}, credentials: {{PG_CONN_STR: env:STATE_DATABASE}}"
    )
    return f"schema: 1\norganisation: acme\nterraform: {{timeout_seconds: 60, backend: {{{backend}}}}}\n"


def schema(folder: Path) -> str:
    return f"of_{folder.name}"


def states(world: World, database: postgres.Postgres) -> dict[str, str]:
    """Every state but the one that Terraform always has, by its workspace."""
    rows = database.ask(
        f"select name || ' ' || replace(data, E'\\n', '') from {schema(world.root)}.states order by name"
    )
    return {name: state for name, _, state in (row.partition(" ") for row in rows) if name != "default"}


def whole(state: str, service: str) -> object:
    """What a state says, of whichever service and run it is: hashes of texts with the name in them are left out."""
    data = json.loads(re.sub('"[0-9a-f]{64}"', '"HASH"', state.replace(service, "SERVICE")))
    data["outputs"].pop("platformctl")
    for resource in data["resources"]:
        for instance in resource["instances"]:
            instance["attributes"].pop("id")
    return data["outputs"], data["resources"]


@contextmanager
def watched() -> Iterator[list[str]]:
    """Looks at every process's arguments for the password; gives those that have it."""
    found: list[str] = []
    looked: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    content = file.read_bytes()
                except OSError:
                    continue
                looked.append(b"terraform" in content)
                if any(needle in content for needle in NEEDLES):
                    found.append(str(content))
            over.wait(0.02)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
    assert any(looked), "Terraform's arguments were never seen"


def leaked(world: World) -> list[Path]:
    """The files of a world that have the password in them."""
    files = [path for path in world.root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 10
    return [path for path in files if any(needle in path.read_bytes() for needle in NEEDLES)]


def slow(world: World) -> None:
    """Let the module take its time, until it is told that it is mended."""
    tag = world.git("platform-modules", "for-each-ref", "--format=%(refname)", "refs/tags")
    content = world.git("platform-modules", "show", f"{tag}:service/release.tf")
    command = json.dumps(f'touch "{world.root}/began"; test -e "{world.root}/mended" || sleep 3')
    waits = f'resource "terraform_data" "slow" {{\n  provisioner "local-exec" {{\n    command = {command}\n  }}\n}}\n'
    world.overwrite("platform-modules", tag, "service/release.tf", f"{content}\n{waits}".encode())


def mend(world: World) -> None:
    (world.root / "mended").touch()


def began(world: World, alive: Callable[[], int | None]) -> None:
    until = time.monotonic() + 60
    while not (world.root / "began").exists():
        assert alive() is None and time.monotonic() < until
        time.sleep(0.02)


def applying(world: World) -> list[int]:
    """The Terraforms that apply in this world."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            if b"apply" in arguments and str(world.home) in str(Path(folder, "cwd").readlink()):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


# Many


def test_twenty_services_at_once(world: World, database: postgres.Postgres) -> None:
    with watched() as in_arguments:
        started = [world.start("new", "service", name, "--team", "payments", "--json") for name in SERVICES]
        for name, process in zip(SERVICES, started, strict=True):
            done = ended(process, timeout=300)
            assert done.code == 0, f"{name}: {done.err}"
            assert not any(needle.decode() in done.out + done.err for needle in NEEDLES)
    assert in_arguments == []
    assert leaked(world) == []
    assert list(world.tmp.iterdir()) == []
    found = states(world, database)
    assert list(found) == [f"acme-{name}-staging" for name in SERVICES]
    first = whole(found["acme-service-00-staging"], "service-00")
    assert all(whole(state, name) == first for name, state in zip(SERVICES, found.values(), strict=True))
    assert world.run("doctor", "service-07").code == 0
    assert not (world.home / "terraform").exists() or list((world.home / "terraform").rglob("*.tfstate")) == []


# Killed


def test_platformctl_is_killed_and_its_terraform_finishes(world: World, database: postgres.Postgres) -> None:
    slow(world)
    with world.start(*NEW) as process:
        began(world, process.poll)
        process.kill()
    assert applying(world), "Terraform goes on by itself"
    done = world.run(*NEW)
    assert done.code == 0, done.err
    assert world.run("doctor", "new-api").code == 0
    assert list(states(world, database)) == ["acme-new-api-staging"]


@pytest.mark.parametrize("end", ["new", "undo"])
def test_terraform_is_killed_and_nothing_has_to_be_unlocked(
    end: str, world: World, database: postgres.Postgres
) -> None:
    slow(world)
    with world.start(*NEW) as process:
        began(world, process.poll)
        (terraform,) = applying(world)
        os.kill(terraform, signal.SIGKILL)
        done = ended(process)
    assert done.code == 1
    assert "terraform apply was stopped by signal 9" in done.message
    run = run_id(done.message)
    mend(world)
    if end == "undo":
        assert world.run("undo", run, "--yes").code == 0
        assert states(world, database) == {}
        assert world.traces("new-api") == []
        return
    assert world.run(*NEW).code == 0
    assert world.run("doctor", "new-api").code == 0


def test_both_are_killed(world: World, database: postgres.Postgres) -> None:
    slow(world)
    with world.start(*NEW) as process:
        began(world, process.poll)
        for victim in (process.pid, *applying(world)):
            os.kill(victim, signal.SIGKILL)
    mend(world)
    done = world.run(*NEW)
    assert done.code == 0, done.err
    assert world.run("doctor", "new-api").code == 0
    assert list(states(world, database)) == ["acme-new-api-staging"]


# A database that goes away


def test_the_database_is_stopped_in_mid_apply(world: World, database: postgres.Postgres) -> None:
    mend(world)
    slow(world)
    assert world.run("new", "service", "calm-api", "--team", "payments", "--no-input").code == 0
    (world.root / "mended").unlink()
    (world.root / "began").unlink()
    with world.start(*NEW) as process:
        began(world, process.poll)
        database.stop()
        done = ended(process)
    assert done.code == 1
    run = run_id(done.message)
    (kept,) = world.home.rglob("errored.tfstate")
    again = world.run("resume", run)
    assert again.code == 1
    assert "Terraform's state in pg cannot be reached: dial tcp 127.0.0.1" in again.message
    assert kept.exists()
    database.start()
    done = world.run("resume", run)
    assert done.code == 0, done.err
    assert not kept.exists()
    assert world.run("doctor", "new-api").code == 0
    found = states(world, database)
    assert whole(found["acme-new-api-staging"], "new-api") == whole(found["acme-calm-api-staging"], "calm-api")
    assert leaked(world) == []


@pytest.mark.parametrize(
    ("address", "code", "says"),
    [
        row(
            "down", "postgres://state:canary-Pg@127.0.0.1:1/postgres?sslmode=disable", 1, "cannot be reached: dial tcp"
        ),
        row("refused", "postgres://state:canary-Pg@127.0.0.1:{port}/postgres?sslmode=disable", 4, "refused us"),
        row("unset", "", 4, "STATE_DATABASE is not set"),
    ],
)
@pytest.mark.parametrize("command", [NEW, (*NEW, "--dry-run")], ids=["new", "dry-run"])
def test_no_database(
    command: tuple[str, ...], address: str, code: int, says: str, world: World, database: postgres.Postgres
) -> None:
    world.env["STATE_DATABASE"] = address.format(port=database.port)
    done = world.refused(*command, code=code, says=[says])
    assert "canary" not in done.out + done.err


@pytest.mark.parametrize(
    "secret",
    [
        "settings: {conn_str: 'postgres://u:hunter2@db/x'}",
        "settings: {secret_key: hunter2}",
        "credentials: {A: hunter2}",
    ],
)
def test_a_secret_in_the_platforms_file(secret: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write_platform(f"schema: 1\norganisation: acme\nterraform:\n  backend:\n    kind: pg\n    {secret}\n")
    done = world.refused(*NEW, code=2, says=["platform.yaml:6: terraform.backend."])
    assert "hunter2" not in done.out + done.err


# Another machine


def test_another_machine(world: World, database: postgres.Postgres) -> None:
    """What a machine keeps of Terraform for itself is gone, and nobody misses it."""
    assert world.run(*NEW).code == 0
    before = states(world, database)
    elsewhere(world)
    done = world.run("doctor", "new-api")
    assert done.code == 0, done.out
    assert states(world, database) == before
    changed = world.run("configure", "new-api", "--set", "tier=batch", "--yes")
    assert changed.code == 0, changed.err
    assert whole(states(world, database)["acme-new-api-staging"], "x") != whole(before["acme-new-api-staging"], "x")
    elsewhere(world)
    assert world.run("undo", "last", "--yes").code == 0
    now = states(world, database)
    assert whole(now["acme-new-api-staging"], "x") == whole(before["acme-new-api-staging"], "x")
    elsewhere(world)
    first = min(path.stem for path in (world.home / "runs").glob("*new-api*"))
    assert world.run("undo", first, "--yes").code == 0
    assert states(world, database) == {}


def elsewhere(world: World) -> None:
    for name in ("terraform", "cache", "locks"):
        shutil.rmtree(world.home / name, ignore_errors=True)


# A kill before any process that is started

DYING = """
import os, signal, sys
from pathlib import Path
from platformctl.backends.terraform import Workspace
from platformctl.backends.terraform.cli import TerraformCli
from platformctl.backends.terraform.shared_backend import SharedBackend
from platformctl.model import Owner

home, module, schema, moment = sys.argv[1:]
backend = SharedBackend("pg", {"schema_name": schema}, {"PG_CONN_STR": "env:STATE_DATABASE"})
terraform = TerraformCli(Path(home), backend=backend)
workspace = Workspace("svc", "staging", module, {"name": "svc", "team": "t", "environment": "staging", "tier": "a"})
started = 0

def dies(event, arguments):
    global started
    if event == "subprocess.Popen":
        if started == int(moment):
            os.kill(os.getpid(), signal.SIGKILL)
        started += 1

planned = terraform.plan(workspace)
sys.addaudithook(dies)
terraform.apply(workspace, planned.revision, Owner("svc", "run-1"))
print(started)
"""
MOMENTS = 9
"""How many processes are started to create a workspace."""


def test_how_many_moments_there_are(tmp_path: Path, database: postgres.Postgres) -> None:
    assert dying(tmp_path, database, 99) == f"{MOMENTS}\n"


@pytest.mark.parametrize("end", ["again", "undo"])
@pytest.mark.parametrize(
    "moment", [row(str(at), at) if at in (3, 7) else pytest.param(at, marks=pytest.mark.soak) for at in range(MOMENTS)]
)
def test_a_kill_at_any_moment(
    moment: int, end: str, tmp_path: Path, database: postgres.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dying(tmp_path, database, moment) == ""
    monkeypatch.setenv("STATE_DATABASE", database.address)
    place = places.pg(database, schema(tmp_path))
    terraform = place.terraform(tmp_path / "elsewhere")
    variables = {"name": "svc", "team": "t", "environment": "staging", "tier": "a"}
    wanted = Workspace("svc", "staging", str(MODULE), variables)
    if end == "again":
        planned = terraform.plan(wanted)
        made = terraform.apply(wanted, planned.revision, Owner("svc", "run-2"))
        assert (made.exists, made.outputs["namespace"], terraform.plan(wanted).pending) == (True, "svc", ())
        return
    known = {"step": "s", "plane": Plane.RESOURCE, "uses": "infrastructure", "owner": Owner("svc", "run-1")}
    assert Infrastructure(terraform).undo(Change("terraform/svc/staging", Kind.CREATE, **known)) == Undone()
    assert set(place.stored(tmp_path)) <= {"table"}


def dying(folder: Path, database: postgres.Postgres, moment: int) -> str:
    """Create a workspace in a process that dies before it starts one more; what it says when it does not."""
    if database.process is None:
        database.start()
    (folder / "home" / "locks").mkdir(parents=True)
    (folder / "elsewhere").mkdir()
    command = [sys.executable, "-c", DYING, folder / "home", MODULE, schema(folder), str(moment)]
    env = {**os.environ, "STATE_DATABASE": database.address, "TMPDIR": str(folder)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.stdout
