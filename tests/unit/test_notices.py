"""What a golden path announces: how it is told on which day, and what lint says of an announcement that cannot hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from platformctl.commands.path import summary
from platformctl.commands.path_lint import lint
from platformctl.errors import BadRecipe
from platformctl.notices import Deprecation, Notice
from tests.paths import FIRST, NAME, TODAY, Paths

SINCE: Final = date(2026, 9, 1)
END: Final = date(2027, 1, 11)


@pytest.mark.parametrize(
    ("status", "removed", "today", "says", "refused"),
    [
        ("deprecated", None, TODAY, "x 1.0.0 is deprecated since 2026-09-01: It leaks", False),
        ("withdrawn", None, TODAY, "x 1.0.0 is withdrawn since 2026-09-01: It leaks", True),
        ("withdrawn", END, TODAY, "x 1.0.0 is withdrawn since 2026-09-01: It leaks", True),
        ("deprecated", END, TODAY, "x 1.0.0 ends in 42 days, on 2027-01-11: It leaks", False),
        ("deprecated", END, date(2027, 1, 10), "x 1.0.0 ends in 1 day, on 2027-01-11: It leaks", False),
        ("deprecated", END, END, "x 1.0.0 ends today, on 2027-01-11: It leaks", False),
        ("deprecated", END, date(2027, 1, 12), "x 1.0.0 has ended on 2027-01-11, 1 day ago: It leaks", True),
        ("deprecated", END, date(2027, 2, 11), "x 1.0.0 has ended on 2027-01-11, 31 days ago: It leaks", True),
    ],
)
def test_a_version_counts_down(status: str, removed: date | None, today: date, says: str, refused: bool) -> None:
    notice = Notice(status, SINCE, "It leaks", removed)
    assert notice.said("x 1.0.0", today) == says
    assert notice.refused(today) is refused


@pytest.mark.parametrize(
    ("removed_in", "removed", "today", "says"),
    [
        ("2.0.0", None, SINCE, "goes in 2.0.0, not before 2026-11-30, in 90 days"),
        ("2.0.0", None, date(2026, 11, 29), "goes in 2.0.0, not before 2026-11-30, in 1 day"),
        ("2.0.0", None, TODAY, "goes in 2.0.0, at any time"),
        ("2.0.0", END, TODAY, "goes in 2.0.0, not before 2027-01-11, in 42 days"),
        ("", END, TODAY, "goes, not before 2027-01-11, in 42 days"),
        ("", date(2026, 9, 2), TODAY, "goes, at any time"),
    ],
)
def test_a_part_goes_no_earlier_than_90_days_after_its_announcement(
    removed_in: str, removed: date | None, today: date, says: str
) -> None:
    one = Deprecation("input:x", SINCE, "why", removed_in=removed_in, removed=removed)
    assert one.end(today) == says


@pytest.mark.parametrize(
    ("what", "target", "covered"),
    [
        ("input:tier", "input:tier", True),
        ("input:tier", "input:tiers", False),
        ("input:slo.*", "input:slo.availability", True),
        ("file:app/telemetry/*", "file:app/telemetry/logs/x.py", True),
        ("file:app/*", "step:app/x", False),
        ("file:docs/[a].md", "file:docs/[a].md", True),
    ],
)
def test_what_a_deprecation_is_of(what: str, target: str, covered: bool) -> None:
    assert Deprecation(what, SINCE, "why").covers(target) is covered


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "paths")


def version(**fields: Any) -> dict[str, Any]:
    return {"status": "deprecated", "since": SINCE, "reason": "r", **fields}


def part(what: str, **fields: Any) -> dict[str, Any]:
    return {"what": what, "since": SINCE, "reason": "r", **(fields or {"removed_in": "0.1.0"})}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"versions": {FIRST: version(removed=date(2026, 11, 30))}}, []),
        (
            {"versions": {FIRST: version(removed=date(2026, 11, 29))}},
            [f"{FIRST} ends 89 days after it was announced, not at least 90"],
        ),
        ({"versions": {FIRST: version(status="withdrawn", removed=SINCE)}}, []),
        ({"versions": {"0.x": version()}}, []),
        ({"versions": {"1.x": version()}}, [f"{NAME} has no version 1.x"]),
        ({"versions": {"3.2.1": version()}}, [f"{NAME} has no version 3.2.1"]),
        (
            {"deprecations": [part("input:description"), part("step:files"), part("output:repository")]},
            [],
        ),
        ({"deprecations": [part("file:any/thing")]}, []),
        ({"deprecations": [part("input:descripton")]}, [f"no version of {NAME} has input:descripton"]),
        ({"deprecations": [part("proof")]}, [f"no version of {NAME} has proof"]),
        ({"deprecations": [part("input:new", removed_in="1.0.0")]}, []),
        (
            {"deprecations": [part("input:team", removed=date(2026, 9, 2))]},
            ["input:team goes 1 day after it was announced, not at least 90"],
        ),
    ],
)
def test_lint_reads_announcements(fields: dict[str, Any], says: list[str], paths: Paths) -> None:
    paths.say(**fields)
    _, problems = lint(NAME, paths.session())
    assert [problem.what for problem in problems] == says
    assert all(problem.where.startswith(f"{paths.folder}/path.yaml:") for problem in problems)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"versions": {"1.0": version()}}, "MAJOR.x"),
        ({"versions": {FIRST: version(since="2026-02-30")}}, r"path\.yaml:\d+: there is no day 2026-02-30"),
        ({"versions": {FIRST: version(removed="2027")}}, "a day, as 2026-11-30"),
        ({"deprecations": [part("input:x", removed="2027-02-31")]}, "there is no day 2027-02-31"),
        ({"deprecations": [{"what": "input:x", "since": "2026-09-01", "reason": "r"}]}, "'removed_in' is missing"),
        ({"deprecations": [part("tier")]}, "input:NAME, file:PATH"),
        ({"roadmap": [{"title": "x"}]}, "'when' is missing"),
    ],
)
def test_announcements_that_cannot_be_read(fields: dict[str, Any], says: str, paths: Paths) -> None:
    paths.say(**fields)
    with pytest.raises(BadRecipe, match=says):
        paths.path()


def test_a_major_version_speaks_for_those_that_do_not_speak_for_themselves(paths: Paths) -> None:
    paths.copy("0.2.0")
    paths.say(versions={"0.x": version(reason="all"), "0.2.0": version(reason="this one")})
    path = paths.path()
    assert [(path.notice(one) or Notice("", SINCE, "")).reason for one in path.versions] == ["all", "this one"]
    about = summary(path, TODAY)
    assert about["notices"]["0.x"]["days_left"] is None
    assert about["notices"]["0.2.0"]["since"] == "2026-09-01"
