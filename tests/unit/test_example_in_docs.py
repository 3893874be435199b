"""The code that the how-to shows is the example's: every block stands in one of its files, as it is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "write-an-action.md"
EXAMPLE = ROOT / "docs" / "examples" / "platformctl-motd"


def test_every_block_of_code_is_the_examples() -> None:
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:python|toml|yaml)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    files = [file for kind in ("py", "toml", "yaml") for file in EXAMPLE.rglob(f"*.{kind}")]
    sources = [file.read_text(encoding="utf-8") for file in files]
    assert len(blocks) > 6
    assert [block for block in blocks if not any(block in source for source in sources)] == []


def test_every_promise_is_named() -> None:
    from platformctl.testing import ResourceCase, promises

    shown = re.findall(r"^✓ (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert shown == [str(promise) for promise in promises(ResourceCase(object, {}, lambda folder: None, other={}))]
