"""Where Terraform's state can be, for tests: each test has a place of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platformctl.backends.terraform.cli import TerraformCli
from platformctl.backends.terraform.shared_backend import SharedBackend
from tests import s3
from tests.e2e.world import snapshot
from tests.postgres import Postgres


@dataclass(frozen=True)
class Place:
    """One place."""

    backend: SharedBackend | None
    stored: Callable[[Path], Mapping[str, Any]]
    """Everything that is stored, by its name; a home folder's locks and cache are not."""

    def terraform(self, home: Path, **options: Any) -> TerraformCli:
        """The port, on this home folder."""
        (home / "locks").mkdir(parents=True, exist_ok=True)
        return TerraformCli(home, backend=self.backend, **options)

    def environment(self) -> dict[str, str]:
        """The environment in which Terraform itself reaches it."""
        assert self.backend
        kept = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
        return {**kept, **self.backend.environment}


def local() -> Place:
    """The home folder."""
    return Place(None, lambda home: {path.name: snapshot(path) for path in (home / "terraform").glob("*/*")})


def pg(server: Postgres, schema: str) -> Place:
    """A schema in a database that was never used."""

    def stored(_: Path) -> dict[str, str]:
        if not server.ask(f"select 1 from information_schema.tables where table_schema = '{schema}'"):
            return {}
        rows = server.ask(f"select name, md5(data) from {schema}.states where name <> 'default' order by name")
        return dict(row.split("|") for row in ["table|", *rows])

    return Place(SharedBackend("pg", {"schema_name": schema}, {"PG_CONN_STR": "env:STATE_DATABASE"}), stored)


def bucket(server: s3.S3, name: str) -> Place:
    """A bucket that is empty."""
    server.client.create_bucket(Bucket=name)
    credentials = {"AWS_ACCESS_KEY_ID": "env:STATE_KEY", "AWS_SECRET_ACCESS_KEY": "env:STATE_SECRET"}
    return Place(SharedBackend("s3", server.settings(name), credentials), lambda _: server.objects(name))


class _Handler(BaseHTTPRequestHandler):
    """Terraform's http protocol: a state an address, and a lock."""

    server: HttpStates
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        state = self.server.states.get(self.path, b"")
        self._answer(200 if state else 404, state)

    def do_POST(self) -> None:
        self.server.states[urlsplit(self.path).path] = self._content()
        self._answer(200)

    def do_LOCK(self) -> None:
        asker = self._content()
        holder = self.server.locks.setdefault(self.path, asker)
        self._answer(200 if holder is asker else 423, holder)

    def do_UNLOCK(self) -> None:
        self._content()
        self.server.locks.pop(self.path, None)
        self._answer(200)

    def _content(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


class HttpStates(ThreadingHTTPServer):
    """A server of that protocol."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.states: dict[str, bytes] = {}
        self.locks: dict[str, bytes] = {}


def http(server: HttpStates) -> Place:
    """A backend without workspaces: each has an address of its own, at which an empty state stays."""
    address = f"http://127.0.0.1:{server.server_port}/{{workspace}}"
    settings = dict.fromkeys(("address", "lock_address", "unlock_address"), address)

    def stored(_: Path) -> dict[str, bytes]:
        assert server.locks == {}
        return {path: state for path, state in server.states.items() if json.loads(state)["outputs"]}

    return Place(SharedBackend("http", settings, {}), stored)
