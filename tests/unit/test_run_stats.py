"""What `runs stats` makes of journals: how runs ended, how long they took, and what was proven."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from platformctl import config, journal
from platformctl.commands.run_stats import Options, Spread, Stats, stats
from platformctl.commands.session import Session
from platformctl.errors import BadInput
from platformctl.events import Event, Type
from platformctl.home import Home
from platformctl.journal import Journal
from platformctl.model import Plane
from platformctl.reporters.run_stats_lines import run_stats_lines
from platformctl.wiring import Wiring

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)

Told = tuple[str, float, dict[str, Any]]
"""Of one event: what happened (a run's end by its status), the second in which it did, and more fields."""


def start(second: float, command: str = "new") -> Told:
    data = {"command": command, "organisation": "local", "answers": {}}
    return "start", second, {"type_": Type.RUN_STARTED, "data": data}


def step(second: float, id_: str, took: float, status: str = "applied", plane: Plane = Plane.RESOURCE) -> Told:
    about = {"step": id_, "plane": plane, "status": status, "duration": took}
    return "step", second, {"type_": Type.STEP_FINISHED, **about}


def end(second: float, status: str, took: float | None = None, cause: str = "") -> Told:
    return "end", second, {"type_": Type.RUN_FINISHED, "status": status, "duration": took, "cause": cause}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    home = Home(tmp_path)
    home.prepare()
    return Session(home, Wiring(config.load(home), home), (), "runs stats")


def write(session: Session, *told: Told, service: str = "svc", path: str = "service") -> Path:
    """A journal of a run in which this happened."""
    at = BEGAN + timedelta(seconds=told[0][1])
    run = f"{at:%Y%m%d-%H%M%S}{at.microsecond // 1000:03d}-{service}-{os.urandom(2).hex()}"
    written = Journal(session.home.runs, run)
    for _, second, fields in told:
        given = {**fields, "run": run, "service": service, "path": path}
        written(Event(given.pop("type_"), BEGAN + timedelta(seconds=second), **given))
    written.close()
    return written.file


def of(session: Session, **options: str) -> Stats:
    return stats(Options(**options), session)


def shown(found: Stats) -> list[str]:
    return ["".join(text for _, text in line).rstrip() for line in run_stats_lines(found)]


def test_without_runs_there_is_one_line(session: Session) -> None:
    assert shown(of(session)) == ["There has been no such run yet."]


@pytest.mark.parametrize(
    ("values", "p50", "p95"),
    [
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([1, 2, 3], 2, 3),
        (range(1, 21), 10, 19),
        (range(1, 101), 50, 95),
        (range(1, 102), 51, 96),
    ],
)
def test_percentiles_are_of_the_nearest_rank(values: Iterable[float], p50: float, p95: float) -> None:
    spread = Spread(tuple(values))
    assert (spread.percentile(50), spread.percentile(95)) == (p50, p95)


@pytest.mark.parametrize(
    ("told", "stands", "success"),
    [
        ([start(0)], "unfinished", {"unfinished": 1}),
        ([start(0), end(1, "done")], "done", {"succeeded": 1, "rate": 1.0}),
        ([start(0), end(1, "proposed")], "proposed", {"succeeded": 1, "rate": 1.0}),
        ([start(0), end(1, "interrupted", cause="user")], "interrupted", {"interrupted": 1}),
        ([start(0), end(1, "failed", cause="user")], "failed", {"user": 1}),
        ([start(0), end(1, "failed", cause="recipe")], "failed", {"recipe": 1, "rate": 0.0}),
        ([start(0), end(1, "failed", cause="platform")], "failed", {"platform": 1, "rate": 0.0}),
        (
            [start(0), end(1, "failed", cause="third_party"), start(2, "resume"), end(3, "done")],
            "done",
            {"third_party": 1, "succeeded": 1, "rate": 0.5},
        ),
        ([start(0), start(2, "resume"), end(3, "done")], "done", {"unfinished": 1, "succeeded": 1, "rate": 1.0}),
        ([start(0), end(1, "done"), end(2, "undone")], "undone", {"succeeded": 1, "rate": 1.0}),
        ([start(0), end(2, "undone")], "undone", {"unfinished": 1}),
        ([start(0), end(1, "done"), end(2, "partly undone")], "partly undone", {"succeeded": 1, "rate": 1.0}),
        ([start(0), end(1, "done"), start(2, "resume")], "unfinished", {"unfinished": 1, "succeeded": 1, "rate": 1.0}),
    ],
)
def test_how_runs_ended(session: Session, told: list[Told], stands: str, success: dict[str, float]) -> None:
    write(session, *told)
    found = of(session).to_json()
    assert found["runs"] == {"new": {stands: 1}}
    counted = {**found["success"], **found["success"]["failed"]}
    del counted["failed"], counted["rate_by_cause"]
    assert {
        name: value for name, value in counted.items() if value is not None and (value or name == "rate")
    } == success


def test_the_rate_counts_what_the_platform_answers_for_and_each_cause_by_itself(session: Session) -> None:
    second = 0
    for cause, count in {"": 6, "user": 5, "recipe": 1, "platform": 2, "third_party": 3}.items():
        for _ in range(count):
            write(session, start(second), end(second, "failed" if cause else "done", cause=cause))
            second += 1
    assert of(session).success.to_json()["rate"] == 0.5
    assert of(session).success.to_json()["rate_by_cause"] == {
        "user": round(6 / 11, 4),
        "recipe": round(6 / 7, 4),
        "platform": 0.75,
        "third_party": round(6 / 9, 4),
    }
    assert shown(of(session))[3:8] == [
        "Success       50.0% of 12 attempts",
        "  recipe          1 failed    85.7%",
        "  platform        2 failed    75.0%",
        "  third_party     3 failed    66.7%",
        "  not counted: 5 for the user to mend, 0 interrupted, 0 unfinished",
    ]


def test_seconds_are_of_runs_that_did_all_their_work_and_of_steps_that_did_some(session: Session) -> None:
    write(session, start(0), step(1, "a", 0.5), step(1, "b", 2.0), step(1, "c", 9.0, "skipped"), end(3, "done", 3.0))
    write(session, start(10), step(11, "a", 1.5), step(12, "b", 9.0, "failed"), end(12, "failed", 7.0, "platform"))
    write(session, start(20), end(21, "failed", 1.0, "platform"), start(22, "resume"), end(23, "done", 0.25))
    write(session, start(30), step(31, "a", 3.0), step(32, "b", 9.0, "unchanged"), end(33, "done", 5.0))
    for number, status in enumerate(("rendered", "waiting", "left out")):
        write(session, start(34), step(35, f"{number}", 9.0, status))
    write(session, start(40, "configure"), step(41, "a", 8.0), end(44, "done", 4.0))
    found = of(session)
    assert {command: spread.values for command, spread in found.runs.items()} == {"new": (3, 5), "configure": (4,)}
    assert [(step, spread.values) for step, spread in found.steps["new"].items()] == [
        (("a", "resource"), (0.5, 1.5, 3.0)),
        (("b", "resource"), (2.0,)),
    ]
    rows = [line.split() for line in shown(found)]
    assert ["new", "2", "3.00", "5.00"] in rows and ["resource", "a", "3", "1.50", "3.00"] in rows


@pytest.mark.parametrize(
    ("told", "made", "proven"),
    [
        ([[start(0), end(5, "done")]], 1, []),
        ([[start(0), end(5, "done")], [start(6, "prove"), end(60, "done")]], 1, [60]),
        ([[start(0, "apply"), end(5, "proposed")], [start(6, "prove"), end(60, "done")]], 1, [60]),
        ([[start(0), end(5, "failed")], [start(6, "prove"), end(60, "done")]], 0, []),
        (
            [[start(0), end(5, "failed"), start(7, "resume"), end(9, "done")], [start(10, "prove"), end(60, "done")]],
            1,
            [60],
        ),
        ([[start(0), end(5, "done")], [start(6, "prove"), end(60, "failed")]], 1, []),
        (
            [
                [start(0), end(5, "done")],
                [start(6, "prove"), end(40, "failed")],
                [start(50, "prove"), end(90, "done")],
                [start(91, "prove"), end(100, "done")],
            ],
            1,
            [90],
        ),
        ([[start(0), end(5, "done"), end(10, "undone")], [start(11, "prove"), end(60, "done")]], 0, []),
        ([[start(0), end(5, "done"), end(70, "undone")], [start(6, "prove"), end(60, "done")]], 1, [60]),
        (
            [
                [start(0), end(5, "done"), end(10, "undone")],
                [start(20), end(25, "done")],
                [start(26, "prove"), end(60, "done")],
            ],
            1,
            [40],
        ),
        (
            [[start(0), end(5, "done")], [start(20), end(25, "done")], [start(26, "prove"), end(60, "done")]],
            1,
            [60],
        ),
        (
            [
                [start(0), end(5, "done")],
                [start(20), end(25, "done"), end(30, "undone")],
                [start(31, "prove"), end(60, "done")],
            ],
            1,
            [60],
        ),
        ([[start(0, "configure"), end(5, "done")], [start(6, "prove"), end(60, "done")]], 0, []),
        ([[start(0, "prove"), end(1, "done")], [start(2), end(5, "done")]], 1, []),
    ],
)
def test_from_new_to_proven(session: Session, told: list[list[Told]], made: int, proven: list[float]) -> None:
    for run in told:
        write(session, *run)
    found = of(session)
    assert (found.made, list(found.proven.values)) == (made, proven)
    assert any(f"{len(proven)} of {made} services made are proven." in line for line in shown(found)) == (made > 0)


def test_services_are_told_apart_and_the_best_and_the_worst_shown(session: Session) -> None:
    for service, took in (("a", 50), ("b", 80), ("c", 0)):
        write(session, start(0), end(5, "done"), service=service)
        if took:
            write(session, start(6, "prove"), end(took, "done"), service=service)
    lines = shown(of(session))
    assert lines[-3].split() == ["from", "new", "to", "proven", "2", "50.00", "80.00"]
    assert lines[-2:] == ["  best 50.00, worst 80.00", "2 of 3 services made are proven."]


def test_only_what_was_asked_for_counts(session: Session) -> None:
    day = 24 * 3600
    write(session, start(0), end(1, "done"), service="old")
    write(session, start(9 * day), end(9 * day, "done"), service="new-one", path="worker")
    foreign = start(9 * day)
    foreign[2]["data"]["organisation"] = "another"
    write(session, foreign, end(9 * day, "done"))
    assert of(session, service="one").ended == of(session, path="base").ended == {}
    for options in ({"service": "new-one"}, {"path": "worker"}, {"since": "2026-11-10"}):
        assert of(session, **options).ended == {"new": {"done": 1}}, options
    for options in ({}, {"since": "2026-11-01"}, {"since": "99999d"}):
        assert of(session, **options).ended == {"new": {"done": 2}}, options
    assert of(session, since="2026-11-11").ended == {}


@pytest.mark.parametrize("since", ["30", "d", "-3d", "2026-13-01", "yesterday", "٣d", "9" * 30 + "d", "9" * 5000 + "d"])
def test_what_is_no_time_is_said(session: Session, since: str) -> None:
    with pytest.raises(BadInput, match="is no time"):
        of(session, since=since)


def test_days_count_back_from_now(session: Session) -> None:
    now = (datetime.now(UTC) - BEGAN).total_seconds()
    write(session, start(now - 47 * 3600), end(now, "done"))
    assert of(session, since="2d").ended and not of(session, since="1d").ended


def test_damaged_journals_are_left_out_and_named(session: Session) -> None:
    write(session, start(0), end(1, "done"))
    for number, content in enumerate((b"garbage\n", b'{"type": "run_finished", "at": "2026-11-01T00:00:00Z"}\n')):
        (session.home.runs / f"2-{number}.ndjson").write_bytes(content)
    (session.home.runs / "3-begun.ndjson").write_bytes(b'{"type": "run_st')
    found = of(session)
    assert found.ended == {"new": {"done": 1}}
    assert [Path(where).name for where in found.damaged] == ["2-1.ndjson:1", "2-0.ndjson:1"]


def test_journals_from_before_steps_were_kept_are_read(session: Session) -> None:
    file = write(session, start(0), step(1, "a", 1.0), end(2, "done", 2.0))
    lines = [line for line in file.read_bytes().splitlines(keepends=True) if b"step_finished" not in line]
    assert len(lines) == 2
    file.write_bytes(b"".join(lines))
    found = of(session)
    assert (found.runs["new"].values, found.steps["new"]) == ((2.0,), {})


def test_all_fits_eighty_columns(session: Session) -> None:
    for number, status in enumerate(("done", "proposed", "failed", "interrupted", "undone", "partly undone", "")):
        ends = [end(1, status, 123456.789, "third_party")] if status else []
        write(session, start(0, "configure"), step(1, f"{number}-" + "long" * 20, 123456.789), *ends)
    write(session, start(0), end(9, "done"))
    lines = shown(of(session))
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == [*("Runs", "all", "done", "proposed", "failed", "interrupted", "unfinished", "undone")]
    assert lines[1].split() == ["configure", "7", "1", "1", "1", "1", "1", "2"]


def test_steps_are_kept_without_waiting_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Journal(tmp_path, "r1")
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    for type_, fields in ((Type.RUN_STARTED, {"data": {"answers": {}}}), (Type.STEP_FINISHED, {"duration": 1.5})):
        written(Event(type_, BEGAN, **fields))
    assert len(synced) == 1
    run = journal.read(written.file)
    assert run is not None and [event.duration for event in run.events] == [None, 1.5]


def test_an_outline_has_all_but_the_changes(session: Session) -> None:
    file = write(session, start(0), step(1, "a", 1.0), end(2, "done"))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([lines[0], b'{"type": "change_started", "change": null}\n', *lines[1:]]))
    (events,) = journal.outlines(session.home.runs)
    assert [event.type for event in events] == [Type.RUN_STARTED, Type.STEP_FINISHED, Type.RUN_FINISHED]  # type: ignore[union-attr]
