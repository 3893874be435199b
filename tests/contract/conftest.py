"""Where Terraform's state can be; and the example plug-in, which is the action that keeps every promise."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres, s3
from tests.contract import places
from tests.contract.places import Place

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "platformctl-motd"
sys.path.insert(0, str(EXAMPLE))

MODULE = """\
variable "name" {
  type = string
  validation {
    condition     = var.name != "bad"
    error_message = "name must not be bad; got \\"${var.name}\\"."
  }
}
variable "wait" {
  type    = number
  default = 0
}
resource "terraform_data" "thing" {
  input = var.name
  provisioner "local-exec" {
    command = "sleep ${var.wait}"
  }
}
output "manifests" { value = { "a.yaml" = "name: ${var.name}" } }
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A Terraform module that can be told to take its time."""
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "main.tf").write_text(MODULE)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder that was prepared."""
    (tmp_path / "home" / "locks").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def database() -> Iterator[postgres.Postgres]:
    """A PostgreSQL."""
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def object_store() -> Iterator[s3.S3]:
    """An S3."""
    with s3.running() as server:
        yield server


@pytest.fixture(params=["local", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("pg", "s3", "http"))])
def place(request: pytest.FixtureRequest) -> Place:
    """Every place where Terraform's state can be."""
    if request.param == "local":
        return places.local()
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture(params=[pytest.param(kind, marks=pytest.mark.slow) for kind in ("pg", "s3")])
def shared(request: pytest.FixtureRequest) -> Place:
    """Every place that machines share."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture
def pg_place(database: postgres.Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A schema of its own in the database."""
    monkeypatch.setenv("STATE_DATABASE", database.address)
    return places.pg(database, f"of_{tmp_path.name}".lower())


@pytest.fixture
def http_place() -> Iterator[Place]:
    """A server without workspaces."""
    with places.HttpStates() as server:
        threading.Thread(target=server.serve_forever, args=(0.001,), daemon=True).start()
        yield places.http(server)
        server.shutdown()


@pytest.fixture
def s3_place(object_store: s3.S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A bucket of its own."""
    monkeypatch.setenv("STATE_KEY", s3.KEY)
    monkeypatch.setenv("STATE_SECRET", s3.SECRET)
    return places.bucket(object_store, f"of-{tmp_path.name}".lower().replace("_", "-"))


SLOW = (
    "test_fake_github.py",
    "test_github_openapi.py",
    "test_github_pipeline.py",
    "test_killed_undo.py",
    "test_stack.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a server or kills a process for each of many cases is left out of `make test-fast`."""
    for item in items:
        if item.path.name in SLOW or "kill between any two" in item.name or "killed_anywhere" in item.name:
            item.add_marker(pytest.mark.slow)
