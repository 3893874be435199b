"""What holds where machines share Terraform's state: each home folder here is a machine."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from platformctl.action import Left, Undone
from platformctl.backends.terraform import Workspace
from platformctl.backends.terraform.cli import TerraformCli
from platformctl.backends.terraform.program import Program
from platformctl.backends.terraform.shared_backend import SharedBackend
from platformctl.errors import Busy, Moved, NoAccess, ToolFailed
from platformctl.model import Change, Kind, Owner, Plane
from platformctl.resources.infrastructure import Infrastructure
from tests.contract.places import Place
from tests.postgres import PASSWORD, Postgres
from tests.s3 import S3

pytestmark = pytest.mark.slow

ME = Owner("svc", "run-1")
NAME = "local-svc-staging"
KEY = f"platformctl/{NAME}/terraform.tfstate"


@pytest.fixture
def here(shared: Place, home: Path) -> TerraformCli:
    return shared.terraform(home)


@pytest.fixture
def there(shared: Place, tmp_path: Path) -> TerraformCli:
    return shared.terraform(tmp_path / "there")


def workspace(module: Path, service: str = "svc", **variables: object) -> Workspace:
    return Workspace(service, "staging", str(module), {"name": service, **variables})


def apply(terraform: TerraformCli, wanted: Workspace, owner: Owner = ME) -> str:
    return terraform.apply(wanted, terraform.plan(wanted).revision, owner).revision


def change(kind: Kind, left: str, revision: str = "", before: object = None) -> Change:
    address = "terraform/svc/staging"
    known = {"before": before, "revision": revision, "owner": ME, "left": left}
    return Change(address, kind, "infrastructure", Plane.RESOURCE, "infrastructure", **known)


# Another machine


def test_another_machine_sees_the_same(here: TerraformCli, there: TerraformCli, module: Path) -> None:
    revision = apply(here, workspace(module))
    seen = there.plan(workspace(module))
    assert (seen.revision, seen.pending, seen.owner) == (revision, (), ME)
    assert (seen.source, seen.variables) == (str(module), {"name": "svc"})


def test_another_machine_changes_it_and_takes_the_change_back(
    here: TerraformCli, there: TerraformCli, module: Path
) -> None:
    first = apply(here, workspace(module))
    second = apply(there, workspace(module, name="other"), Owner("svc", "run-2"))
    assert here.plan(workspace(module, name="other")).owner == ME, "who made it stays who made it"
    before = {"module": str(module), "variables": {"name": "svc"}}
    assert Infrastructure(here).undo(change(Kind.UPDATE, second, first, before)) == Undone()
    assert there.state("svc", "staging").revision == first


def test_another_machine_takes_a_creation_back(
    shared: Place, here: TerraformCli, there: TerraformCli, module: Path, home: Path
) -> None:
    revision = apply(here, workspace(module))
    assert isinstance(Infrastructure(there).undo(change(Kind.CREATE, "another revision")), Left)
    assert Infrastructure(there).undo(change(Kind.CREATE, revision)) == Undone()
    assert set(shared.stored(home)) <= {"table"}


def test_two_machines_create_the_same_at_once(here: TerraformCli, there: TerraformCli, module: Path) -> None:
    revisions = [terraform.plan(workspace(module)).revision for terraform in (here, there)]
    assert revisions == ["", ""]
    made = here.apply(workspace(module), "", ME)
    with pytest.raises(Moved):
        there.apply(workspace(module), "", Owner("svc", "run-2"))
    assert there.state("svc", "staging") == replace(made, pending=())


@pytest.mark.parametrize("call", [2, 3, 4], ids=["plan", "look again", "apply"])
def test_a_change_of_another_machine_in_between_is_not_overwritten(
    call: int,
    shared: Place,
    here: TerraformCli,
    there: TerraformCli,
    module: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before each of Terraform's commands of which an apply consists, after the first look at the state."""
    for terraform in (here, there):
        apply(terraform, workspace(module))
    wanted = workspace(module, name="other")
    planned = here.plan(wanted)
    called, called_really, left = [], Program.call, []

    def between(
        self: Program, folder: Path, environment: Mapping[str, str], name: str, *given: str, **more: Any
    ) -> Any:
        if self.locks == home / "locks":
            called.append(name)
            if len(called) == call + 1:
                apply(there, workspace(module, name="third"))
                left.append(shared.stored(home))
        return called_really(self, folder, environment, name, *given, **more)

    monkeypatch.setattr(Program, "call", between)
    with pytest.raises(Moved):
        here.apply(wanted, planned.revision, ME)
    assert called[-1] == ("apply" if call == 4 else "state pull")
    assert [shared.stored(home)] == left


