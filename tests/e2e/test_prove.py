"""`prove` with real programs: green for what golden paths make, red for every defect that is planted in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Final

import pytest

from tests.defects import DEFECTS, Defect
from tests.e2e.proven import Proof, Service

KINDS: Final[Mapping[str, Sequence[str]]] = {
    "service in Python": ("service",),
    "service in Go": ("service", "--language", "go"),
    "worker in Python": ("worker",),
}
"""Every golden path for developers in every language."""
SAMPLE: Final = (
    "dashboard: a metric's name is mistyped",
    "rules: a page at ten times the burn",
    "alertmanager: pages and tickets in one group",
    "service: its log has no team",
)
"""One defect of each artefact, all at once; `make soak` plants every one by itself."""
OTHERWISE: Final[Mapping[str, str]] = {
    "dashboard: a text for a number": "Burn rate gridPos.w",
    "dashboard: a number for a text": "refresh",
    "dashboard: an environment that nobody chose": "Replicas production",
    "dashboard: two panels have one number": "id 3",
    "dashboard: a data source that nobody chose": "Quantiles $source",
    "rules: vectors that match more than once": "slo:current_burn_rate:ratio",
}
"""Words of a proof where the checker has others."""
UNSEEN: Final[Mapping[str, str]] = {
    "dashboard: a budget ten times too large": "what a panel should show is known to who knows the promise",
    "dashboard: another panel's limit": "a limit is a limit",
    "dashboard: a rate over less than two scrapes": "a proof scrapes more often",
    "rules: a rate over less than two scrapes": "a proof scrapes more often",
    "rules: a page that never ends": "what fires when metrics stop is not seen to end",
    "rules: ten days for a day": "nobody waits for so long",
    "rules: thirty hours for half an hour": "nobody waits for so long",
    "rules: a replica too many": "no proof runs as many replicas",
    "rules: mebibytes are recorded": "the limit is the environment's",
    "alertmanager: a page does not hide its ticket": "tickets are sent before the pages that would hide them",
    "rules: whatever waits is a backlog": "nothing waits while it is driven",
    "rules: failures a second for failures": "what is driven fails more than twice a second",
}
"""Defects that the checker sees and a proof does not, with the reason."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Service]:
    """A service of a kind, made once."""
    made: dict[str, Service] = {}

    def of(kind: str) -> Service:
        if kind not in made:
            made[kind] = Service.made(tmp_path_factory.mktemp("proven"), *KINDS[kind])
        return made[kind]

    return of


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_service_is_observable(kind: str, service: Callable[[str], Service]) -> None:
    one = service(kind)
    proof = one.prove("--report", "proof.html")
    assert proof.failed == {}
    assert proof.code == 0
    assert proof.evidence["proven"] is True
    assert {check["verdict"] for check in proof.evidence["checks"]} == {"passed"}
    assert "trigger" in {page["action"] for page in proof.evidence["pages"] if page["severity"] == "critical"}
    assert f"{one.name} is observable" in (one.clone / "proof.html").read_text(encoding="utf-8")
    assert one.world.processes() == []


def kind_of(defect: Defect) -> str:
    """The kind of service that a defect is planted in."""
    return "service in Python" if "service" in defect.paths else "worker in Python"


def planted(defect: Defect, one: Service) -> Proof:
    """What a proof says with the defect."""
    with one.planted(defect):
        return one.prove()


def red(proof: Proof, defect: Defect) -> None:
    """The proof failed and says who is to blame."""
    assert proof.code == 1
    words = [word.strip("'\"").lower() for word in OTHERWISE.get(str(defect), defect.culprit).split()]
    named = [said for said in proof.failed.values() if all(word in said.lower() for word in words)]
    assert named, json.dumps(proof.failed, indent=1)


def test_defects_are_named(service: Callable[[str], Service]) -> None:
    one = service("service in Python")
    sample = [defect for defect in DEFECTS if str(defect) in SAMPLE]
    assert len(sample) == len(SAMPLE)
    with ExitStack() as planting:
        for defect in sample:
            planting.enter_context(one.planted(defect))
        proof = one.prove()
    for defect in sample:
        red(proof, defect)
    assert one.world.processes() == []


@pytest.mark.soak
@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_every_defect_is_named(defect: Defect, service: Callable[[str], Service]) -> None:
    proof = planted(defect, service(kind_of(defect)))
    if str(defect) in UNSEEN:
        assert proof.failed == {}, "a proof sees it by now: take it off the list"
    else:
        red(proof, defect)
