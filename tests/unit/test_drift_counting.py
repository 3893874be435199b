"""The counting of what doctor tells can fail: a doctor that is blind, or cries wolf, gets bad figures."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from platformctl.model import Drift, Plane
from tests.drifts.case import Case, Kind, Truth, plane_of
from tests.drifts.counting import Tally
from tests.drifts.trial import Told, Trial

FILES, RULES, STATE = "files/payments-api", "alerting/payments-api/staging", "terraform/payments-api/staging"
TRUTHS: tuple[Truth, ...] = (
    {(FILES, "CODEOWNERS"): Drift.EDITED, (FILES, "catalog-info.yaml"): Drift.MISSING},
    {(RULES, "rules"): Drift.OUT_OF_BAND},
    {(RULES, ""): Drift.UNREADABLE, (STATE, "module"): Drift.BEHIND},
    {(STATE, ""): Drift.FOREIGN},
    {},
    {},
)
Doctor = Callable[[Truth], list[Told]]


def told(name: tuple[str, str], drift: Drift) -> Told:
    return Told(name, plane_of(name[0]), drift)


def honest(truth: Truth) -> list[Told]:
    return [told(name, drift) for name, drift in truth.items()]


def examined(doctor: Doctor) -> Tally:
    """What counting says of a doctor."""
    kinds = (Kind("a", lambda stand, chance: None, "a", Drift.EDITED), Kind("b", lambda stand, chance: None, "b"))
    trials = []
    for number, truth in enumerate(TRUTHS):
        case = Case(number, (kinds[0] if truth else kinds[1],), 0)
        trials.append(Trial(case, truth, tuple(doctor(truth)), 0.1))
    return Tally.of(trials)


def test_a_doctor_that_is_right_gets_full_marks() -> None:
    tally = examined(honest)
    assert (tally.whole.recall, tally.whole.precision, tally.whole.class_right) == (1.0, 1.0, 1.0)
    assert list(tally.short()) == [] and tally.alarms == [] and all(trial.perfect for trial in tally.trials)
    assert (tally.whole.cases, tally.whole.things) == (4, 6)
    assert tally.cells[Plane.DEVELOPER, Drift.EDITED].cases == 1


def test_a_blind_doctor_is_seen() -> None:
    tally = examined(lambda truth: [])
    assert (tally.whole.recall, tally.whole.found) == (0.0, 0)
    assert next(tally.short()).startswith("recall: 0.00%")
    assert [trial.perfect for trial in tally.trials] == [False] * 4 + [True] * 2


@pytest.mark.parametrize("plane", [Plane.DEVELOPER, Plane.MONITORING, Plane.RESOURCE])
def test_a_doctor_that_is_blind_on_one_plane_is_seen_there(plane: Plane) -> None:
    tally = examined(lambda truth: [one for one in honest(truth) if one.plane is not plane])
    for (where, _), cell in tally.cells.items():
        assert (cell.recall < 1.0) == (where is plane)
    assert tally.whole.recall < 1.0 and tally.whole.precision == 1.0


def test_a_doctor_that_forgets_one_thing_in_a_case_is_seen() -> None:
    tally = examined(lambda truth: honest(truth)[:1])
    assert tally.whole.recall == 4 / 6 and list(tally.short())


def test_a_doctor_that_tells_of_everything_is_seen() -> None:
    everything = [told((address, ""), Drift.OUT_OF_BAND) for address in (FILES, RULES, STATE)]
    tally = examined(lambda truth: [*honest(truth), *(one for one in everything if one.name not in truth)])
    assert tally.whole.recall == 1.0 and tally.whole.precision < 0.5
    assert len(tally.alarms) == 2 and any(line.startswith("precision") for line in tally.short())


def test_a_finding_that_is_told_twice_is_once_too_many() -> None:
    tally = examined(lambda truth: honest(truth) * 2)
    assert tally.whole.recall == 1.0 and tally.whole.precision < 1.0
    assert not tally.trials[0].perfect


def test_a_doctor_that_names_the_whole_for_the_part_has_not_told_it() -> None:
    tally = examined(lambda truth: [told((address, ""), drift) for (address, _), drift in truth.items()])
    assert tally.whole.recall < 1.0 and tally.whole.precision < 1.0


def test_a_doctor_that_mistakes_classes_is_seen() -> None:
    def mistaken(truth: Truth) -> list[Told]:
        chance = Random(1)
        return [told(name, chance.choice([one for one in Drift if one is not drift])) for name, drift in truth.items()]

    tally = examined(mistaken)
    assert tally.whole.class_right == 0.0 and sum(tally.confused.values()) == 6
    assert any(line.startswith("class right") for line in tally.short())


def test_what_could_not_be_read_and_is_told_as_drift_is_a_mistake() -> None:
    def calm(truth: Truth) -> list[Told]:
        return [told(name, Drift.MISSING if drift is Drift.UNREADABLE else drift) for name, drift in truth.items()]

    tally = examined(calm)
    assert tally.confused == {(Drift.UNREADABLE, Drift.MISSING): 1}
    assert tally.cells[Plane.MONITORING, Drift.UNREADABLE].recall == 0.0
    assert tally.cells[Plane.MONITORING, Drift.MISSING].precision == 0.0
