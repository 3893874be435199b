"""The roadmap: what there is, what goes and what comes, in the order of days, as lines, Markdown and HTML."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
from markdown_it import MarkdownIt

from platformctl.commands.roadmap import Roadmap, roadmap
from platformctl.errors import NotFound
from platformctl.released import Release, text_of
from platformctl.reporters import roadmap_html, roadmap_markdown
from platformctl.reporters.roadmap_lines import roadmap_lines
from tests.paths import FIRST, NAME, TODAY, Paths
from tests.unit.test_report import Read

HOSTILE: Final = "<script>x</script> | `a` **b** [c](http://d) {{ 7*7 }} \x1b[2J \u202e @everyone\n# h"
SINCE: Final = date(2026, 9, 1)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Three released versions and a draft, of which something is said each."""
    made = Paths(tmp_path / "paths")
    for version in ("0.2.0", "0.3.0", "1.0.0"):
        made.copy(version)
    days = {FIRST: SINCE, "0.2.0": date(2026, 10, 1), "0.3.0": date(2026, 11, 1)}
    (made.folder / "released.yaml").write_text(text_of({one: Release(day, "a" * 64) for one, day in days.items()}))
    made.say(
        versions={
            FIRST: {"status": "deprecated", "since": SINCE, "removed": date(2026, 12, 19), "reason": "It is old"},
            "0.2.0": {"status": "withdrawn", "since": date(2026, 11, 3), "reason": "It leaks"},
            "0.x": {"status": "deprecated", "since": date(2026, 11, 20), "reason": "1.0.0 will be there"},
        },
        deprecations=[
            {
                "what": "input:team",
                "since": date(2026, 11, 2),
                "removed_in": "1.0.0",
                "reason": "r",
                "instead": "owner",
            },
            {"what": "file:CODEOWNERS", "since": SINCE, "removed_in": "0.3.0", "reason": "Nobody reads it"},
        ],
        roadmap=[
            {"title": "A path for Java", "when": "2027-Q2", "why": "Eleven teams ask"},
            {"title": "Someday", "when": "later"},
            {"title": "1.0.0", "when": "2027-02-05"},
            {"title": "Go", "when": "2027-05"},
        ],
    )
    return made


def found(paths: Paths, name: str = NAME, today: date = TODAY) -> Roadmap:
    return roadmap(name, paths.session(today))


def lines(paths: Paths, today: date = TODAY) -> list[str]:
    return ["".join(text for _, text in line) for line in roadmap_lines(found(paths, today=today))]


def test_lines(paths: Paths) -> None:
    assert lines(paths) == [
        "Golden paths  as of 2026-11-30",
        "",
        "library  A library",
        "  experimental, owner platform; Ask platform",
        "  1.0.0      a draft",
        "  0.3.0      released 2026-11-01, the newest  deprecated since 2026-11-20",
        "  0.2.0      released 2026-10-01  withdrawn since 2026-11-03",
        "  0.1.0      released 2026-09-01  ends in 19 days, on 2026-12-19",
        "",
        "What goes",
        "  2026-11-01  library file:CODEOWNERS  gone since 0.3.0: Nobody reads it (announced 2026-09-01)",
        "  2026-11-03  library 0.2.0            withdrawn: It leaks; instead: 0.3.0 (announced 2026-11-03)",
        "  2026-12-19  library 0.1.0            ends in 19 days, on 2026-12-19: It is old; instead: 0.3.0"
        " (announced 2026-09-01)",
        "  2027-01-31  library input:team       goes in 1.0.0, not before 2027-01-31, in 62 days: r; instead: owner"
        " (announced 2026-11-02)",
        "  no day yet  library 0.x              deprecated: 1.0.0 will be there (announced 2026-11-20)",
        "",
        "What comes",
        "  2027-02-05  library  1.0.0",
        "  2027-05     library  Go",
        "  2027-Q2     library  A path for Java: Eleven teams ask",
        "  later       library  Someday",
    ]


def test_days_go_by(paths: Paths) -> None:
    told = "\n".join(lines(paths, date(2027, 2, 1)))
    assert "0.1.0      released 2026-09-01  has ended on 2026-12-19, 44 days ago" in told
    assert "2026-12-19  library 0.1.0            has ended on 2026-12-19, 44 days ago" in told
    assert "library input:team       goes in 1.0.0, at any time" in told


