"""Doctor tells what there is to tell, and nothing else: a sample of the corpus, and by `make soak` all of it.

The complete run writes `docs/accuracy.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from platformctl.model import Drift, Plane
from tests.drifts.case import Case, plane_of
from tests.drifts.corpus import corpus, sample
from tests.drifts.counting import Tally
from tests.drifts.report import report
from tests.drifts.stands import Stands
from tests.drifts.trial import Trial, attempt

REPORT = Path(__file__).parents[2] / "docs" / "accuracy.md"
STANDS = ("embedded", "Grafana 13", "GitHub")

DEVELOPER, DELIVERY, RESOURCE, MONITORING, SECURITY = Plane
EDITED, BEHIND, AWAY, MISSING, FOREIGN, UNREADABLE = Drift
CELLS = {
    *((plane, drift) for plane in (DEVELOPER, RESOURCE) for drift in Drift),
    *((DELIVERY, drift) for drift in (BEHIND, AWAY, MISSING, UNREADABLE)),
    *((MONITORING, drift) for drift in (BEHIND, AWAY, MISSING, FOREIGN, UNREADABLE)),
    *((SECURITY, drift) for drift in (EDITED, BEHIND, AWAY, MISSING, UNREADABLE)),
}
"""Every class on every plane that has it."""
NEEDED = {"embedded": CELLS - {(SECURITY, EDITED)}, "GitHub": {(SECURITY, EDITED)}}
"""Those that the sample has to have."""


def tried(cases: Iterable[Case], stands: Stands) -> Iterator[Trial]:
    """Try cases out, one after the other."""
    for case in cases:
        with stands.entered(case.stand) as stand:
            yield attempt(case, stand)


@pytest.fixture(scope="session")
def stands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stands]:
    with Stands(tmp_path_factory.mktemp("stands")) as made:
        yield made


def test_the_corpus_is_large_enough_and_the_same_each_time() -> None:
    first, second = corpus(), corpus()
    assert [(str(case), case.seed) for case in first] == [(str(case), case.seed) for case in second]
    assert sum(not case.harmless for case in first) >= 300 and sum(case.harmless for case in first) >= 300
    assert len(sample()) >= 40 and {case.stand for case in sample()} == set(STANDS)


@pytest.mark.parametrize("stand", STANDS)
def test_a_sample_is_told_as_it_is(stand: str, stands: Stands) -> None:
    trials = list(tried((case for case in sample() if case.stand == stand), stands))
    wrong = [str(trial) for trial in trials if not trial.perfect]
    assert not wrong, "\n".join(wrong)
    tally = Tally.of(trials)
    assert list(tally.short()) == []
    assert set(tally.cells) >= NEEDED.get(stand, set())


@pytest.mark.soak
def test_the_whole_corpus_is_told_as_it_is(stands: Stands) -> None:
    tally = Tally.of(tried(corpus(), stands))
    REPORT.write_text(report(tally), encoding="utf-8")
    assert set(tally.cells) == CELLS
    assert {plane_of(name[0]) for trial in tally.trials for name in trial.truth} == set(Plane)
    wrong = [str(trial) for trial in tally.trials if not trial.perfect and not trial.case.short]
    assert not wrong, "\n".join(wrong)
    assert list(Tally.of(trial for trial in tally.trials if not trial.case.short).short()) == []


@pytest.mark.parametrize("blind", ["findings", "classes", "calm"])
def test_a_doctor_that_is_made_worse_gets_worse_figures(
    blind: str, stands: Stands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures come from doctor: without what it knows they fall."""
    from platformctl.commands import diagnosis
    from platformctl.engine import drift

    found = drift.findings
    if blind == "findings":
        monkeypatch.setattr(drift, "findings", lambda *about: found(*about)[1:])
    elif blind == "classes":
        monkeypatch.setattr(drift, "_class", lambda *about: Drift.OUT_OF_BAND)
    else:
        monkeypatch.setattr(diagnosis, "_unreadable", lambda *about: iter(()))
    names = ("a managed file: altered", "settings: archived", "protection: merge commits", "Terraform fails")
    cases = [next(case for case in corpus() if case.kinds[0].name == name) for name in names]
    whole = Tally.of(tried(cases, stands)).whole
    assert (whole.recall < 1.0) == (blind != "classes") and (whole.class_right < 0.98) == (blind == "classes")
