"""Journals of runs that are damaged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.sandbox import World, row


def edited(old: str, new: str) -> Callable[[bytes], bytes]:
    """A change of the first line that has it."""

    def change(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode(), 1)

    return change


@pytest.mark.parametrize(
    "change",
    [
        row("garbage first", lambda content: b"garbage\n" + content),
        row("not text", lambda content: b"\xff\n" + content),
        row("a number", lambda _: b"3\n"),
        row("null", lambda _: b"null\n"),
        row("a list", lambda _: b"[]\n"),
        row("incomplete", lambda _: b'{"type":"run_started"}\n'),
        row("time", edited('"at": "2', '"at": "x2')),
        row("event", edited('"run_started"', '"run_begun"')),
        row("kind", edited('"kind": "create"', '"kind": "crate"')),
        row("differences", edited('"differences": [', '"differences": 3, "x": [')),
        row("hole", lambda content: content[:-40] + b"\0" * 20 + b"\n" + content.splitlines(True)[-1]),
    ],
)
def test_a_damaged_journal(used: World, change: Callable[[bytes], bytes]) -> None:
    file = next((used.home / "runs").glob("*-base-api-*.ndjson"))
    before = file.read_bytes()
    file.write_bytes(after := change(before))
    lines = zip(after.split(b"\n"), before.split(b"\n"), strict=False)
    number = next(number for number, (is_, was) in enumerate(lines, start=1) if is_ != was)
    used.refused("runs", "show", file.stem, code=2, says=[f"{file}:{number}: this journal is damaged"])


@pytest.mark.parametrize("command", ["undo --yes", "resume", "runs list --service base-api"])
def test_no_command_trusts_a_damaged_journal(used: World, command: str) -> None:
    file = next((used.home / "runs").glob("*-base-api-*.ndjson"))
    file.write_bytes(b"garbage\n" + file.read_bytes())
    which = [] if command.startswith("runs") else [file.stem]
    used.refused(*command.split(), *which, code=2, says=[f"{file}:1: this journal is damaged"])


def test_a_journal_without_its_beginning(used: World) -> None:
    file = next((used.home / "runs").glob("*-base-api-*.ndjson"))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[1:-1]))
    used.refused("resume", file.stem, code=2, says=[str(file), "damaged"])
