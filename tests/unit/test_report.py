"""The report of a proof: what it says, that nothing in it is code, and that everybody can read it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from platformctl import page as page_style
from platformctl.proof import report
from platformctl.proof.evidence import Asked, Check, Evidence, Moment, Page, Panel, Series, Verdict
from platformctl.proof.plot import Window, plot
from platformctl.proof.report import page
from platformctl.proof.timeline import timeline
from platformctl.proof.units import shown, ticks
from tests.evidence import EMPTY, GREEN, HOSTILE, RED, TRACE, ZERO, changed


class Read(HTMLParser):
    """A page as a browser takes it apart: elements with the names of their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.values: dict[str, list[str]] = {}
        self.text = ""
        self.style = ""
        self._inside: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        for name, value in attrs:
            self.values.setdefault(name, []).append(value or "")
        if tag != "meta":
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._inside[-1:] == ["style"]:
            self.style += data
        else:
            self.text += f"{data} "

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


# Values


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0, "s", "0 s"),
        (0.0000421, "s", "42.1 µs"),
        (0.0042, "s", "4.2 ms"),
        (0.5, "s", "500 ms"),
        (1, "s", "1 s"),
        (90, "s", "1.5 min"),
        (435.6, "s", "7.26 min"),
        (7200, "s", "2 hour"),
        (1500, "ms", "1.5 s"),
        (0.001, "percentunit", "0.1%"),
        (1, "percentunit", "100%"),
        (-0.25, "percentunit", "-25%"),
        (99.9, "percent", "99.9%"),
        (268435456, "bytes", "256 MiB"),
        (1000, "bytes", "1000 B"),
        (1500, "decbytes", "1.5 kB"),
        (12.3456, "count:requests/s", "12.3 requests/s"),
        (12345, "count:requests/s", "12.3K requests/s"),
        (3.25, "reqps", "3.25 req/s"),
        (1234, "short", "1.23 K"),
        (14.4, "none", "14.4"),
        (12345, "none", "12345"),
        (0.11, "suffix: cores", "0.11 cores"),
        (5, "prefix:€", "€5"),
        (5, "furlong", "5 furlong"),
        (5, "", "5"),
    ],
)
def test_values_are_written_as_grafana_does(value: float, unit: str, expected: str) -> None:
    assert shown(value, unit) == expected


@pytest.mark.parametrize("unit", ["s", "percentunit", "bytes", "short", "none", "count:requests/s", "suffix: cores"])
@pytest.mark.parametrize("highest", [1e-7, 0.0042, 0.37, 1, 4.999, 40, 61, 1023, 1.5e6, 7.1e9])
def test_ticks_are_few_even_and_reach_the_highest_value(highest: float, unit: str) -> None:
    found = ticks(highest, unit)
    steps = {round((after - before) / found[-1], 6) for before, after in pairwise(found)}
    assert found[0] == 0 and found[-1] >= highest * (1 - 1e-6) and len(steps) == 1
    assert 3 <= len(found) <= 6
    assert len({shown(tick, unit) for tick in found}) == len(found)


# Pictures


WINDOW: Final = Window(100.0, 110.0, 90.0)


def graph(*asked: Asked, **fields: Any) -> Panel:
    return Panel("Row", "Title", "", **{"unit": "none", "asked": asked, **fields})


def asked(*series: Sequence[tuple[float, float]], limit: bool = False) -> Asked:
    return Asked("up", [Series(f"series {number}", points) for number, points in enumerate(series)], limit=limit)


def path_of(line: str) -> list[list[tuple[float, float]]]:
    runs = [part.removesuffix("h0").removesuffix("z").split() for part in line.split("M") if part]
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in run)] for run in runs]


def test_a_line_is_where_its_values_are() -> None:
    (line,) = plot(graph(asked([(100, 0), (105, 50), (110, 100)])), WINDOW).drawn
    assert path_of(line.line) == [[(0, 1000), (500, 500), (1000, 0)]]
    assert path_of(line.area)[0][3:] == [(1000, 1000), (500, 1000), (0, 1000)]
    assert (line.least, line.most, line.last, line.end) == ("0", "100", "100", (100, 0))


def test_a_line_ends_where_values_are_missing() -> None:
    points = [(100, 1.0), (101, 1.0), (102, 1.0), (106, 1.0), (107, 1.0)]
    (line,) = plot(graph(asked(points)), WINDOW).drawn
    assert [len(run) for run in path_of(line.line)] == [3, 2]