def test_many_machines_create_different_workspaces_at_once(
    pg_place: Place, database: Postgres, module: Path, tmp_path: Path
) -> None:
    """Terraform's pg backend fails most of them, when nobody tries again."""
    failed: list[Exception] = []
    gate = threading.Barrier(8)

    def one(number: int) -> None:
        terraform = pg_place.terraform(tmp_path / f"home-{number}")
        wanted = workspace(module, f"svc-{number}")
        planned = terraform.plan(wanted)
        gate.wait()
        try:
            terraform.apply(wanted, planned.revision, Owner(wanted.service, "run"))
        except Exception as problem:
            failed.append(problem)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {f"local-svc-{number}-staging" for number in range(8)} == set(pg_place.stored(tmp_path)) - {"table"}


# Whose it is


def test_a_run_that_came_to_nothing_has_left_its_mark(
    shared: Place, here: TerraformCli, there: TerraformCli, module: Path, home: Path
) -> None:
    (module / "main.tf").write_text((module / "main.tf").read_text().replace("sleep ${var.wait}", "false"))
    with pytest.raises(ToolFailed, match="local-exec"):
        apply(here, workspace(module))
    assert there.state("svc", "staging").owner == ME
    assert Infrastructure(there).undo(change(Kind.CREATE, "")) == Undone()
    assert set(shared.stored(home)) <= {"table"}


def test_the_mark_is_there_while_terraform_is_at_work(here: TerraformCli, there: TerraformCli, module: Path) -> None:
    thread = threading.Thread(target=apply, args=(here, workspace(module, wait=3)))
    thread.start()
    seen = []
    while thread.is_alive():
        seen.append(there.state("svc", "staging"))
    thread.join()
    assert next((state.exists, state.owner) for state in seen if state.owner) == (False, ME)


def test_a_change_of_what_is_gone_is_taken_back_already(
    shared: Place, here: TerraformCli, module: Path, home: Path
) -> None:
    before = {"module": str(module), "variables": {"name": "svc"}}
    assert Infrastructure(here).undo(change(Kind.UPDATE, "a revision", "another", before)) == Undone()
    assert shared.stored(home) == {}


def test_a_workspace_that_terraform_made_and_nobody_marked_is_removed(
    shared: Place, here: TerraformCli, module: Path, home: Path, object_store: S3, database: Postgres
) -> None:
    """What a kill leaves between the creation of a workspace and its mark."""
    empty = {"version": 4, "serial": 1, "lineage": "a", "outputs": {}, "resources": []}
    put(shared, empty, object_store, database)
    seen = here.plan(workspace(module))
    assert (seen.exists, seen.revision, seen.owner) == (False, "", None)
    assert Infrastructure(here).undo(change(Kind.CREATE, "")) == Undone()
    assert set(shared.stored(home)) <= {"table"}
    put(shared, empty, object_store, database)
    apply(here, workspace(module))
    assert here.state("svc", "staging").owner == ME


def put(shared: Place, state: object, object_store: S3, database: Postgres) -> None:
    """Store a state behind platformctl's back."""
    assert shared.backend
    text = json.dumps(state)
    if shared.backend.kind == "s3":
        object_store.client.put_object(Bucket=shared.backend.settings["bucket"], Key=KEY, Body=text.encode())
        return
    schema = shared.backend.settings["schema_name"]
    database.ask(f"create schema if not exists {schema}")
    database.ask("create sequence if not exists public.global_states_id_seq as bigint")
    columns = (
        "id bigint not null default nextval('public.global_states_id_seq') primary key, name text unique, data text"
    )
    database.ask(f"create table if not exists {schema}.states ({columns})")
    database.ask(f"insert into {schema}.states (name, data) values ('local-svc-staging', '{text}')")


