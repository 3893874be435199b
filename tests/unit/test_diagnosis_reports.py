"""Reports of diagnoses: each format is valid, says everything, is the same for the same, and holds text as text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as Xml

import jsonschema
import pytest
import xmlschema
from markdown_it import MarkdownIt

from platformctl.commands.diagnosis import Diagnosis
from platformctl.model import Drift, Plane
from platformctl.reporters import html, junit, markdown, sarif
from platformctl.reporters.findings import fix_lines, verdict
from platformctl.reporters.formats import ENDINGS, Format, written
from tests import schemas
from tests.diagnoses import AT, BLIND, DRIFTED, FLEET, WELL
from tests.evidence import HOSTILE, changed
from tests.unit.test_report import Read

SECONDS: Final = 1.25
MARKUP: Final = (
    f"{HOSTILE}\r\n# heading\n\n```\n~~~\n- item\n|a|\\|b\\\\|c| `` `x` ``` @everyone #1 [a](javascript:x) **b** ![i](http://x/y)"
    " https://evil.example\n\n    code\n\n<details open>\u2028end\\"
)
"""What would be something in HTML, XML or Markdown, or would end what it stands in."""


def hostile(text: str) -> str:
    return f"{text}{MARKUP}" if text else text


def harmless(text: str) -> str:
    return f"{text} word" if text else text


BAD: Final = tuple(changed(one, hostile) for one in FLEET)
"""Every text in it is somebody's: names of services and versions too, which really are checked."""
CASES: Final = {
    "fleet": FLEET,
    "well": (WELL,),
    "drifted": (DRIFTED,),
    "blind": (BLIND,),
    "none": (),
    "hostile": BAD,
}
every_case = pytest.mark.parametrize("diagnoses", CASES.values(), ids=CASES)


@pytest.mark.parametrize("format_", ENDINGS)
@every_case
def test_the_same_gives_the_same_and_can_be_written(format_: Format, diagnoses: Sequence[Diagnosis]) -> None:
    text = written(format_, diagnoses, SECONDS)
    assert text == written(format_, diagnoses, SECONDS) and text.encode()
    assert text.endswith("\n")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e\ud800]", text)


def test_hash_seeds_and_time_zones_change_nothing() -> None:
    program = (
        "import sys; from tests.diagnoses import FLEET; from platformctl.reporters.formats import ENDINGS, written\n"
        "for one in ENDINGS: sys.stdout.buffer.write(written(one, FLEET, 1.25).encode())"
    )
    done = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": ":".join(filter(None, sys.path))},
            stdout=subprocess.PIPE,
        )
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    expected = "".join(written(one, FLEET, SECONDS) for one in ENDINGS).encode()
    assert {one.communicate()[0] for one in done} == {expected}


@pytest.mark.parametrize(
    ("diagnoses", "expected"),
    [
        ((), "There are no services here."),
        ((WELL,), "The service is as it should be."),
        ((WELL, WELL), "All 2 services are as they should be."),
        ((DRIFTED,), "1 of 1 service drifted, 1 could not be read in full."),
        ((WELL, BLIND), "1 of 2 could not be read in full."),
        (FLEET, "1 of 3 services drifted, 2 could not be read in full."),
    ],
)
def test_the_verdict(diagnoses: Sequence[Diagnosis], expected: str) -> None:
    assert verdict(diagnoses) == expected


# What --fix would do


def test_fixes_are_one_diff_in_which_each_text_stands_once() -> None:
    lines = list(fix_lines(DRIFTED.drift))
    assert lines[:5] == [
        "--- a/files/payments-api/CODEOWNERS",
        "+++ b/files/payments-api/CODEOWNERS",
        "@@ -1 +1 @@",
        "-* @me",
        "+* @acme/payments",
    ]
    assert lines.count("+++ b/catalog-info.yaml") == 1
    assert lines[-5:] == [
        "@@ branch_protection/payments-api/main @@",
        "-reviews: 0",
        "+reviews: 1",
        "@@ grafana/dashboard/svc-payments-api @@",
        "+grafana/dashboard/svc-payments-api",
    ]


