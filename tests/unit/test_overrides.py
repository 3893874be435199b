"""Overrides as they are recorded: what they say, what they conflict with, when they end."""

from __future__ import annotations

from datetime import date

import pytest

from platformctl import answers
from platformctl.errors import BadConfig
from platformctl.overrides import Override, overlap, value_at, with_values

HEAD = "schema: 1\nservice: svc-one\npath: service\nversion: 1.0.0\nanswers: {name: svc-one}\noverrides:\n"
WHY = "why: because, decided_by: payments, since: 2026-11-30"


def entry(target: str, more: str = "") -> str:
    return f"- {{{target}, {WHY}{more}}}\n"


def read(*entries: str) -> answers.Answers:
    return answers.read((HEAD + "".join(entries)).encode(), "svc-one/.platformctl.yaml")


def test_a_record_comes_back_as_it_was_written() -> None:
    given = [
        entry("input: protection.reviews, value: 2", ", until: 2027-02-28"),
        entry("file: CODEOWNERS"),
        entry("step: dashboard"),
    ]
    record = read(*given)
    assert [one.target for one in record.overrides] == ["protection.reviews", "file:CODEOWNERS", "step:dashboard"]
    again = answers.read(record.to_text().encode(), "x")
    assert [one.to_record() for one in again.overrides] == [one.to_record() for one in record.overrides]
    assert again.overrides[0].until == date(2027, 2, 28)
    assert again.to_text() == record.to_text()


def test_a_record_without_overrides_says_nothing_of_them() -> None:
    assert "overrides" not in answers.Answers("svc-one", "service", "1.0.0", {"name": "svc-one"}).to_text()


CONFLICTS = {
    "the same input": ("input: a.b, value: 1", "input: a.b, value: 2"),
    "a part of an input": ("input: a.b, value: {c: 1}", "input: a.b.c, value: 2"),
    "a file twice": ("file: x", "file: x"),
    "a step and its input": ("step: a", "input: a.b, value: 1"),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_two_overrides_of_one_thing_are_both_named(case: str) -> None:
    one, other = CONFLICTS[case]
    with pytest.raises(BadConfig) as caught:
        read(entry(one), entry(other))
    assert caught.value.where == "svc-one/.platformctl.yaml:8"
    assert "svc-one/.platformctl.yaml:7" in caught.value.hint


@pytest.mark.parametrize(
    "pair",
    [("input: a.b, value: 1", "input: a.c, value: 1"), ("input: a.b, value: 1", "step: b"), ("file: x", "file: y")],
)
def test_two_overrides_of_two_things_stand_together(pair: tuple[str, str]) -> None:
    record = read(*map(entry, pair))
    assert len(record.overrides) == 2
    assert not overlap(*record.overrides)


BAD = {
    "nothing": entry("value: 1"),
    "two things": entry("file: x, step: y"),
    "an input without a value": entry("input: a.b"),
    "an input of no step": entry("input: b, value: 1"),
    "no reason": "- {file: x, decided_by: a, since: 2026-11-30}\n",
    "an absolute path": entry("file: /etc/passwd"),
    "a day that there is not": entry("file: x", ", until: 2027-02-30"),
    "a word for a day": entry("file: x", ", until: soon"),
    "a field that nobody knows": entry("file: x", ", because: y"),
}


@pytest.mark.parametrize("case", BAD)
def test_entries_that_cannot_be_used_are_said_with_their_line(case: str) -> None:
    with pytest.raises(BadConfig) as caught:
        read(BAD[case])
    assert caught.value.where == "svc-one/.platformctl.yaml:7"


def test_the_last_day_is_one_on_which_it_holds() -> None:
    one = Override("w", "d", date(2026, 1, 1), date(2026, 2, 1), file="x")
    assert [one.holds(date(2026, 2, day)) for day in (1, 2)] == [True, False]
    assert Override("w", "d", date(2026, 1, 1), file="x").holds(date(2099, 1, 1))


def test_values_go_where_they_belong_and_leave_the_rest() -> None:
    given = {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    about = {"why": "w", "decided_by": "d", "since": date(2026, 1, 1)}
    whole = with_values(given, [Override(**about, input="s.a.c.d", value=9), Override(**about, input="s.f.g", value=8)])
    assert whole == {"a": {"b": 1, "c": {"d": 9}}, "e": 3, "f": {"g": 8}}
    assert given == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    assert [value_at(whole, place.split(".")) for place in ("a.c.d", "a.x", "e.f")] == [9, None, None]
