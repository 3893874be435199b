"""`doctor --format`: reports on standard output and in files, beside lines for people and events for machines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from tests.e2e import fleet
from tests.e2e.sandbox import Done, Pristine, World, row
from tests.unit.test_report import Read

FORMATS = ("sarif", "junit", "markdown", "html")
EVERY = ("--all", "--plane", "developer", "--plane", "security")


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    world = World(tmp_path_factory.mktemp("four"))
    fleet.build(world, 4, terraform=False)
    world.overwrite("shop-001", "refs/heads/main", "CODEOWNERS", b"* @nobody <script>alert(1)</script> ```\n")
    (world.home / "forge/local/shop-002.git/platformctl.json").write_text("{")
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def shop(four: Pristine) -> World:
    """Four services: one is edited, one cannot be read."""
    return four.restored()


def whole(text: str, format_: str) -> None:
    """A report is all of what is there, and nothing stands beside it."""
    match format_:
        case "sarif":
            assert json.loads(text)["version"] == "2.1.0"
        case "junit":
            assert Xml.fromstring(text.encode()).tag == "testsuites"
        case "markdown":
            assert text.startswith("**1 of ") and "-* @nobody" in text
        case "html":
            assert text.startswith("<!DOCTYPE html>") and Read(text).words and text.endswith("</html>\n")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("who", [("shop-001",), EVERY], ids=["one", "all"])
def test_a_report_takes_the_place_of_the_lines(shop: World, who: tuple[str, ...], format_: str) -> None:
    done = shop.run("doctor", *who, "--plane", "developer", "--format", format_)
    assert done.code == 3
    whole(done.out, format_)
    assert done.err == ("looked at 4 services: 1 drifted\n" if who == EVERY else "")
    assert "<script>alert" not in done.out or format_ == "markdown"


@pytest.mark.parametrize("format_", FORMATS)
def test_a_report_in_a_file_leaves_the_lines_where_they_are(shop: World, format_: str) -> None:
    done = shop.run("doctor", *EVERY, "--format", format_, "--output", "report")
    assert done.code == 3 and "✗ shop-001" in done.out and done.out.endswith("Wrote report\n")
    whole((shop.work / "report").read_text(), format_)
    assert [file.name for file in shop.work.iterdir()] == ["report"]
    events = shop.run("doctor", *EVERY, "--format", format_, "--output", "report", "--json")
    assert all(json.loads(line) for line in events.out.splitlines()) and events.err == ""
    whole((shop.work / "report").read_text(), format_)


def test_a_report_is_written_whole_or_not_at_all(shop: World) -> None:
    """Nobody finds half of one: another file takes its place."""
    file = shop.work / "report.html"
    file.write_text("what was there")
    link = shop.work / "latest.html"
    link.symlink_to(file.name)
    before = file.stat().st_ino
    assert shop.run("doctor", "shop-001", "--format", "html", "--output", "latest.html", *EVERY[1:]).code == 3
    assert link.is_symlink() and file.stat().st_ino != before and file.read_text().startswith("<!DOCTYPE html>")


def test_a_device_is_written_to_and_not_replaced(shop: World) -> None:
    done = shop.run("doctor", "shop-001", "--format", "sarif", "-o", "/dev/stdout", *EVERY[1:])
    assert done.code == 3 and '"version": "2.1.0"' in done.out
    assert Path("/dev/null").is_char_device()
    assert shop.run("doctor", "shop-001", "--format", "sarif", "-o", "/dev/null", *EVERY[1:]).code == 3
    assert Path("/dev/null").is_char_device()


def test_teams_that_have_something_to_do_get_a_report_each(shop: World) -> None:
    done = shop.run("doctor", *EVERY, "--format", "markdown", "--by-team", "teams")
    assert done.code == 3 and "Wrote teams/crew-1.md\nWrote teams/crew-2.md\n" in done.out
    reports = {file.name: file.read_text() for file in (shop.work / "teams").iterdir()}
    assert sorted(reports) == ["crew-1.md", "crew-2.md"]
    assert "`shop-001`" in reports["crew-1.md"] and "shop-002" not in reports["crew-1.md"]
    assert "this file is damaged" in reports["crew-2.md"]
    shop.refused("doctor", *EVERY, "--format", "markdown", "--by-team", "teams", code=2, says=["not an empty folder"])


def test_a_team_that_the_catalog_names_is_no_path(shop: World) -> None:
    """Nobody but the catalog knows this one, and somebody has written there whose it is."""
    shutil.rmtree(shop.home / "forge/local/shop-002.git")
    entity = shop.home / "catalog/local/components/shop-002.yaml"
    entity.write_text(entity.read_text().replace("group:default/crew-2", "../../../../../tmp/outside"))
    shop.run("doctor", *EVERY, "--format", "markdown", "--by-team", "teams")
    assert sorted(file.name for file in (shop.work / "teams").iterdir()) == ["_.md", "crew-1.md"]


def result(done: Done) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(done.out.splitlines()[-1])["data"]
    return data


def test_fixes_are_shown_as_diffs(shop: World) -> None:
    plain = shop.run("doctor", "shop-001", *EVERY[1:])
    shown = shop.run("doctor", "shop-001", "--diff", *EVERY[1:])
    assert plain.code == shown.code == 3
    diff = "--- a/files/shop-001/CODEOWNERS\n+++ b/files/shop-001/CODEOWNERS\n@@ -1 +1 @@\n"
    lines = [line.strip() for line in shown.out.splitlines()]
    assert set(diff.splitlines()) <= set(lines) and "+* @local/crew-1" in lines
    assert "@@" not in plain.out
    [found] = result(shop.run("doctor", "shop-001", "--json", *EVERY[1:]))["findings"]
    assert found["fix"]["diff"].startswith(diff) and found["fix"]["kind"] == "update"
    assert found["fix"]["differences"] == [["~", "CODEOWNERS", "managed"]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        row("nothing", ("shop-000",), 0),
        row("drift", ("shop-001",), 3),
        row("nothing in many", ("--team", "crew-0"), 0),
        row("one that cannot be read", ("--team", "crew-2"), 1),
        row("drift wins", ("--all",), 3),
        row("drift that matters less", ("shop-001", "--severity", "error"), 0),
    ],
)
def test_exit_codes(shop: World, arguments: tuple[str, ...], code: int) -> None:
    for how in ((), ("--json",), ("--format", "sarif")):
        assert shop.run("doctor", *arguments, *EVERY[1:], *how).code == code


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        row("a format twice", "shop-001 --json --format sarif", ["--json", "--output"]),
        row("a file of nothing", "shop-001 --output x", ["which format?", "sarif|junit|markdown|html"]),
        row("a folder that is not there", "shop-001 --format html --output no/x", ["there is no folder", "/no"]),
        row("teams of one", "shop-001 --format html --by-team x", ["--by-team", "--all"]),
        row("a report of a fix", "--all --fix --format html", ["--fix changes it"]),
        row("a report of the platform", "--platform --format html", ["looks at no service"]),
        row("a diff of rows", "--all --diff", ["--fix, or --format markdown"]),
        row("a diff of a fix", "shop-001 --fix --diff", ["Look first, without --fix"]),
        row("a part of a fix", "shop-001 --fix --severity error", ["--plane"]),
        row("one and all", "shop-001 --team crew-0", ["one service, or --all"]),
        row("no such format", "shop-001 --format pdf", ["pdf"]),
        row("no time", "--all --timeout 0", ["--timeout"]),
    ],
)
def test_flags_that_do_not_go_together_are_refused(shop: World, arguments: str, says: list[str]) -> None:
    shop.refused("doctor", *arguments.split(), code=2, says=says)


def test_a_full_disk_is_said(shop: World) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    command = ("doctor", "shop-001", "--format", "html", "--output", "/dev/full", *EVERY[1:])
    shop.refused(*command, code=1, says=["No space left on device"])