def test_a_state_of_somebody_else_is_nobodys_to_take(
    shared: Place, here: TerraformCli, module: Path, object_store: S3, database: Postgres
) -> None:
    other = {"version": 4, "serial": 1, "lineage": "a", "resources": []}
    put(shared, {**other, "outputs": {"theirs": {"value": "x", "type": "string"}}}, object_store, database)
    assert here.plan(workspace(module)).owner == Owner("", "")
    assert isinstance(Infrastructure(here).undo(change(Kind.CREATE, "")), Left)


# Locks


@contextmanager
def locked(shared: Place, object_store: S3, database: Postgres) -> Iterator[None]:
    """Somebody on another machine holds Terraform's lock on the workspace."""
    assert shared.backend
    if shared.backend.kind == "s3":
        about = {"ID": "7", "Operation": "apply", "Info": "", "Who": "ada@laptop", "Version": "1", "Path": KEY}
        text = json.dumps({**about, "Created": "2026-11-24T02:00:00Z"}).encode()
        where = {"Bucket": shared.backend.settings["bucket"], "Key": f"{KEY}.tflock"}
        object_store.client.put_object(**where, Body=text)
        yield
        object_store.client.delete_object(**where)
        return
    table = f"{shared.backend.settings['schema_name']}.states"
    holding = f"select pg_advisory_lock(id) from {table} where name = 'local-svc-staging'; select pg_sleep(60)"
    with database.begin(holding) as process:
        while not database.ask("select 1 from pg_locks where locktype = 'advisory' and granted"):
            assert process.poll() is None
        yield
        database.ask("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")


def test_what_another_machine_works_on_is_busy(
    shared: Place, here: TerraformCli, module: Path, home: Path, object_store: S3, database: Postgres
) -> None:
    apply(here, workspace(module))
    before = shared.stored(home)
    wanted = workspace(module, name="other")
    planned = here.plan(wanted)
    with locked(shared, object_store, database):
        with pytest.raises(Busy, match=r"is locked by (ada@laptop|a run on another machine)\.") as caught:
            here.apply(wanted, planned.revision, ME)
        assert caught.value.transient and "when that run has ended" in caught.value.hint
        assert {name: seen for name, seen in shared.stored(home).items() if not name.endswith(".tflock")} == before
    assert here.apply(wanted, planned.revision, ME).pending == ()


# What Terraform put aside


@pytest.fixture
def aside(shared: Place, here: TerraformCli, module: Path, home: Path, tmp_path: Path) -> Path:
    """As it is when the backend goes away while a change is made: Terraform's file is one ahead of what is stored."""
    assert shared.backend
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "state.tf.json").write_text(json.dumps(shared.backend.configuration))

    def terraform(*command: str, **environment: str) -> bytes:
        env = shared.environment() | environment
        return subprocess.run(["terraform", *command], cwd=bare, env=env, capture_output=True, check=True).stdout

    terraform("init", "-input=false")
    pulled = []
    for name in ("svc", "other"):
        apply(here, workspace(module, name=name))
        pulled.append(terraform("state", "pull", TF_WORKSPACE=NAME))
    (bare / "before").write_bytes(pulled[0])
    terraform("state", "push", "-force", "before", TF_WORKSPACE=NAME)
    stored = json.loads(terraform("state", "pull", TF_WORKSPACE=NAME))
    file = home / "terraform" / "local" / "svc-staging" / "errored.tfstate"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({**json.loads(pulled[1]), "serial": stored["serial"] + 1}))
    return file


def test_a_state_that_was_left_aside_is_handed_over(
    aside: Path, here: TerraformCli, there: TerraformCli, module: Path
) -> None:
    assert there.plan(workspace(module, name="other")).pending != ()
    seen = here.plan(workspace(module, name="other"))
    assert ([line.what for line in seen.pending], seen.owner) == (["state"], ME)
    settled = here.apply(workspace(module, name="other"), seen.revision, ME)
    assert settled.revision == seen.revision
    assert there.plan(workspace(module, name="other")).pending == ()
    assert not aside.exists()