def test_what_is_stacked_stands_on_what_is_below() -> None:
    both = [[(100, 30.0), (110, 30.0)], [(110, 70.0)]]
    lower, upper = plot(graph(asked(*both), asked([(100, 100.0)], limit=True), stacked=True), WINDOW).drawn
    assert path_of(lower.line) == [[(0, 700), (1000, 700)]]
    assert path_of(upper.area) == [[(1000, 0), (1000, 700)]]
    assert upper.most == "70"


def test_lines_on_one_another_are_both_seen() -> None:
    same = [(100, 1.0), (110, 2.0)]
    found = plot(graph(asked(same, same, [(100, 1.0), (110, 1.0)])), WINDOW).drawn
    assert ["dashed" in line.colour for line in found] == [False, True, False]
    assert [line.area for line in found] == ["", "", ""]


def test_thresholds_and_limits_are_drawn_unless_they_are_far_away() -> None:
    steps = (("green", None), ("dark-orange", 6.0), ("#123456", 500.0))
    panel = graph(asked([(100, 4.0), (110, 8.0)]), asked([(100, 16.0)], limit=True), steps=steps)
    found = plot(panel, WINDOW)
    assert [(level.name, level.value, level.at) for level in found.levels] == [
        ("#123456 from", "500", None),
        ("series 0", "16", 20),
        ("dark-orange from", "6", 70),
    ]
    assert [level.colour for level in found.levels] == ["colour-other", "colour-red limit", "colour-orange"]
    assert [tick.text for tick in found.up] == ["0", "5", "10", "15", "20"]


def test_a_long_unit_is_written_once() -> None:
    found = plot(graph(asked([(100, 4.0)]), unit="count:requests/s"), WINDOW)
    assert (found.unit, found.up[-1].text, found.drawn[0].most) == ("requests/s", "4", "4")


def test_a_panel_without_data_is_a_picture_too() -> None:
    found = plot(graph(asked()), WINDOW)
    assert (found.drawn, found.words, len(found.up)) == ([], "No data.", 2)


@pytest.mark.parametrize("panel", GREEN.panels, ids=lambda panel: f"{panel.row[:8]} {panel.title}")
def test_nothing_is_drawn_outside_of_a_picture(panel: Panel) -> None:
    if panel.number:
        return
    found = plot(panel, Window(ZERO + 8, ZERO + 43, ZERO))
    places = [place for line in found.drawn for run in path_of(line.line) + path_of(line.area) for place in run]
    assert places and all(0 <= x <= 1000 and 0 <= y <= 1000 for x, y in places)
    assert all(0 <= tick.at <= 100 for tick in (*found.up, *found.along))


# The time line


def test_the_time_line_has_every_moment_once_and_in_order() -> None:
    found = timeline(replace(GREEN, moments=GREEN.moments[::-1]), Window(ZERO, ZERO + 50, ZERO))
    flags = [flag for lane in found.lanes for flag in lane.flags]
    assert sorted(flag.number for flag in flags) == [entry.number for entry in found.entries] == [*range(1, 10)]
    assert {lane.name: [flag.number for flag in lane.flags] for lane in found.lanes if lane.name} == {
        "Service": [1, 2, 5, 8],
        "Alerts": [3, 6, 9],
        "Pager": [4, 7],
    }
    assert [entry.what for entry in found.entries] == [moment.what for moment in GREEN.moments]


def test_the_time_line_says_how_long_after_its_cause_something_was() -> None:
    found = timeline(GREEN, Window(ZERO, ZERO + 50, ZERO))
    after = {entry.kind: entry.after for entry in found.entries}
    assert after["paged"] == "3.63 s after errors begin (7.26 min without time-lapse)"
    assert after["quiet"] == "4.9 s after errors stop (9.8 min without time-lapse)"
    assert after["resolved"] == "5.4 s after errors stop (10.8 min without time-lapse)"
    assert after["traffic"] == ""
    assert timeline(replace(GREEN, lapse=1), WINDOW).entries[3].after == "3.63 s after errors begin"


