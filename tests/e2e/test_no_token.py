"""A planted credential is found nowhere: in no output, event, journal, argument, file or repository."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from platformctl.testing.github import Fault
from tests.e2e.organisation import NEW, Organisation, organisation, stage
from tests.e2e.test_bad_github import with_app
from tests.github import TOKEN

__all__ = ["organisation", "stage"]

_LOOKS = 5
"""How often a process is looked at: at first it has the arguments of the one that started it."""


@pytest.mark.parametrize("credential", ["token", "app"])
def test_a_credential_is_found_nowhere(credential: str, organisation: Organisation) -> None:
    planted = [TOKEN]
    if credential == "app":
        planted = with_app(organisation).splitlines()[1:-1]
    organisation.env["PLATFORMCTL_DEBUG"] = "1"
    with arguments() as seen:
        said = [*everything_said(organisation), *(line.decode(errors="replace") for line in seen)]
    if credential == "app":
        planted += given(organisation)
    planted += [base64.b64encode(f"x-access-token:{secret}".encode()).decode() for secret in planted]
    assert any(b"platformctl" in line for line in seen) and any(b"terraform" in line for line in seen)
    assert [text for text in said if any(secret in text for secret in planted)] == []
    assert [
        file for file in files(organisation.root) if any(secret.encode() in file.read_bytes() for secret in planted)
    ] == []
    held = json.dumps(organisation.github.state()) + objects(organisation)
    assert [secret for secret in planted if secret in held] == []


def everything_said(organisation: Organisation) -> Iterator[str]:
    """What platformctl says in all it does, and when it fails in every way."""
    commands = [organisation.init, (*NEW, "--dry-run"), (*NEW, "--json"), ("doctor", "payments-api", "--json"), NEW]
    for command in commands:
        done = organisation.done(*command)
        yield done.out + done.err
    faults = [
        Fault("500", times=1_000),
        Fault("rate_limit", seconds=600),
        Fault("500", times=1_000, match=lambda request: ".git/" in request.path),
    ]
    for fault in faults:
        organisation.github.faults.clear()
        organisation.github.faults.add(fault)
        done = organisation.run("new", "service", "ledger-api", "--team", "payments", "--yes")
        yield done.out + done.err
    organisation.github.faults.clear()
    for command in [("runs", "show", "last"), ("undo", "last", "--yes", "--json")]:
        done = organisation.run(*command)
        yield done.out + done.err


@contextmanager
def arguments() -> Iterator[set[bytes]]:
    """Every command line on this machine, looked at again and again meanwhile."""
    seen: set[bytes] = set()
    looked: Counter[str] = Counter()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            for process in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
                looked[process] += 1
                if looked[process] < _LOOKS:
                    with suppress(OSError):  # it has ended
                        seen.add(Path(f"/proc/{process}/cmdline").read_bytes())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def given(organisation: Organisation) -> list[str]:
    """Every token that GitHub gave an App."""
    answers = [exchange for exchange in organisation.exchanges() if exchange.template.endswith("/access_tokens")]
    tokens = [json.loads(answer.response_body)["token"] for answer in answers if answer.status == 201]
    assert tokens
    return tokens


def files(folder: Path) -> Iterator[Path]:
    """Every file below a folder."""
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def objects(organisation: Organisation) -> str:
    """Every commit, tree and file that any repository holds."""
    found = []
    for name in organisation.github.state()["repositories"]:
        command = ["git", f"--git-dir={organisation.repository(name)}", "cat-file", "--batch-all-objects", "--batch"]
        found.append(subprocess.run(command, check=True, capture_output=True).stdout.decode(errors="replace"))
    assert "Platformctl-Run" in "".join(found)
    return "".join(found)
