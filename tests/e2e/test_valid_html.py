"""Pages as html-validate sees them: the report of a proof, that of a diagnosis, and the roadmap."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from platformctl.commands.roadmap import Coming, Going, Offer, Roadmap, State, Version
from platformctl.golden_path import GoldenPath
from platformctl.proof.report import page
from platformctl.reporters import html, roadmap_html
from tests.diagnoses import FLEET, WELL
from tests.evidence import EMPTY, GREEN, HOSTILE, RED, changed
from tests.html.validity import complaints

DAY: Final = date(2026, 11, 30)
ROADMAP: Final = Roadmap(
    DAY,
    [
        Offer(
            GoldenPath("service", "A service", "platform", "Ask", "production", False, Path("service"), ("1.0.0",)),
            [
                Version("2.0.0", None, False, State.DRAFT, "", None),
                Version("1.0.0", DAY, True, State.DEPRECATED, "ends in 19 days, on 2026-12-19", 19),
            ],
        )
    ],
    [
        Going(
            "service", "1.0.0", DAY, date(2026, 12, 19), "ends in 19 days, on 2026-12-19", "It is old", "2.0.0", False
        ),
        Going("service", "0.9.0", DAY, DAY, "withdrawn", "It leaks", "", True),
        Going("service", "input:tier", DAY, None, "deprecated", "r", "", False),
    ],
    [Coming("service", "Java", "2027-Q2", ""), Coming("service", "Go", "2027-05", "Teams ask")],
)


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
        "roadmap": roadmap_html.report(ROADMAP),
        "no-roadmap": roadmap_html.report(Roadmap(date(2026, 11, 30), (), (), ())),
        "hostile-roadmap": roadmap_html.report(changed(ROADMAP, lambda text: text + HOSTILE)),
        "broken": page(GREEN).replace('id="checks"', 'id="timeline"'),
    }
    found = complaints(pages, tmp_path)
    assert [line for line in found if not line.startswith("broken.")] == []
    assert any("Duplicate ID" in line for line in found)
