"""What an event does to counters is measured, not believed."""

from __future__ import annotations

from platformctl.proof.measured import Counter, counters, snapshot
from platformctl.stack.prometheus import Sample


def key(name: str, **labels: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({"__name__": name, **labels}.items()))


def test_counters_are_those_that_grow_with_every_event() -> None:
    before = {key("n_count", code="200"): 5.0, key("bytes"): 100.0, key("g"): 3.0}
    between = {key("n_count", code="200"): 17.0, key("bytes"): 131.0, key("g"): 2.0}
    after = {**between, key("n_count", code="500"): 1.0, key("bytes"): 140.0}
    found = {counter.series: (counter.good, counter.failing) for counter in counters(before, between, after, 12, 1)}
    assert found == {'n_count{code="200"}': (1, 0), 'n_count{code="500"}': (0, 1)}


def test_all_buckets_grow_as_their_count_does() -> None:
    before = {key("d_bucket", le="0.5"): 0.0, key("d_bucket", le="+Inf"): 0.0, key("d_count"): 0.0}
    between = {key("d_bucket", le="0.5"): 1.0, key("d_bucket", le="+Inf"): 2.0, key("d_count"): 2.0}
    found = counters(before, between, between, 2, 1)
    assert {(one.labels["__name__"], one.labels.get("le"), one.good) for one in found} == {
        ("d_bucket", "0.5", 1),
        ("d_bucket", "+Inf", 1),
        ("d_count", None, 1),
    }


def test_a_slow_event_is_in_the_buckets_above_it() -> None:
    within = Counter({"__name__": "d_bucket", "le": "0.5"}, 1, 1)
    above = Counter({"__name__": "d_bucket", "le": "+Inf"}, 1, 1)
    assert [one.holds(0.5) for one in (within, above, Counter({"__name__": "d_count"}, 1, 1))] == [False, True, True]


def test_what_rules_record_is_no_measurement() -> None:
    given = [Sample({"__name__": name}, 0, 1) for name in ("a", "slo:a:b", "ALERTS", "ALERTS_FOR_STATE")]
    assert snapshot([*given, Sample({"__name__": "b"}, 0, float("nan"))]) == {key("a"): 1}