# SARIF


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(schemas.sarif(), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


def logged(diagnoses: Sequence[Diagnosis]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sarif.report(diagnoses, SECONDS))["runs"][0]
    return found


@every_case
def test_sarif_is_as_its_schema_says(schema: jsonschema.Draft7Validator, diagnoses: Sequence[Diagnosis]) -> None:
    assert [problem.message for problem in schema.iter_errors(json.loads(sarif.report(diagnoses, SECONDS)))] == []


def test_the_schema_refuses_what_is_wrong(schema: jsonschema.Draft7Validator) -> None:
    text = sarif.report(FLEET, SECONDS).replace('"level": "error"', '"level": "grave"')
    assert list(schema.iter_errors(json.loads(text)))


def test_sarif_has_a_rule_with_help_for_every_class_and_levels_from_severities() -> None:
    run = logged(FLEET)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [f"drift/{drift.value}" for drift in Drift]
    assert all(rule["help"]["markdown"] and rule["fullDescription"]["text"] for rule in rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    levels = {(result["ruleId"], result["level"]) for result in run["results"]}
    assert {("drift/edited", "warning"), ("drift/behind", "note"), ("drift/missing", "error")} <= levels
    assert run["invocations"] == [{"executionSuccessful": False}]
    assert logged((WELL,))["invocations"] == [{"executionSuccessful": True}]


def test_a_file_of_the_service_is_a_place_in_its_repository() -> None:
    found = {result["message"]["text"]: result["locations"][0] for result in logged((DRIFTED,))["results"]}
    owners = next(place for text, place in found.items() if "CODEOWNERS" in text)
    assert owners == {
        "physicalLocation": {
            "artifactLocation": {"uri": "CODEOWNERS", "uriBaseId": "payments-api"},
            "region": {"startLine": 1},
        }
    }
    reviews = next(place for text, place in found.items() if "reviews" in text)
    assert reviews["physicalLocation"]["artifactLocation"]["uri"] == ".platformctl.yaml"
    assert reviews["logicalLocations"][0]["fullyQualifiedName"] == "branch_protection/payments-api/main/reviews"


def test_results_are_known_again_whoever_did_it_and_whatever_stands_there() -> None:
    def prints(diagnosis: Diagnosis) -> list[str]:
        return [one["partialFingerprints"]["primaryLocationLineHash"] for one in logged((diagnosis,))["results"]]

    first = prints(DRIFTED)
    other = tuple(
        replace(one, found="7", reason="another", trace=None, diff="", expected="8") for one in DRIFTED.findings
    )
    assert prints(replace(DRIFTED, findings=other, seconds=9.0, notes=())) == first
    assert prints(replace(DRIFTED, findings=DRIFTED.findings[::-1])) == first[::-1]
    assert len(set(first)) == len(first)
    assert set(prints(replace(DRIFTED, service="other-api"))).isdisjoint(first)
    twice = prints(replace(DRIFTED, findings=DRIFTED.findings[:1] * 2))
    assert twice[1] == twice[0].replace(":1", ":2")


def test_messages_of_sarif_have_no_links_and_no_placeholders() -> None:
    for result in logged(BAD)["results"]:
        text = result["message"]["text"]
        bare = text.replace("\\\\", "")
        assert not re.search(r"(?<!\\)[\[\]]", bare)
        assert not re.search(r"[{}]", text.replace("{{", "").replace("}}", ""))
        assert "\n" not in text


# JUnit


@pytest.fixture(scope="module")
def xsd() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(schemas.junit()))


@every_case
def test_junit_is_as_jenkins_schema_says(xsd: xmlschema.XMLSchema, diagnoses: Sequence[Diagnosis]) -> None:
    assert [problem.reason for problem in xsd.iter_errors(junit.report(diagnoses, SECONDS))] == []


def test_the_schema_of_junit_refuses_what_is_wrong(xsd: xmlschema.XMLSchema) -> None:
    assert list(
        xsd.iter_errors(junit.report(FLEET, SECONDS).replace("<failure", "<fault").replace("/failure", "/fault"))
    )


def suites(diagnoses: Sequence[Diagnosis]) -> Iterator[Xml.Element]:
    yield from Xml.fromstring(junit.report(diagnoses, SECONDS).encode())


def test_junit_has_a_suite_for_each_service_and_a_case_for_each_plane() -> None:
    whole = Xml.fromstring(junit.report(FLEET, SECONDS).encode())
    assert [whole.get(name) for name in ("tests", "failures", "errors", "time")] == ["11", "4", "1", "1.250"]
    well, drifted, blind = whole
    assert [case.get("name") for case in well.iter("testcase")] == [plane.value for plane, _ in WELL.checked]
    assert not any(len(case) for case in well.iter("testcase"))
    outcomes = {case.get("name"): [found.tag for found in case] for case in drifted.iter("testcase")}
    assert outcomes == {
        "developer": ["failure"],
        "resource": ["failure"],
        "monitoring": ["failure"],
        "security": ["failure"],
        "deviation alerts.paging": ["skipped"],
        "deviation file:Dockerfile": ["skipped"],
    }
    assert [drifted.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["6", "4", "0", "2"]
    assert [(case.get("name"), case[0].tag) for case in blind.iter("testcase")] == [("developer", "error")]


def test_junit_says_what_fails_and_what_could_not_be_read_beside_it() -> None:
    (drifted,) = suites((DRIFTED,))
    resource = next(case for case in drifted.iter("testcase") if case.get("name") == "resource")
    assert resource[0].get("type") == "foreign"
    assert "it belongs to other-api" in str(resource[0].text) and "the lights are out" in str(resource[0].text)
    developer = next(case for case in drifted.iter("testcase") if case.get("name") == "developer")
    assert developer[0].get("message") == "files/payments-api CODEOWNERS edited and 3 more"
    properties = {one.get("name"): one.get("value") for one in drifted.iter("property")}
    assert properties["team"] == "payments" and properties["newer"] == "version 1.1.0 is there; this is 1.0.0"


# Markdown

_GITHUB: Final = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def form(text: str) -> list[tuple[str, str]]:
    """What a text of Markdown consists of, without its words."""
    found = []
    for token in _GITHUB.parse(text):
        found.append((token.type, token.tag))
        found += [(part.type, part.tag) for part in token.children or () if part.type != "text"]
    return found


@pytest.mark.parametrize("diagnoses", [(BLIND,), (DRIFTED,), FLEET], ids=["blind", "drifted", "fleet"])
def test_text_is_never_markdown(diagnoses: Sequence[Diagnosis]) -> None:
    bad, good = (tuple(changed(one, how) for one in diagnoses) for how in (hostile, harmless))
    text = markdown.report(bad, SECONDS)
    assert form(text) == form(markdown.report(good, SECONDS))
    outside = [part.content for token in _GITHUB.parse(text) for part in token.children or () if part.type == "text"]
    for marker in ("@everyone", "evil", "#1", "<b", "onerror"):
        assert not [words for words in outside if marker in words]


def test_markdown_has_a_table_and_for_each_service_its_findings_and_the_fix() -> None:
    text = markdown.report(FLEET, SECONDS)
    assert text.startswith("**1 of 3 services drifted, 2 could not be read in full.** Looked at in 1.2 s.")
    assert "| ✗ | `payments-api` | `payments` | 1 edited, 2 missing, 3 out-of-band, 1 foreign, 1 unreadable |" in text
    assert "| ! | `refunds-api` | `payments` | unreadable: `it gave no answer within 60 seconds` |" in text
    assert "orders-api" not in text
    assert "- **developer**, warning: `files/payments-api CODEOWNERS` edited: `by Grace Hopper, on 2026-11-23`" in text
    assert "its override ended on 2026-06-30" in text and f"{AT:%Y}" in text
    assert "- **resource**: `terraform/payments-api/staging` unreadable: `the lights are out`" in text
    assert "- on purpose: `alerts.paging = x (the default is y): payments are audited (Ada, until 2027-01-01)`" in text
    link = "https://forge.example.org/acme/payments-api/pull/7"
    assert f"- note: `files/payments-api is proposed:` {link}\n" in text
    (fix,) = re.findall(r"^```diff\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert fix.splitlines() == list(fix_lines(DRIFTED.drift))


def test_a_fleet_that_is_too_long_for_an_issue_is_cut_and_says_so() -> None:
    many = [replace(DRIFTED, service=f"service-{number:04}") for number in range(2000)]
    text = markdown.report(many, SECONDS)
    assert len(text) < 65_536
    left = re.findall(r"… and (\d+) more services: see `platformctl doctor --all`.", text)
    shown = len(re.findall(r"^### `service-", text, re.MULTILINE))
    assert len(left) == 2 and shown + int(left[1]) == 2000 and shown > 10


def test_one_service_has_no_table() -> None:
    assert "|" not in markdown.report((WELL,), SECONDS)
    assert markdown.report((WELL,), SECONDS).startswith("**The service is as it should be.**")


# HTML


def test_text_is_never_html() -> None:
    bad, good = (Read(html.report(tuple(changed(one, how) for one in FLEET), SECONDS)) for how in (hostile, harmless))
    assert [one for one in bad.elements if one[0] != "span"] == [one for one in good.elements if one[0] != "span"]
    for name in ("class", "id", "aria-labelledby", "href"):
        assert set(bad.values[name]) == set(good.values[name])
    assert "<script>alert(1)</script>" in bad.text and "{{ 7 * 7 }}" in bad.text


@every_case
def test_the_page_loads_nothing_and_runs_nothing(diagnoses: Sequence[Diagnosis]) -> None:
    text = html.report(diagnoses, SECONDS)
    found = Read(text)
    tags, attributes = {tag for tag, _ in found.elements}, set(found.values)
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form", "use", "image", "base"}
    assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
    assert all(re.fullmatch(r"#service-\d+", link) for link in found.values.get("href", ()))
    assert not re.findall(r"url\(|@import", found.style)
    assert "default-src 'none'; style-src 'unsafe-inline'" in " ".join(found.values["content"])


def test_the_page_says_everything() -> None:
    words = Read(html.report(FLEET, SECONDS)).words
    for service in FLEET:
        assert service.service in words
        for one in (*service.drift, *service.unreadable):
            assert one.address in words and one.part in words and one.reason in words
    for text in (
        "As they should be 1 of 3 services, in 1.2 s",
        "edited, by Grace Hopper, on 2026-11-23",
        "version 1.1.0 is there; this is 1.0.0",
        "payments are audited (Ada, until 2027-01-01)",
        "-* @me +* @acme/payments",
        "platformctl doctor payments-api --fix",
        "Somebody has changed it where it stands, outside git.",
        "0 , 1",
    ):
        assert text in words


def test_what_is_wrong_comes_first() -> None:
    words = Read(html.report(FLEET, SECONDS)).words
    rows = words.partition("What was found")[2]
    assert rows.index("payments-api") < rows.index("refunds-api") < rows.index("orders-api")


def test_planes_are_in_their_order() -> None:
    (drifted,) = suites((DRIFTED,))
    names = [case.get("name") for case in drifted.iter("testcase")]
    assert names[:4] == [plane.value for plane in Plane if plane is not Plane.DELIVERY]
