"""Pages as html-validate sees them: the report of a proof, and that of a diagnosis."""

from __future__ import annotations

from pathlib import Path

from platformctl.proof.report import page
from platformctl.reporters import html
from tests.diagnoses import FLEET, WELL
from tests.evidence import EMPTY, GREEN, HOSTILE, RED, changed
from tests.html.validity import complaints


def test_reports_are_valid_html(tmp_path: Path) -> None:
    pages = {
        "green": page(GREEN),
        "red": page(RED),
        "empty": page(EMPTY),
        "hostile": page(changed(RED, lambda text: text + HOSTILE)),
        "fleet": html.report(FLEET, 1.0),
        "well": html.report([WELL], 1.0),
        "none": html.report([], 1.0),
        "hostile-fleet": html.report([changed(one, lambda text: text + HOSTILE) for one in FLEET], 1.0),
        "broken": page(GREEN).replace('id="checks"', 'id="timeline"'),
    }
    found = complaints(pages, tmp_path)
    assert [line for line in found if not line.startswith("broken.")] == []
    assert any("Duplicate ID" in line for line in found)
