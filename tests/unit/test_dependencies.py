"""Who depends on whom, and how that is shown: as lines and as diagrams."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from platformctl.commands.catalog import Component
from platformctl.commands.dependencies import Dependencies
from platformctl.reporters.catalog_lines import component_lines, graph_lines, service_graph_lines
from platformctl.reporters.diagrams import diagram_lines
from platformctl.reporters.lines import Line

SHOP = {
    "web-shop": ["checkout", "ghost"],
    "checkout": ["payments", "ledger"],
    "payments": ["ledger"],
    "ledger": [],
    "solo": [],
}
RINGS = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": ["e"], "e": ["d"], "f": ["f"], "top": ["a"]}


@pytest.mark.parametrize(
    ("graph", "name", "broken"),
    [
        (SHOP, "ledger", {"checkout": "ledger", "payments": "ledger", "web-shop": "checkout"}),
        (SHOP, "ghost", {"web-shop": "ghost"}),
        (SHOP, "web-shop", {}),
        (SHOP, "solo", {}),
        (RINGS, "d", {"c": "d", "e": "d", "d": "e", "b": "c", "a": "b", "top": "a"}),
        (RINGS, "f", {"f": "f"}),
        (RINGS, "nobody", {}),
    ],
)
def test_what_breaks_is_everything_behind_it(graph: Mapping[str, list[str]], name: str, broken: object) -> None:
    assert Dependencies(graph).breaks(name) == broken


def test_what_breaks_comes_nearest_first() -> None:
    assert list(Dependencies(SHOP).breaks("ledger")) == ["checkout", "payments", "web-shop"]
    assert list(Dependencies(SHOP).needs("web-shop")) == ["checkout", "ghost", "ledger", "payments"]


def test_every_group_that_goes_round_is_one_ring() -> None:
    assert Dependencies(RINGS).cycles == [["a", "b", "c", "a"], ["d", "e", "d"], ["f", "f"]]
    assert Dependencies(SHOP).cycles == []
    assert Dependencies(SHOP).missing == ["ghost"]


def test_a_part_has_what_matters_and_nothing_else() -> None:
    part = Dependencies(SHOP).around("payments")
    assert part.depends_on == {
        "checkout": ("ledger", "payments"),
        "ledger": (),
        "payments": ("ledger",),
        "web-shop": ("checkout",),
    }
    assert Dependencies(SHOP).around("ghost").to_json() == {
        "components": {"web-shop": {"depends_on": ["ghost"], "breaks": []}},
        "missing": {"ghost": ["web-shop"]},
        "cycles": [],
    }


def test_a_thousand_services_in_a_row_are_no_trouble() -> None:
    row = {f"s{number:04}": [f"s{number + 1:04}"] for number in range(1200)} | {"s1200": []}
    found = Dependencies(row)
    assert len(found.breaks("s1200")) == 1200
    assert len(text_of(service_graph_lines("s0000", found)).splitlines()) > 1200


def text_of(lines: Iterable[Line]) -> str:
    return "\n".join("".join(text for _, text in line).rstrip() for line in lines)


def component(name: str, team: str = "payments", **fields: Any) -> Component:
    empty: dict[str, Any] = dict.fromkeys(Component.__dataclass_fields__, "")
    several: dict[str, Any] = dict.fromkeys(("environments", "tags", "depends_on", "provides_apis"), ())
    return Component(**{**empty, **several, "links": {}, "name": name, "team": team, **fields})


def test_the_whole_graph_is_shown_once() -> None:
    assert (
        text_of(graph_lines(Dependencies(SHOP)))
        == """\
Who depends on whom
  solo
  web-shop
    checkout
      ledger
      payments
        ledger
    ghost  not in the catalog

What breaks when it is down
  ledger    checkout, payments, web-shop
  payments  checkout, web-shop
  checkout  web-shop
  ghost     web-shop"""
    )


def test_rings_are_shown_and_end() -> None:
    text = text_of(graph_lines(Dependencies(RINGS)))
    assert "\n  top\n    a\n      b\n        c\n          a  (above)\n          d\n            e\n" in f"\n{text}\n"
    assert "They depend on one another\n  a → b → c → a\n  d → e → d\n  f → f" in text


def test_what_breaks_says_through_whom() -> None:
    assert (
        text_of(service_graph_lines("payments", Dependencies(SHOP).around("payments")))
        == """\
What payments depends on
  payments
    ledger

What breaks when payments is down
  checkout
  web-shop  through checkout"""
    )


def test_an_empty_catalog_says_so() -> None:
    assert text_of(component_lines([])) == text_of(graph_lines(Dependencies({})))
    assert "Team x owns nothing" in text_of(component_lines([], "x"))


NASTY = 'x"]; click n1 "javascript:alert(1)" \\" -> <b>&#59; `{[(|)]}` \n%%{init}%% é 日本'

_MERMAID = re.compile(
    r"flowchart LR"
    r'|  n\d+\["(?:[\w \-.]|#\d+;|<br/>)*"\]'
    r"|  n\d+ --> n\d+"
    r"|  classDef (?:missing|down|broken) [a-z-]+:#?\w+(?:,[a-z-]+:\w+)?"
    r"|  class n\d+(?:,n\d+)* (?:missing|down|broken)"
)
_DOT = re.compile(
    r"digraph catalog \{|\}|  rankdir=LR;|  node \[shape=box\];"
    r'|  n\d+ \[label="(?:[\w \-.]|&#\d+;|\\n|\\\\)*"(?:, (?:style=dashed|penwidth=3|color="#[0-9a-f]{6}"))*\];'
    r"|  n\d+ -> n\d+;"
)


@pytest.mark.parametrize("down", ["", "payments", "ghost"])
@pytest.mark.parametrize(("kind", "grammar"), [("mermaid", _MERMAID), ("dot", _DOT)])
def test_diagrams_are_made_of_known_lines_only(kind: str, grammar: re.Pattern[str], down: str) -> None:
    graph = Dependencies({**SHOP, NASTY: ["ledger", "ghost"], "end": ["payments"]})
    known = {name: component(name, NASTY if name == "ledger" else "t") for name in graph.depends_on}
    shown = graph.around(down) if down else graph
    lines = [text for ((_, text),) in diagram_lines(kind, down, known, shown)]
    assert [line for line in lines if not grammar.fullmatch(line)] == []
    arrow = "-->" if kind == "mermaid" else "->"
    assert sum(f" {arrow} " in line for line in lines) == sum(map(len, shown.depends_on.values()))


@pytest.mark.parametrize(("kind", "code"), [("mermaid", r"#(\d+);"), ("dot", r"&#(\d+);")])
def test_text_in_a_diagram_comes_out_as_it_is(kind: str, code: str) -> None:
    lines = [text for ((_, text),) in diagram_lines(kind, "", {"a": component("a", NASTY)}, Dependencies({"a": []}))]
    (label,) = [found[1] for line in lines if (found := re.search(r'"(.*)"', line))]
    shown = re.sub(code, lambda found: chr(int(found[1])), re.split(r"<br/>|(?<!\\)\\n", label)[1])
    assert shown.replace("\\\\", "\\") == NASTY


def test_the_graph_as_json_is_json() -> None:
    lines = [text for ((_, text),) in diagram_lines("json", "", {}, Dependencies(SHOP))]
    assert json.loads("\n".join(lines)) == Dependencies(SHOP).to_json()
