"""Journals of runs that are damaged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.sandbox import World, row


def edited(number: int, old: str, new: str) -> Callable[[bytes], bytes]:
    """A change of one line of a journal."""

    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        assert old.encode() in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old.encode(), new.encode(), 1)
        return b"".join(lines)

    return change


@pytest.mark.parametrize(
    ("change", "line"),
    [
        row("garbage first", lambda content: b"garbage\n" + content, 1),
        row("not text", lambda content: b"\xff\n" + content, 1),
        row("a number", lambda _: b"3\n", 1),
        row("null", lambda _: b"null\n", 1),
        row("a list", lambda _: b"[]\n", 1),
        row("incomplete", lambda _: b'{"type":"run_started"}\n', 1),
        row("time", edited(1, '"at": "2', '"at": "x2'), 1),
        row("event", edited(1, '"run_started"', '"run_begun"'), 1),
        row("kind", edited(2, '"kind": "create"', '"kind": "crate"'), 2),
        row("differences", edited(2, '"differences": [', '"differences": 3, "x": ['), 2),
        row("hole", lambda content: content[:-40] + b"\0" * 20 + b"\n" + content.splitlines(True)[-1], None),
    ],
)
def test_a_damaged_journal(used: World, change: Callable[[bytes], bytes], line: int | None) -> None:
    file = next((used.home / "runs").glob("*-base-api-*.ndjson"))
    file.write_bytes(change(file.read_bytes()))
    where = f"{file}:{line}: " if line else f"{file}:"
    used.refused("runs", "show", file.stem, code=2, says=[where, "this journal is damaged"])


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