def test_incidents_last_from_the_first_trigger_to_the_resolve() -> None:
    pages = [
        Page(20, "trigger", "", "critical", "", "a"),
        Page(30, "trigger", "", "critical", "", "a"),
        Page(40, "resolve", "", "critical", "", "a"),
        Page(30, "trigger", "", "warning", "", "b"),
        Page(60, "trigger", "", "error", "", "c"),
    ]
    lanes = timeline(replace(GREEN, moments=(), pages=pages), Window(0, 100, 0)).lanes[2:]
    assert [[(bar.at, bar.until, bar.text) for bar in lane.bars] for lane in lanes] == [
        [(20, 40, "critical"), (60, 100, "error")],
        [(30, 100, "warning")],
    ]


def test_alerts_that_fire_at_once_are_below_one_another() -> None:
    moments = [Moment(10, "", "fired"), Moment(20, "", "fired"), Moment(30, "", "quiet")]
    _, *alerts, _ = timeline(replace(GREEN, moments=moments, pages=()), Window(0, 100, 0)).lanes
    assert [[(bar.at, bar.until) for bar in lane.bars] for lane in alerts] == [[(10, 30)], [(20, 100)]]
    assert [[flag.number for flag in lane.flags] for lane in alerts] == [[1, 3], [2]]


# The page


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        (GREEN.checks, "payments-api is observable All of 12 checks hold; 1 was left out."),
        (RED.checks, "payments-api is not observable 3 of 12 checks failed; 1 was left out."),
        (GREEN.checks[:2], "payments-api is observable All of 2 checks hold."),
        ([Check("a", "A", Verdict.PASSED, "")], "payments-api is observable The only check holds."),
        ([Check("a", "A", Verdict.FAILED, "")], "payments-api is not observable The only check failed."),
        ([], "payments-api is not observable Nothing was checked."),
    ],
)
def test_the_verdict_comes_first(checks: Sequence[Check], expected: str) -> None:
    words = Read(page(replace(GREEN, checks=checks))).words
    title = expected.partition(" observable")[0] + " observable"
    assert words.startswith(f"{title} {expected} ")


def test_what_failed_is_said_before_all_else_with_its_culprit() -> None:
    words = Read(page(RED)).words
    failed = [check for check in RED.checks if check.verdict is Verdict.FAILED]
    head, _, _ = words.partition("What happened when")
    assert "What is wrong" in head
    for check in failed:
        assert f"{check.title} {check.culprit} {check.detail} {check.hint}".strip() in head
    assert "What is wrong" not in Read(page(GREEN)).words
    assert "From errors to the page never no page arrived" in head


@pytest.mark.parametrize("evidence", [GREEN, RED], ids=["green", "red"])
def test_everything_that_was_seen_is_on_the_page(evidence: Evidence) -> None:
    words = Read(page(evidence)).words
    for check in evidence.checks:
        assert f"{check.verdict.value} {check.title} " in words
        assert check.detail in words
    for panel in evidence.panels:
        assert f"{panel.title} {panel.description}" in words
        for query in panel.asked:
            assert query.expr in words and query.problem in words
            assert all(f" {series.name} " in words for series in query.series if not panel.number)
    for one in evidence.pages:
        assert f"{one.action} {one.severity} {one.summary} {one.key} {one.dedup_key}" in words
    for program, version in evidence.versions.items():
        assert f"{program} {version}" in words
    for part, seconds in evidence.parts.items():
        assert f"{seconds:.1f} s {part}" in words
    for text in (evidence.commit, "2026-11-23 14:03:22 UTC", "611 good, 77 failing", "an hour of theirs is 30 s"):
        assert text in words


def test_a_problem_of_many_queries_is_said_once() -> None:
    quantiles = Read(page(RED)).words.split(" Quantiles ")[1].split("Queries")[0]
    assert quantiles.count("no data") == 1


def test_a_number_has_the_colour_of_its_step() -> None:
    text = page(GREEN)
    assert '<p class="figure colour-orange">23.1%</p>' in text
    assert '<p class="figure colour-green">100%</p>' in text


def test_a_trace_is_marked_where_it_is_in_the_log_and_among_the_spans() -> None:
    assert page(GREEN).count(f"<mark>{TRACE}</mark>") == 2
    assert TRACE in page(RED) and f"<mark>{TRACE}</mark>" not in page(RED)


def test_what_is_not_there_leaves_no_empty_section() -> None:
    found = Read(page(EMPTY))
    headings = [tag for tag, _ in found.elements if tag == "h2"]
    assert len(headings) == 1 and "What this proves, and what it does not" in found.words


