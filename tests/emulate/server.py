"""One emulate that runs.

It needs Node.js 24: on 20 it ends at once, since `module` has no `registerHooks` there. npm brings that Node.js, as
the package for this platform, into the same folder; elsewhere the one on PATH has to do.
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests import npm
from tests.emulate.mended import Proxy

TOKEN: Final = "the-administrator"
_SEED: Final = {
    "tokens": {TOKEN: {"login": "ada", "scopes": ["repo", "workflow", "admin:org", "delete_repo"]}},
    "github": {
        # The first user is whom every unknown token belongs to: somebody without rights.
        "users": [{"login": "nobody"}, {"login": "ada"}],
        "orgs": [{"login": "acme", "name": "Acme", "members": [{"login": "ada", "role": "admin"}]}],
    },
}
_READY: Final = 30.0
"""Seconds that it may take to start."""


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The API's URL of an emulate with the organisation `acme`, whose administrator has `TOKEN`.

    `folder` may be written to. What is made in it is gone with the process.
    """
    modules = npm.installed(Path(__file__).parent)
    seed, log = folder / "emulate.json", folder / "emulate.log"
    seed.write_text(json.dumps(_SEED))
    node = modules / ".bin" / "node"
    program: list[str | Path] = [node if node.exists() else "node", modules / "emulate" / "dist" / "index.js", "start"]
    proxy = Proxy()
    proxy.target = _free_port()
    options: list[str | Path] = [
        "--service",
        "github",
        "--port",
        str(proxy.target),
        "--base-url",
        proxy.url,
        "--seed",
        seed,
    ]
    with log.open("w") as out, proxy.serving():
        process = subprocess.Popen([*program, *options], cwd=folder, stdout=out, stderr=out)
        try:
            _wait(proxy.target, process, log)
            yield proxy.url
        finally:
            process.terminate()
            process.wait(timeout=_READY)


def _free_port() -> int:
    """emulate takes no port 0."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{port}/meta", timeout=_READY):
                return
        except URLError:
            time.sleep(0.02)
    pytest.fail(f"emulate does not start: {log.read_text()}", pytrace=False)
