"""Who goes when, what a gate says, how far a campaign is: cases as data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from platformctl.campaign.burndown import burndown
from platformctl.campaign.gate import Word, gate
from platformctl.campaign.member import State
from platformctl.campaign.rehearsed import Rehearsed, Verdict
from platformctl.campaign.story import Campaign, replayed
from platformctl.campaign.waves import Size, divided, is_size, ordered
from platformctl.commands.campaign_call import Advance
from platformctl.events import Event, Type

BEGAN = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


def seen(name: str, verdict: str = "clean", team: str = "t", *needs: str) -> Rehearsed:
    return Rehearsed(name, Verdict(verdict), team, "1.0.0", depends_on=needs)


def going(count: int) -> list[Rehearsed]:
    return [seen(f"s{number}") for number in range(count)]


ORDERS: list[tuple[str, list[Rehearsed], list[str]]] = [
    ("by name", [seen("b"), seen("a")], ["a", "b"]),
    (
        "what needs nobody first, what nothing can be done about last",
        [
            seen("a", "unreadable"),
            seen("b", "blocked"),
            seen("c", "conflicts"),
            seen("d", "merges"),
            seen("e"),
            seen("f", "proposed"),
        ],
        ["f", "e", "d", "c", "b", "a"],
    ),
    (
        "each team's first before any team's second",
        [seen("a", "clean", "x"), seen("b", "clean", "x"), seen("c", "clean", "y"), seen("d", "clean", "y")],
        ["a", "c", "b", "d"],
    ),
    (
        "whom fewer depend on first",
        [seen("a"), seen("b", "clean", "t", "a"), seen("c", "clean", "t", "a", "b"), seen("d", "clean", "t", "c")],
        ["d", "b", "c", "a"],
    ),
    (
        "who is there or outside goes nowhere, and what depends on others counts all the same",
        [seen("a"), seen("b"), seen("c", "there", "t", "a"), seen("d", "outside", "t", "a")],
        ["b", "a"],
    ),
    ("who has declined is not asked again", [seen("a", "declined"), seen("b")], ["b"]),
]


@pytest.mark.parametrize(("found", "names"), [pytest.param(*case[1:], id=case[0]) for case in ORDERS])
def test_services_have_an_order(found: list[Rehearsed], names: list[str]) -> None:
    assert [one.service for one in ordered(found)] == names
    assert [one.service for one in ordered(reversed(found))] == names


DIVISIONS: list[tuple[str, int, list[Size], list[int], bool]] = [
    ("the default", 200, [1, "10%", "50%", "100%"], [1, 19, 80, 100], False),
    ("of few", 3, [1, "10%", "50%", "100%"], [1, 1, 1], False),
    ("of one", 1, [1, "10%", "50%", "100%"], [1], False),
    ("of none", 0, [1, "100%"], [], False),
    ("shares are rounded up", 12, ["10%", "50%", "100%"], [2, 4, 6], False),
    ("numbers count from the first on", 10, [2, 5, "100%"], [2, 3, 5], False),
    ("more than there are", 3, [5], [3], False),
    ("what was not asked for waits", 10, [1, "50%"], [1, 4, 5], True),
    ("one that asks for no more than the last is none", 10, ["50%", 2, "100%"], [5, 5], False),
]


@pytest.mark.parametrize(
    ("count", "sizes", "lengths", "rest"), [pytest.param(*case[1:], id=case[0]) for case in DIVISIONS]
)
def test_waves_divide_everybody_once(count: int, sizes: list[Size], lengths: list[int], rest: bool) -> None:
    everybody = going(count)
    waves = divided(everybody, sizes)
    assert [len(names) for names in waves.names] == lengths and waves.rest is rest
    assert [name for names in waves.names for name in names] == [one.service for one in everybody]


def test_a_wave_may_be_a_team() -> None:
    services = [seen("a", "clean", "x"), seen("b", "clean", "y"), seen("c", "clean", "y"), seen("d", "clean", "z")]
    assert divided(services, [1, "team:y", "team:y", "75%", "100%"]).names == (("a",), ("b", "c"), ("d",))
    assert divided(services, ["team:y", "50%", "100%"]).names == (("b", "c"), ("a", "d"))


@pytest.mark.parametrize("text", ["1", "10%", "100%", "team:a-b"])
def test_a_size_is_a_number_a_share_or_a_team(text: str) -> None:
    assert is_size(text)


@pytest.mark.parametrize("text", ["0", "0%", "101%", "x", "team:", "-1", "1.5", ""])
def test_everything_else_is_no_size(text: str) -> None:
    assert not is_size(text)


def begun(
    waves: Sequence[Sequence[str]], failures: int = 20, *, rest: bool = False, services: Sequence[Rehearsed] = ()
) -> list[Event]:
    """How a campaign starts."""
    found = services or [seen(name) for names in waves for name in names]
    data = {"organisation": "o", "team": "", "settings": [], "failures": failures, "rest": rest}
    data |= {"waves": [list(names) for names in waves], "services": [one.to_json() for one in found]}
    return [Event(Type.CAMPAIGN_STARTED, BEGAN, campaign="c", path="p", version="1.1.0", data=data)]


def told(*story: tuple[Any, ...], hours: float = 0) -> list[Event]:
    """What happened next: `(service, state)`, `("wave", n)`, `("go", passed, *accepted)`, `("pause", why, by)`."""
    events = []
    for what, *rest in story:
        at = BEGAN + timedelta(hours=hours)
        match what:
            case "wave":
                events.append(Event(Type.CAMPAIGN_WAVE, at, data={"wave": rest[0]}))
            case "go":
                events.append(Event(Type.CAMPAIGN_RESUMED, at, data={"passed": rest[0], "accepted": rest[1:]}))
            case "pause":
                events.append(Event(Type.CAMPAIGN_PAUSED, at, message=rest[0], status="".join(rest[1:])))
            case "end":
                events.append(Event(Type.CAMPAIGN_FINISHED, at, status=rest[0]))
            case _:
                events.append(Event(Type.CAMPAIGN_SERVICE, at, service=what, status=rest[0], data={"url": "u"}))
    return events


FIVE = (("a",), ("b", "c", "d", "e", "f"), ("g",))
TWO = [("a", "done"), ("wave", 2)]
GATES: list[tuple[str, list[tuple[Any, ...]], Word, str]] = [
    ("its turn has not come", [], Word.SHUT, "1 of wave 1"),
    ("a merge is waited for", [("a", "proposed")], Word.SHUT, "1 of wave 1"),
    ("a person is waited for", [("a", "conflicts")], Word.SHUT, "1 of wave 1"),
    ("health is waited for", [("a", "merged")], Word.SHUT, "1 of wave 1"),
    ("all is well", [("a", "done")], Word.OPEN, ""),
    ("it was there", [("a", "there")], Word.OPEN, ""),
    ("nothing can be done about it", [("a", "blocked")], Word.OPEN, ""),
    ("a canary that fails", [("a", "failed")], Word.PAUSE, "1 of 1 in wave 1 failed, and 20% may; first a: failed"),
    ("a canary that declines", [("a", "declined")], Word.PAUSE, "first a: declined"),
    ("a failure within bounds", [*TWO, ("b", "failed"), *[(x, "done") for x in "cdef"]], Word.OPEN, ""),
    ("the others are waited for", [*TWO, ("b", "failed"), ("c", "done")], Word.SHUT, "3 of wave 2"),
    ("one too many, before the others", [*TWO, ("b", "failed"), ("c", "declined")], Word.PAUSE, "2 of 5 in wave 2"),
    ("an accepted one", [("a", "failed"), ("go", 0, "a")], Word.OPEN, ""),
    ("a wave that is passed", [("a", "proposed"), ("go", 1)], Word.OPEN, ""),
    ("a passed one that fails later", [("a", "proposed"), ("go", 1), ("wave", 2), ("a", "declined")], Word.PAUSE, ""),
    ("one that is mended", [("a", "failed"), ("a", "done")], Word.OPEN, ""),
]


@pytest.mark.parametrize(("story", "word", "why"), [pytest.param(*case[1:], id=case[0]) for case in GATES])
def test_a_gate_opens_when_a_wave_is_merged_and_healthy(story: list[tuple[Any, ...]], word: Word, why: str) -> None:
    campaign = replayed([*begun(FIVE), *told(*story)])
    assert campaign is not None
    found = gate(campaign)
    assert found.word is word and why in found.why


@pytest.mark.parametrize(("failures", "failed", "word"), [(0, 1, Word.PAUSE), (40, 2, Word.OPEN), (40, 3, Word.PAUSE)])
def test_so_much_may_fail(failures: int, failed: int, word: Word) -> None:
    states = [(name, "failed" if at < failed else "done") for at, name in enumerate("bcdef")]
    campaign = replayed([*begun(FIVE, failures), *told(*TWO, *states)])
    assert campaign is not None and gate(campaign).word is word


def test_what_no_wave_was_asked_for_begins_on_a_persons_word() -> None:
    story = [*begun((("a",), ("b",)), rest=True), *told(("a", "done"))]
    campaign = replayed(story)
    assert campaign is not None and gate(campaign).word is Word.REST
    campaign = replayed([*story, *told(("pause", "x"), ("go", 1))])
    assert campaign is not None and gate(campaign).word is Word.OPEN and not campaign.paused


CODES: list[tuple[str, list[tuple[Any, ...]], dict[str, str], int]] = [
    ("it waits", [("a", "proposed")], {}, 3),
    ("all is done", [("a", "done"), ("end", "done")], {}, 0),
    ("a person has ended it", [("a", "proposed"), ("end", "ended")], {}, 3),
    ("a person has paused it", [("pause", "release week", "by a person")], {}, 3),
    ("the rest waits for a person's word", [("pause", "x", "as planned")], {}, 3),
    ("it has paused itself", [("a", "declined"), ("pause", "x", "by itself")], {}, 1),
    ("it goes on after that", [("a", "declined"), ("pause", "x", "by itself"), ("go", 0, "a")], {}, 3),
    ("a person has ended it after that", [("pause", "x", "by itself"), ("end", "ended")], {}, 3),
    ("one has failed", [*TWO, ("b", "failed")], {}, 1),
    ("one has failed, and was accepted", [*TWO, ("b", "failed"), ("go", 0, "b")], {}, 3),
    ("one has declined, as some may", [*TWO, ("b", "declined")], {}, 3),
    ("one could not be looked at", [("a", "proposed")], {"a": "it gives no answer"}, 1),
]


@pytest.mark.parametrize(("story", "unseen", "code"), [pytest.param(*case[1:], id=case[0]) for case in CODES])
def test_a_call_exits_as_somebody_is_needed(story: list[tuple[Any, ...]], unseen: dict[str, str], code: int) -> None:
    campaign = replayed([*begun(FIVE), *told(*story)])
    assert campaign is not None and Advance(campaign, (), unseen, "", 0, 0).code == code


def test_what_is_at_hand_is_of_waves_that_have_begun_and_goes_on_where_a_call_stopped() -> None:
    campaign = replayed([*begun(FIVE), *told(*TWO, ("c", "done"), ("e", "failed"))])
    assert campaign is not None
    assert [one.service for one in campaign.at_hand()] == ["b", "d", "e", "f"]
    campaign.hear(Event(Type.CAMPAIGN_STOPPED, BEGAN, data={"next": "e"}))
    assert [one.service for one in campaign.at_hand()] == ["e", "f", "b", "d"]
    campaign.hear(Event(Type.CAMPAIGN_STOPPED, BEGAN, data={"next": "c"}))
    assert [one.service for one in campaign.at_hand()] == ["b", "d", "e", "f"], "it is over"


def test_a_campaign_begins_as_it_was_rehearsed() -> None:
    found = [seen("a"), seen("b", "there"), seen("c", "blocked"), seen("d", "unreadable"), seen("e", "proposed")]
    found.append(seen("f", "declined"))
    campaign = Campaign(begun((("a", "e"), ("c", "d")), services=found)[0])
    assert {name: (one.state, one.wave) for name, one in campaign.members.items()} == {
        "a": (State.WAITING, 1),
        "b": (State.THERE, 0),
        "c": (State.BLOCKED, 2),
        "d": (State.BLOCKED, 2),
        "e": (State.WAITING, 1),
        "f": (State.DECLINED, 0),
    }
    assert campaign.status == "running" and [one.service for one in campaign.left] == ["a", "c", "d", "e"]


def test_the_burndown_counts_by_wave_by_team_and_at_the_end_of_each_day() -> None:
    services = [seen("a", "clean", "x"), seen("b", "clean", "y"), seen("c", "there", "y")]
    events = begun((("a",), ("b",)), services=services)
    events += told(("a", "proposed"))  # before midnight
    events += told(("a", "done"), ("wave", 2), ("b", "proposed"), hours=1)
    events += told(("b", "declined"), ("end", "done"), hours=49)
    found = burndown(events).to_json()
    assert found["counts"] == {"done": 1, "there": 1, "declined": 1}
    assert found["waves"] == [
        {"wave": 0, "counts": {"there": 1}},
        {"wave": 1, "counts": {"done": 1}},
        {"wave": 2, "counts": {"declined": 1}},
    ]
    assert found["teams"] == [
        {"team": "x", "counts": {"done": 1}},
        {"team": "y", "counts": {"there": 1, "declined": 1}},
    ]
    assert [(date.fromisoformat(one["day"]).day, one["left"]) for one in found["days"]] == [(30, 2), (1, 1), (3, 0)]
    assert found["days"][0]["counts"] == {"there": 1, "proposed": 1, "waiting": 1}


def test_what_was_written_reads_back() -> None:
    events = [*begun(FIVE), *told(*TWO, ("b", "failed"), ("pause", "x"), ("go", 0, "b"), ("end", "ended"))]
    again = replayed(Event.from_json(event.to_json()) for event in events)
    first = replayed(events)
    assert again is not None and first is not None and again.to_json() == first.to_json()
    assert again.status == "ended"
