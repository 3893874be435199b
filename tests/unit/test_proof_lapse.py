"""Time-lapse: every duration is divided, and nothing else is touched."""

from __future__ import annotations

import pytest
import yaml

from platformctl.errors import BadConfig
from platformctl.proof import lapse
from platformctl.proof.promise import Promise
from platformctl.proof.thresholds import Objective

EXPRESSIONS = {
    "rate(a[5m])": "rate(a[2500ms])",
    'rate(a{w="5m"}[1h])': 'rate(a{w="5m"}[30000ms])',
    "a offset 1d > 300": "a offset 720000ms > 300",
    "max_over_time(a[30m:1m])": "max_over_time(a[15000ms:500ms])",
    "slo:ratio_rate5m > 0.0144": "slo:ratio_rate5m > 0.0144",
    "sum by (w1h) (a) * 1e3": "sum by (w1h) (a) * 1e3",
    "a # over 5m\n > 1": "a # over 5m\n > 1",
    "rate(a[1h30m])": "rate(a[45000ms])",
    "'5m' == `1h`": "'5m' == `1h`",
}
RULES = """\
groups:
  - name: g
    interval: 30s
    rules:
      - record: r
        expr: rate(a[5m])
      - alert: A
        expr: r > 1
        for: 10m
        keep_firing_for: 1h
        labels: {severity: critical}
        annotations: {summary: for 10m}
"""


@pytest.mark.parametrize("expr", EXPRESSIONS)
def test_durations_of_an_expression(expr: str) -> None:
    assert lapse.expression(expr, 120) == EXPRESSIONS[expr]


def test_durations_of_rules_and_nothing_else() -> None:
    (group,) = yaml.safe_load(lapse.rules(RULES, 120))["groups"]
    record, alert = group["rules"]
    assert (group["interval"], record["expr"]) == ("250ms", "rate(a[2500ms])")
    assert (alert["for"], alert["keep_firing_for"], alert["annotations"]) == (
        "5000ms",
        "30000ms",
        {"summary": "for 10m"},
    )


@pytest.mark.parametrize("text", ["", "a: 1", "groups: [{rules: [{alert: A}]}]", "groups: {", "[]", "groups: 5"])
def test_what_is_no_file_of_rules(text: str) -> None:
    with pytest.raises(BadConfig):
        lapse.rules(text)


def test_the_shortest_range_holds_enough_scrapes() -> None:
    assert lapse.scrape_interval(RULES, 120) == 0.5
    assert lapse.scrape_interval(RULES.replace("5m", "30s"), 120) == 0.1
    assert lapse.scrape_interval(RULES, 240) == pytest.approx(0.3125)


def test_names_that_nothing_follows() -> None:
    bare = lapse.bare_names('absent(up) or sum by (a) (rate(b{c="d"}[5m])) unless e == 1 # f')
    assert list(bare) == ["up", "or", "sum", "a", "c", "unless", "e"]


def test_promises_follow_from_the_windows() -> None:
    promise = Promise([Objective(99.9, "P", "T")], 120, 0.5)
    assert (promise.fires, promise.arrives) == (pytest.approx(3.5), pytest.approx(1.25))
    assert (promise.resolves, promise.gone) == (pytest.approx(18.5), pytest.approx(9.75))
    ninety = Promise([Objective(90, "P", "T")], 120, 0.5)
    assert ninety.fires == pytest.approx(16), "14.4 times ten percent is more than all events"
