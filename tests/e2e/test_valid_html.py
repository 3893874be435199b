"""The report of a proof as html-validate sees it."""

from __future__ import annotations

from pathlib import Path

from platformctl.proof.report import page
from tests.evidence import EMPTY, GREEN, HOSTILE, RED, changed
from tests.html.validity import complaints


def test_reports_are_valid_html(tmp_path: Path) -> None:
    pages = {
        "green": page(GREEN),
        "red": page(RED),
        "empty": page(EMPTY),
        "hostile": page(changed(RED, lambda text: text + HOSTILE)),
        "broken": page(GREEN).replace('id="checks"', 'id="timeline"'),
    }
    found = complaints(pages, tmp_path)
    assert [line for line in found if not line.startswith("broken.")] == []
    assert any("Duplicate ID" in line for line in found)
