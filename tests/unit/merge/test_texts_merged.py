"""One file merged three ways: by its structure where it has one, by git's lines otherwise."""

from __future__ import annotations

import pytest

from platformctl.merge import three_way

from .text_cases import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.path}: {case.name}")
def test_a_text_is_merged(case: Case) -> None:
    merged = three_way(case.base.encode(), case.ours.encode(), case.theirs.encode(), case.path)
    assert merged.content.decode() == case.merged
    assert merged.conflict is case.conflict and not merged.binary


def test_what_one_side_alone_changed_or_both_alike_needs_no_merge() -> None:
    for content in (b"", b"x", b"\0", b"a: [\n"):
        assert three_way(b"base\n", b"base\n", content, "a.yaml").content == content
        assert three_way(b"base\n", content, b"base\n", "a.yaml").content == content
        assert three_way(b"base\n", content, content, "a.yaml").content == content
