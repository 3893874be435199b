"""A real Alertmanager for the length of a block."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from tests.debian import tool


class Alertmanager:
    """One that listens at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def send(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        """What Prometheus does when alerts fire."""
        body, headers = json.dumps(alerts).encode(), {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"{self._address}/api/v2/alerts", body, headers)).close()

    def ready(self) -> bool:
        try:
            urllib.request.urlopen(f"{self._address}/-/ready").close()
        except OSError:
            return False
        return True


@contextmanager
def alertmanager(configuration: Path) -> Iterator[Alertmanager]:
    """Started on a configuration; its data lies beside it. Fails the test with its log when it does not start."""
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    program, folder = tool("prometheus-alertmanager"), configuration.parent
    flags = [f"--config.file={configuration}", f"--storage.path={folder / 'data'}", f"--web.listen-address={address}"]
    command = [program, *flags, "--cluster.listen-address="]
    running = Alertmanager(f"http://{address}")
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=program.parents[2], stderr=log) as process:
        try:
            until = time.monotonic() + 10
            while not running.ready():
                if process.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"Alertmanager did not start: {(folder / 'log').read_text()}", pytrace=False)
                time.sleep(0.02)
            yield running
        finally:
            process.kill()