def test_a_state_that_was_left_aside_is_handed_over_before_the_next_change(
    aside: Path, here: TerraformCli, module: Path
) -> None:
    seen = here.plan(workspace(module, name="third"))
    assert [line.text for line in seen.pending] == ["update"]
    assert here.apply(workspace(module, name="third"), seen.revision, ME).variables == {"name": "third"}
    assert not aside.exists()


def test_a_state_that_was_left_aside_too_long_is_kept(
    aside: Path, here: TerraformCli, there: TerraformCli, module: Path
) -> None:
    content = aside.read_bytes()
    for name in ("fourth", "third"):
        apply(there, workspace(module, name=name))
    seen = here.plan(workspace(module, name="third"))
    assert [line.what for line in seen.pending] == ["state"]
    with pytest.raises(ToolFailed, match="went on without it") as caught:
        here.apply(workspace(module, name="third"), seen.revision, ME)
    assert caught.value.where == str(aside.parent)
    assert aside.read_bytes() == content


def test_a_state_of_before_it_was_shared_is_handed_over(
    here: TerraformCli, there: TerraformCli, module: Path, home: Path
) -> None:
    revision = apply(TerraformCli(home), workspace(module))
    seen = here.plan(workspace(module))
    assert ([line.what for line in seen.pending], seen.owner, seen.revision) == (["state"], ME, revision)
    assert there.state("svc", "staging").revision == ""
    assert here.apply(workspace(module), revision, Owner("svc", "run-2")).owner == ME
    assert there.plan(workspace(module)) == replace(seen, pending=())
    assert not list((home / "terraform").glob("*/*"))


# Who is refused, and what is not there


def test_a_credential_that_is_not_set(shared: Place, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE_DATABASE", "STATE_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NoAccess, match="is not set, and Terraform's state in"):
        shared.terraform(home).check()


def test_a_database_that_nobody_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PG_CONN_STR", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NoAccess, match="nothing says where"):
        Place(SharedBackend("pg", {}, {}), lambda _: {}).terraform(home).check()


@pytest.mark.parametrize(
    ("address", "error", "says"),
    [
        ("postgres://state:{secret}@127.0.0.1:1/postgres?sslmode=disable", ToolFailed, "connection refused"),
        ("postgres://state:{secret}@127.0.0.1:{port}/postgres?sslmode=disable", NoAccess, "authentication failed"),
        ("host=127.0.0.1 port=1 user=state password={secret} sslmode=disable", ToolFailed, "connection refused"),
        ("postgres://state:{secret} x@127.0.0.1:1/postgres", ToolFailed, "invalid userinfo"),
        ("postgres://state:{secret}@127.0.0.1:99999999/postgres", ToolFailed, "cannot be reached"),
    ],
    ids=["nobody there", "refused", "as words", "not a URL", "not a port"],
)
def test_a_database_that_is_not_there(
    address: str,
    error: type[Exception],
    says: str,
    pg_place: Place,
    database: Postgres,
    module: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "canary-wrong"
    monkeypatch.setenv("STATE_DATABASE", address.format(secret=secret, port=database.port))
    with pytest.raises(error) as caught:
        pg_place.terraform(home).plan(workspace(module))
    text = str(caught.value)
    assert says in text and "terraform.backend in platform.yaml" in text
    assert "\n" not in text
    assert secret not in text
    assert [path.name for path in home.iterdir()] == ["locks"]


def test_a_bucket_that_is_not_there(s3_place: Place, module: Path, home: Path) -> None:
    assert s3_place.backend
    elsewhere = {**s3_place.backend.settings, "bucket": "nowhere"}
    place = replace(s3_place, backend=replace(s3_place.backend, settings=elsewhere))
    with pytest.raises(ToolFailed, match='S3 bucket "nowhere" does not exist'):
        place.terraform(home).plan(workspace(module))


def test_the_password_is_on_no_disk(
    shared: Place, here: TerraformCli, module: Path, home: Path, tmp_path: Path
) -> None:
    apply(here, workspace(module))
    assert shared.backend
    secrets = [secret.encode() for secret in shared.backend.secrets]
    assert PASSWORD.encode() in secrets or len(secrets) == 2
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "terraform.tfstate" for path in files)
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []
