"""Terraform states and marks of ownership that are damaged: they are left as they are."""

from __future__ import annotations

import pytest

from tests.e2e.sandbox import World, changed, row


def unreadable(world: World, text: str, planes: str) -> None:
    """Doctor says this in place, of these planes; it looks at all others, and leaves everything as it is."""
    before = world.tree()
    done = world.run("doctor", "base-api")
    assert (done.code, done.err) == (1, "")
    assert text in done.out
    found = {name for name in ("developer", "resource", "monitoring", "security") if f"✗ {name}" in done.out}
    assert found == set(planes.split()), done.out
    assert changed(before, world.tree()) == []


@pytest.mark.parametrize(
    "content",
    [
        row("empty", b""),
        row("garbage", b"garbage"),
        row("half", None),
        row("a list", b"[]"),
        row("no lineage", b'{"version": 4, "serial": 1}'),
        row("not text", b"\xff\xfe"),
    ],
)
def test_a_damaged_terraform_state_is_left_as_it_is(used: World, content: bytes | None) -> None:
    file = used.state("base-api")
    file.write_bytes(file.read_bytes()[:300] if content is None else content)
    said = f"{file}: this Terraform state is damaged; it is left as it is"
    unreadable(used, said, "resource monitoring")


@pytest.mark.parametrize("command", ["configure base-api --set tier=batch", "doctor base-api --fix", "undo last --yes"])
def test_no_command_works_on_a_damaged_terraform_state(used: World, command: str) -> None:
    file = used.state("base-api")
    file.write_bytes(b"")
    done = used.run(*command.split())
    assert done.code == 2
    assert f"{file}: this Terraform state is damaged; it is left as it is" in done.message
    assert file.read_bytes() == b""


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff"], ids=["empty", "a list", "no owner", "not text"])
@pytest.mark.parametrize(
    ("name", "planes"),
    [
        ("base-api-staging/workspace.json", "resource monitoring"),
        ("base-api.git/platformctl.json", "developer security"),
    ],
)
def test_a_damaged_mark(used: World, name: str, planes: str, content: bytes) -> None:
    file = next(used.home.rglob(name))
    file.write_bytes(content)
    unreadable(used, f"{file}: this file is damaged", planes)
