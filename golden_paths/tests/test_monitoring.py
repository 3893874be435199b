"""What a service is watched with is right, and a defect that is planted in it is found and its culprit named.

Each test is a layer of `tests/checker`, and sees the artefacts of both golden paths, whole and with every defect of
`tests/defects` that is its own. Defects that show only in a service that runs are left to `platformctl prove`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import yaml
from test_golden import FIXED, VERSIONS, Version, every_case
from watched import CASES, NEWEST, OTHERS, Case, each, rendered

from tests.checker import Finding, delivery, evaluated, form, lint, queries, routes, samples, scenarios, truth
from tests.checker.promise import PROMISES
from tests.checker.timelines import timelines
from tests.defects import DEFECTS
from tests.grafana import types
from tests.prometheus import Prometheus, running, stored

BEGIN: Final = 1_767_225_600.0
END: Final = BEGIN + samples.LENGTH
"""Two hours on the first of January 2026."""
SETTLED: Final = BEGIN + 607
"""From here on everything has a rate; it lies between two scrapes, as the moment does at which somebody looks."""

every_path = pytest.mark.parametrize("path", PROMISES)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Finding]]:
    """What the types do not allow in every dashboard that is looked at here, by its text."""
    texts = {case.text for case in CASES if case.layer == "types"}
    texts |= {one.tree(case)["dashboard.json"].content.decode() for one in VERSIONS for case in one.cases}
    return types.findings({text: json.loads(text) for text in texts}, tmp_path_factory.mktemp("types"))


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It knows the services of both paths."""
    known = {name: value for promise in PROMISES.values() for name, value in samples.series(promise)}
    data = stored(known, BEGIN, samples.LENGTH, tmp_path_factory.mktemp("data"))
    with running(data, tmp_path_factory.mktemp("prometheus")) as one:
        yield one


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """What Prometheus knows of a service up to now, by its path."""
    return {path: evaluated.data(promise, tmp_path_factory.mktemp(path)) for path, promise in PROMISES.items()}


@each("dashboard", "types")
def test_types(case: Case, typed: Mapping[str, list[Finding]]) -> None:
    """A defect is one for the oldest Grafana, whatever later ones make of it."""
    oldest = f"Grafana {types.VERSIONS[0]}:"
    case.judge(finding for finding in typed.get(case.text, ()) if not case.defect or oldest in finding.what)


def test_every_version_of_grafana_has_types(typed: Mapping[str, list[Finding]]) -> None:
    said = Counter(finding.what.partition(":")[0] for findings in typed.values() for finding in findings)
    assert said.keys() == {f"Grafana {version}" for version in types.VERSIONS}


@each("dashboard", "form")
def test_form(case: Case) -> None:
    case.judge(form.findings(case.dashboard, case.promise))


@each("dashboard", "queries")
def test_queries(case: Case, prometheus: Prometheus) -> None:
    case.judge(queries.findings(case.dashboard, prometheus, SETTLED, END))


@each("dashboard", "truth")
def test_truth(case: Case, prometheus: Prometheus) -> None:
    environments = samples.ENVIRONMENTS
    found = [truth.findings(case.dashboard, case.promise, prometheus, END, name) for name in environments]
    case.judge(finding for findings in found for finding in findings)


@each("rules", "lint")
def test_lint_of_rules(case: Case, tmp_path: Path) -> None:
    case.judge(lint.of_rules(case.text, case.promise, tmp_path))


@each("rules", "evaluated")
def test_evaluated(case: Case, lived: Mapping[str, Path], tmp_path: Path) -> None:
    case.judge(evaluated.findings(case.text, lived[case.path], tmp_path))


@each("rules", "scenarios")
def test_scenarios(case: Case, tmp_path: Path) -> None:
    """A defect says in which timeline it is seen; whole rules go through all of them."""
    chosen = [one for one in timelines(case.promise) if not case.defect or one.name == case.defect.at]
    case.judge(scenarios.findings(case.text, case.promise, chosen, tmp_path))


@each("alertmanager", "lint")
def test_lint_of_alertmanager(case: Case, tmp_path: Path) -> None:
    case.judge(lint.of_configuration(case.text, tmp_path))


@each("alertmanager", "routes")
def test_routes(case: Case, tmp_path: Path) -> None:
    case.judge(routes.findings(case.text, (case.promise, OTHERS[case.path]), tmp_path))


@each("alertmanager", "delivery")
def test_delivery(case: Case, tmp_path: Path) -> None:
    case.judge(delivery.findings(case.text, case.promise, OTHERS[case.path], tmp_path))


@every_case
def test_other_answers_do_no_harm(one: Version, case: str, typed: Mapping[str, list[Finding]], tmp_path: Path) -> None:
    """Other tiers, objectives and teams, long names and hostile texts: everything that the grid has."""
    files, given = one.tree(case), one.grid["cases"][case]
    team = {**FIXED["platform"]["team"], **given.get("platform", {}).get("team", {})}["slug"]
    promise = replace(PROMISES[one.path], service=given["answers"]["name"], team=team)
    page, rules = (files[name].content.decode() for name in ("dashboard.json", "rules.yml"))
    assert not typed.get(page)
    assert [*form.findings(json.loads(page), promise)] == []
    assert lint.of_rules(rules, promise, tmp_path) == []


@every_path
def test_every_language_is_watched_with_the_same(path: str) -> None:
    languages = NEWEST[path].recipe.inputs["properties"]["language"]["enum"]
    files = [rendered(path, PROMISES[path], language=language) for language in languages]
    for name in ("dashboard.json", "rules.yml", "routing.json"):
        assert len({one[name] for one in files}) == 1


@every_path
def test_the_checker_knows_what_the_path_promises(path: str) -> None:
    """It is told so by `promise.py` alone, which has to be about the services that are made."""
    promise = PROMISES[path]
    given = {step.id: inputs for step, inputs, _ in NEWEST[path].rendered("defaults")}
    for inputs in (given["dashboard"], given["alerts"]):
        assert (inputs["service"], inputs["team"]) == (promise.service, promise.team)
        assert inputs["signals"] == promise.signals
        assert inputs["slo"].items() <= promise.slo.items()
    gauges = {gauge["title"]: gauge["metric"] for gauge in given["dashboard"].get("saturation", ())}
    assert gauges == promise.gauges


@every_path
def test_every_alert_fires_in_a_timeline(path: str) -> None:
    promise = PROMISES[path]
    groups = yaml.safe_load(rendered(path, promise)["rules.yml"])["groups"]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    firing = [look.firing for timeline in timelines(promise) for look in timeline.looks]
    assert frozenset().union(*firing) == {f"{rule['alert']} {rule['labels']['severity']}" for rule in alerts}


def test_the_list_of_defects_is_complete() -> None:
    """Each is a test for every path that can have it; every layer, and every timeline, sees one at least."""
    here = [defect for defect in DEFECTS if defect.layer != "proof"]
    assert Counter(str(case.defect) for case in CASES if case.defect) == {str(one): len(one.paths) for one in here}
    assert len(here) >= 12
    assert {(one.artefact, one.layer) for one in here} == {(case.artefact, case.layer) for case in CASES}
    known = {timeline.name for promise in PROMISES.values() for timeline in timelines(promise)}
    assert {one.at for one in here if one.layer == "scenarios"} == known
