"""Terraform states and marks of ownership that are damaged: they are left as they are."""

from __future__ import annotations

import pytest

from tests.e2e.sandbox import World, row


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
    used.refused("doctor", "base-api", code=2, says=[f"{file}: this Terraform state is damaged; it is left as it is"])


@pytest.mark.parametrize("command", ["configure base-api --set tier=batch", "doctor base-api --fix", "undo last --yes"])
def test_no_command_works_on_a_damaged_terraform_state(used: World, command: str) -> None:
    file = used.state("base-api")
    file.write_bytes(b"")
    done = used.run(*command.split())
    assert done.code == 2
    assert f"{file}: this Terraform state is damaged; it is left as it is" in done.message
    assert file.read_bytes() == b""


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff"], ids=["empty", "a list", "no owner", "not text"])
@pytest.mark.parametrize("name", ["base-api-staging/workspace.json", "base-api.git/platformctl.json"])
def test_a_damaged_mark(used: World, name: str, content: bytes) -> None:
    file = next(used.home.rglob(name))
    file.write_bytes(content)
    used.refused("doctor", "base-api", code=2, says=[str(file), "damaged"])
