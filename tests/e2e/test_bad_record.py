"""The record of a service, `.platformctl.yaml`, that cannot be used or trusted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.sandbox import Says, World, row
from tests.newest import SERVICE as NEWEST


def recorded(old: str, new: str) -> Callable[[bytes], bytes]:
    """A change of the record in a service's repository."""
    return lambda content: content.replace(old.encode(), new.encode())


RECORD = "base-api/.platformctl.yaml"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        row("yaml", lambda _: b"schema: 1\nservice: [base-api\n", [f"{RECORD}:", "YAML"]),
        row("empty", lambda _: b"", [RECORD]),
        row("not text", lambda _: b"\xff\xfe", [RECORD, "UTF-8"]),
        row("not a record", lambda _: b"- a\n", [RECORD]),
        row("key", lambda content: content + b"colour: red\n", [RECORD, "'colour'"]),
        row("format", recorded("schema: 1", "schema: 2"), [f"{RECORD}:", "schema"]),
        row("service", recorded("service: base-api", "service: new-api"), [RECORD, "'new-api'"]),
        row("path", recorded("path: service", "path: gone"), ["'gone'"]),
        row("path outside", recorded("path: service", "path: ../service"), [f"{RECORD}:", "'../service'"]),
        row("version", recorded(f"version: {NEWEST}", "version: 7.0.0"), ["'7.0.0'", "1.0.0"]),
        row("name outside", recorded("  name: base-api", "  name: ../x"), ["the record of", "'../x'"]),
        row(
            "answer",
            recorded("tier: standard", "tier: gold"),
            [RECORD, "tier", "'gold'"],
        ),
        row(
            "unknown answer",
            recorded("tier: standard", "tear: batch"),
            [RECORD, "'tear'"],
        ),
        row(
            "name of another",
            recorded("  name: base-api", "  name: new-api"),
            [RECORD, "new-api"],
        ),
    ],
)
def test_a_record_that_cannot_be_used(used: World, change: Callable[[bytes], bytes], says: Says) -> None:
    rerecord(used, change)
    used.refused("doctor", "base-api", code=2, says=says)


def rerecord(world: World, change: Callable[[bytes], bytes]) -> None:
    """Change the record of `base-api` behind platformctl's back."""
    content = world.git("base-api", "show", "main:.platformctl.yaml") + "\n"
    world.overwrite("base-api", "refs/heads/main", ".platformctl.yaml", change(content.encode()))


@pytest.mark.parametrize("command", ["configure base-api --set visibility=private", "doctor base-api --fix"])
@pytest.mark.parametrize(
    "change",
    [
        row("yaml", lambda _: b"service: [\n"),
        row(
            "name of another",
            recorded("  name: base-api", "  name: new-api"),
        ),
    ],
)
def test_no_command_trusts_a_record(used: World, change: Callable[[bytes], bytes], command: str) -> None:
    rerecord(used, change)
    used.refused(*command.split(), "--no-input", code=2, says=[RECORD])


@pytest.mark.parametrize("content", ["service: [", "schema: 1\n", ""], ids=["yaml", "incomplete", "empty"])
def test_a_record_around_the_working_folder_cannot_be_used(empty: World, content: str) -> None:
    (empty.work / ".platformctl.yaml").write_text(content, encoding="utf-8")
    empty.refused("doctor", code=2, says=[f"{empty.work}/.platformctl.yaml:"])
