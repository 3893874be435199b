"""Standard output that nobody reads or that is full."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.sandbox import NEW, World, row


@pytest.mark.parametrize(
    "command",
    [
        "path list",
        "path show service",
        "runs list",
        "runs show last",
        "doctor base-api",
        "doctor base-api --json",
        "path list --json",
        "new service new-api --team payments --dry-run",
        "--help",
        "new service --help",
        row("--version", "--version"),
    ],
)
def test_nobody_reads_standard_output(used: World, command: str) -> None:
    """`platformctl path list | head -0`"""
    reading, writing = os.pipe()
    os.close(reading)
    before = used.tree()
    try:
        done = used.run(*command.split(), stdout=writing)
    finally:
        os.close(writing)
    assert "platformctl: " not in done.err
    assert done.code in (0, 1, 141), done.err
    assert used.tree() == before


def test_nobody_reads_how_far_new_is(used: World) -> None:
    """A run does not depend on who listens."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = used.run(*NEW, stdout=writing, stderr=writing)
    finally:
        os.close(writing)
    assert done.code in (0, 1, 141)
    assert used.run(*NEW).code == 0
    assert used.run("doctor", "new-api").code == 0


@pytest.mark.parametrize(
    "command",
    [
        "path list",
        "doctor base-api",
        row("json", "path list --json"),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_standard_output_is_full(used: World, command: str) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        used.refused(*command.split(), code=1, says=["No space left on device"], stdout=full)