def test_rules_at_their_own_pace_are_not_said_to_be_faster() -> None:
    words = Read(page(replace(GREEN, lapse=1))).words
    assert "time-lapse" not in words and "an hour" not in words


# Text is text


@pytest.mark.parametrize("evidence", [GREEN, RED], ids=["green", "red"])
@pytest.mark.parametrize("where", ["before {}", "{} after"])
def test_text_is_never_code(evidence: Evidence, where: str) -> None:
    def with_text(text: str) -> Read:
        return Read(page(changed(evidence, lambda old: where.replace("{}", old).replace(" ", text))))

    harmless, hostile = with_text(" word "), with_text(HOSTILE)
    assert hostile.elements == harmless.elements
    for name in ("class", "id", "aria-labelledby", "d", "x", "width"):
        assert hostile.values[name] == harmless.values[name]
    assert "<script>alert(1)</script>" in hostile.text and "{{ 7 * 7 }}" in hostile.text
    assert r"\x00\x1b\ud800\u202e&lt;" in hostile.text


@pytest.mark.parametrize("evidence", [GREEN, RED, EMPTY], ids=["green", "red", "empty"])
def test_a_page_loads_nothing_and_runs_nothing(evidence: Evidence) -> None:
    text = page(evidence)
    found = Read(text)
    tags, attributes = {tag for tag, _ in found.elements}, set(found.values)
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "use", "image", "a", "base"}
    assert not [name for name in attributes if name.startswith("on") or name in ("href", "src", "style", "action")]
    assert set(re.findall(r"url\([^)]*\)|@import", text)) == {"url(#hatch)"}
    assert "://" not in text
    assert "default-src 'none'; style-src 'unsafe-inline'" in " ".join(found.values["content"])


def test_the_same_evidence_gives_the_same_bytes() -> None:
    program = (
        "import sys; from tests.evidence import RED; from platformctl.proof.report import page; "
        "assert 'jinja2' not in sys.modules; sys.stdout.buffer.write(page(RED).encode())"
    )
    root = Path(__file__).parents[2]
    done = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
            stdout=subprocess.PIPE,
        )
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert {one.communicate()[0] for one in done} == {page(RED).encode()}


# Everybody can read it


def test_every_picture_has_a_name_and_words() -> None:
    text = page(GREEN)
    for svg in re.findall(r"<svg[^>]*>", text):
        if 'viewBox="0 0 1000' in svg or re.match(r'<svg x="', svg):
            continue  # a part of another picture
        assert 'aria-hidden="true"' in svg or 'role="img" aria-labelledby="' in svg, svg
    words = re.findall(r"<desc[^>]*>([^<]+)</desc>", text)
    assert any("99 %: 7.13 ms to 11.9 ms, at last 11.4 ms." in one for one in words)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


_STYLES: Final = [Path(page_style.__file__).parent / "page.css", Path(report.__file__).parent / "report.css"]
_THEMES: Final[dict[str, dict[str, str]]] = {"light": {}, "dark": {}}
for _style in _STYLES:
    _blocks = re.findall(r":root \{\n(.*?)\n\}", _style.read_text(encoding="utf-8"), re.DOTALL)
    for _theme, _block in zip(_THEMES.values(), _blocks, strict=True):
        _theme |= {
            key: value if len(value) == 7 else f"#{value[1] * 2}{value[2] * 2}{value[3] * 2}"
            for key, value in re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", _block)
        }
_TEXT: Final = [
    *((text, on) for text in ("text", "quiet") for on in ("page", "card")),
    *((f"{name}-text", name) for name in ("mark", "alarm", "calm")),
    *(("text", on) for on in ("code", "accent", "alarm", "calm")),
    *((colour, "card") for colour in ("bad", "red", "orange", "yellow", "green", "blue", "purple")),
    ("card", "text"),
]
_DRAWN: Final = [(f"hue-{number}", "card") for number in range(8)] + [("good", "card"), ("left", "card")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("least", "pairs"), [(4.5, _TEXT), (3.0, _DRAWN)], ids=["text", "drawn"]
)  # WCAG 2.2, success criteria 1.4.3 and 1.4.11
def test_colours_can_be_told_from_what_is_behind_them(theme: str, least: float, pairs: list[tuple[str, str]]) -> None:
    colours = _THEMES[theme]
    assert {pair: ratio for pair in pairs if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < least} == {}
