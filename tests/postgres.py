"""A real PostgreSQL on the loopback interface: from PATH, else from Debian's packages, unpacked and not installed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.debian import unpacked

PASSWORD: Final = "canary-Pg/9 z"
"""Its user's password; it must turn up nowhere. The slash and the space are escaped in a URL."""
_READY: Final = 30.0
"""Seconds that it may take to start."""
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "max_connections": "200",
    "shared_buffers": "16MB",
    "jit": "off",
}


@dataclass
class Postgres:
    """One that runs, or was stopped and can be started again with the same data."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The connection string, with the password."""
        return f"postgres://state:canary-Pg%2F9%20z@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [f"--{name}={value}" for name, value in {**_SETTINGS, "port": self.port}.items()]
        command = [_programs() / "postgres", "-D", self.folder / "data", *settings]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **_as_nobody())
        until = time.monotonic() + _READY
        while self._answer("select 1").returncode:
            assert self.process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it at once, as a crash would: connections break, and what was committed is there afterwards."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
            self.process = None

    def ask(self, query: str) -> list[str]:
        """The lines that a query gives."""
        done = self._answer(query)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def begin(self, query: str) -> subprocess.Popen[str]:
        """Start a query and go on; its connection ends with the process."""
        about = f"host=127.0.0.1 port={self.port} user=state dbname=postgres"
        command = [_programs() / "psql", "-XAtq", about, "-c", query]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env={**os.environ, "PGPASSWORD": PASSWORD}, **pipes)

    def _answer(self, query: str) -> subprocess.CompletedProcess[str]:
        with self.begin(query) as process:
            out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@contextmanager
def running() -> Iterator[Postgres]:
    """A new one, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        (folder / "password").write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (folder, folder / "password"):
                shutil.chown(path, "nobody")
        options = ["-U", "state", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync"]
        command = [_programs() / "initdb", "-D", folder / "data", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **_as_nobody())
        assert done.returncode == 0, done.stderr
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            server = Postgres(folder, free.getsockname()[1])
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """The folder of PostgreSQL's programs."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    return unpacked("postgresql-15", "postgresql-client-15", "libpq5") / "usr/lib/postgresql/15/bin"


def _as_nobody() -> dict[str, Any]:
    """How to start a program that refuses to be root's."""
    libraries = _programs().parents[3] / "lib"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
    if libraries != Path("/usr/lib"):
        environment["LD_LIBRARY_PATH"] = ":".join(str(path) for path in libraries.glob("*-linux-gnu*"))
    if os.geteuid() != 0:
        return {"env": environment}
    return {"env": environment, "user": "nobody", "group": "nogroup", "extra_groups": [], "cwd": "/"}