def test_all_that_people_can_use_or_one(paths: Paths) -> None:
    assert [offer.path.name for offer in found(paths, "").offers] == [NAME, "service", "worker"]
    assert [offer.path.name for offer in found(paths, "base").offers] == ["base"]
    with pytest.raises(NotFound, match=r"there is no golden path 'x'\. There is .*library"):
        found(paths, "x")


def test_the_form_for_machines(paths: Paths) -> None:
    data = found(paths).to_json()
    assert data["today"] == "2026-11-30"
    (path,) = data["paths"]
    assert path["versions"][0] == {
        "version": "1.0.0",
        "released": None,
        "newest": False,
        "state": "draft",
        "said": "",
        "days_left": None,
    }
    assert [one["state"] for one in path["versions"]] == ["draft", "deprecated", "withdrawn", "deprecated"]
    assert [one["gone"] for one in data["going"]] == [True, True, False, False, False]
    assert data["coming"][1] == {"path": NAME, "title": "Go", "when": "2027-05", "why": ""}


def test_markdown_reads_like_the_lines(paths: Paths) -> None:
    text = roadmap_markdown.report(found(paths))
    assert text == roadmap_markdown.report(found(paths))
    read = Read(MarkdownIt("commonmark").enable("table").render(text)).words
    for words in (
        "2026-12-19 library 0.1.0 ends in 19 days, on 2026-12-19 It is old; instead: 0.3.0 2026-09-01",
        "none yet library 0.x deprecated 1.0.0 will be there 2026-11-20",
        "2027-Q2 library A path for Java Eleven teams ask",
        "0.3.0 , the newest released 2026-11-01 deprecated since 2026-11-20",
        "1.0.0 a draft –",
    ):
        assert words in read
    assert "Nothing is announced." in roadmap_markdown.report(roadmap("worker", paths.session()))


def test_a_page_loads_nothing_and_runs_nothing(paths: Paths) -> None:
    text = roadmap_html.report(found(paths))
    assert text == roadmap_html.report(found(paths))
    read = Read(text)
    assert "default-src 'none'" in text
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in read.elements}
    assert not {"src", "href", "srcset", "onclick"} & read.values.keys()
    for words in (
        "As of 2026-11-30",
        "Going 3 2 of them within 90 days",
        "library 0.1.0 ends in 19 days, on 2026-12-19 announced 2026-09-01 It is old Instead: 0.3.0",
        "0.3.0 newest 2026-11-01 deprecated since 2026-11-20",
        "1.0.0 draft none announced",
    ):
        assert words in read.words


def test_the_calendars_bars_stand_between_announcement_and_end(paths: Paths) -> None:
    text = roadmap_html.report(found(paths))
    whole = (date(2027, 1, 31) - SINCE).days
    assert f'class="now" x="{round(100 * (TODAY - SINCE).days / whole, 2)}%"' in text
    end = round(100 * (date(2026, 12, 19) - SINCE).days / whole, 2)
    assert f'class="bar" x="0.0%" y="5.5" width="{end}%"' in text


@pytest.mark.parametrize("write", [roadmap_html.report, roadmap_markdown.report])
def test_text_from_people_is_text(write: Any, paths: Paths) -> None:
    paths.say(
        title=HOSTILE,
        owner=HOSTILE,
        support=HOSTILE,
        versions={FIRST: {"status": "deprecated", "since": SINCE, "reason": HOSTILE}},
        deprecations=[
            {
                "what": f"file:{HOSTILE.splitlines()[0]}",
                "since": SINCE,
                "removed_in": "1.0.0",
                "reason": HOSTILE,
                "instead": HOSTILE,
            }
        ],
        roadmap=[{"title": HOSTILE, "when": HOSTILE, "why": HOSTILE}],
    )
    text = write(found(paths))
    page = (
        text if write is roadmap_html.report else MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    )
    assert "\x1b" not in text and "\u202e" not in text
    tags = [tag for tag, _ in Read(page).elements]
    assert not {"script", "a", "em"} & set(tags)
    assert tags.count("h1") == 1


def test_nothing_to_say(paths: Paths) -> None:
    paths.say(versions={}, deprecations=[], roadmap=[])
    assert "  nothing is announced" in lines(paths)
    assert "What comes" not in lines(paths)
    assert "Nothing is announced." in Read(roadmap_html.report(found(paths))).words
