"""Promises that cannot be kept watch over, teams that nobody can page, dependencies that cannot be, and paths whose
signals Prometheus or whose dashboard Grafana does not take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.demo_path import DEMO, HEAD, step
from tests.e2e.sandbox import NEW, Says, World, row


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        row("everything", ["availability=100"], ["slo.availability: 100", "99.999"]),
        row("more than everything", ["availability=100.5"], ["slo.availability: 100.5"]),
        row(
            "less than one request",
            ["availability=99.99", "events_per_day=100"],
            ["slo.availability: 99.99 %", "3000 requests", "Promise at most 99.966"],
        ),
        row("no traffic", ["events_per_day=0"], ["events_per_day: 0"]),
        row("half a request", ["events_per_day=0.5"], ["events_per_day: 0.5", "integer"]),
    ],
)
def test_a_promise_that_cannot_be_alerted_on(used: World, answers: list[str], says: Says) -> None:
    given = [part for answer in answers for part in ("--set", f"slo.{answer}")]
    used.refused(*NEW, *given, code=2, says=says)


def test_a_service_that_depends_on_itself(empty: World) -> None:
    empty.refused(*NEW, "--depends-on", "ledger-api,new-api", code=2, says=["new-api cannot depend on itself"])


@pytest.mark.parametrize("way", ["--no-input", "--yes"])
def test_a_dependency_that_the_catalog_does_not_know_is_named(way: str, used: World) -> None:
    """A warning: the other service may come later."""
    done = used.run(*NEW[:-1], way, "--depends-on", "base-api,ghost-api")
    assert done.code == 0, done.err
    assert "new-api depends on ghost-api, which is not in the catalog" in done.err
    assert "depends on base-api" not in done.err


def test_a_service_made_to_depend_on_itself_later(used: World) -> None:
    command = ("configure", "base-api", "--set", "depends_on=base-api", "--no-input")
    used.refused(*command, code=2, says=["base-api cannot depend on itself"])


def test_a_team_that_nobody_can_page(empty: World) -> None:
    """Nothing is prepared either."""
    teams = "teams:\n  - {slug: ops, paging: 'env:OPS'}\n  - slug: payments\n"
    empty.write_platform(f"schema: 1\norganisation: acme\n{teams}")
    says = ["platform.yaml:5", "team payments has no paging reference", "env:NAME"]
    empty.refused(*NEW, code=2, says=says)


def test_a_key_in_place_of_a_reference_is_not_repeated(empty: World) -> None:
    key = "0123456789abcdef0123456789abcdef"
    empty.write_platform(f"schema: 1\norganisation: acme\nteams:\n  - {{slug: payments, paging: {key}}}\n")
    done = empty.refused(*NEW, code=2, says=["platform.yaml:4", "paging"])
    assert key not in done.out + done.err


SLO = "{availability: 99.9, seconds: 0.5}"


def dashboard(signals: str, more: str = "") -> str:
    """A recipe that renders a dashboard of these signals."""
    given = f"{{service: x, team: y, tier: z, environments: [staging], slo: {SLO}, signals: {signals}{more}}}"
    return HEAD + step("a", given, uses="dashboard")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        row(
            "metric with a hyphen",
            dashboard("{event: jobs, duration: job-seconds, failed: {label: a, matches: b}}"),
            ["duration", "'job-seconds'", "Prometheus 2.42"],
        ),
        row(
            "metric of other scripts",
            dashboard("{event: jobs, duration: dauer_für_jobs, failed: {label: a, matches: b}}"),
            ["duration", "Prometheus 2.42"],
        ),
        row(
            "label with a dot",
            dashboard("{event: jobs, duration: d, failed: {label: http.status, matches: b}}"),
            ["failed.label", "'http.status'"],
        ),
        row(
            "label that is Prometheus' own",
            dashboard("{event: jobs, duration: d, failed: {label: a, matches: b}, by: [__name__]}"),
            ["by.0", "'__name__'"],
        ),
        row(
            "no histogram",
            dashboard("{event: jobs, failed: {label: a, matches: b}}"),
            ["'duration' is missing"],
        ),
        row(
            "unit that Grafana does not know",
            dashboard(
                "{event: jobs, duration: d, failed: {label: a, matches: b}}",
                ", saturation: [{metric: m, title: t, unit: furlongs}]",
            ),
            ["furlongs"],
        ),
    ],
)
def test_a_path_with_signals_that_cannot_be(acme: World, recipe: Callable[..., Path], text: str, says: Says) -> None:
    recipe(text)
    acme.refused(*DEMO, code=1, says=says)
