"""How the checks of a proof come out."""

from __future__ import annotations

import pytest

from platformctl.errors import Interrupted, ToolFailed
from platformctl.proof.checks import TITLES, Broken, Checks, LeftOut
from platformctl.proof.evidence import Verdict
from platformctl.proof.finding import Finding


def failing(problem: BaseException) -> str:
    raise problem


def test_what_needs_what_does_not_hold_is_left_out() -> None:
    checks = Checks()
    assert not checks.run("rules", lambda: failing(Broken(Finding("a rule", "wrong"))))
    assert not checks.run("alerts", lambda: "never called", needs=["rules"])
    found = {check.id: check for check in checks.all()}
    assert list(found) == list(TITLES)
    assert (found["rules"].verdict, found["rules"].culprit) == (Verdict.FAILED, "a rule")
    assert found["alerts"].verdict is Verdict.LEFT_OUT and TITLES["rules"] in found["alerts"].detail
    assert found["ended"].detail == "it was not tried"


def test_a_failure_is_a_culprit_and_an_interruption_is_none() -> None:
    checks = Checks()
    checks.run("runs", lambda: failing(ToolFailed("it ended", where="service.log", hint="look")))
    check = next(check for check in checks.all() if check.id == "runs")
    assert (check.detail, check.culprit, check.hint) == ("it ended", "service.log", "look")
    checks.run("panels", lambda: failing(LeftOut("there is none")))
    with pytest.raises(Interrupted):
        checks.run("trace", lambda: failing(Interrupted("stopped")))


def test_one_mistake_in_every_panel_is_told_at_length_once() -> None:
    checks = Checks()
    checks.run("panels", lambda: failing(Broken(*(Finding(f"panel {number}", "empty") for number in range(50)))))
    check = next(check for check in checks.all() if check.id == "panels")
    assert check.detail.endswith("; and 30 more")
    assert check.culprit.count(",") == 19
