"""`platformctl runs stats` on journals that real runs have written."""

from __future__ import annotations

import json

from tests.e2e.sandbox import World


def test_a_services_runs_are_counted_and_timed(used: World) -> None:
    used.run("undo", "last", "--yes")
    done = used.run("runs", "stats", "--path", "service")
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert [line.split() for line in lines[:2]] == [["Runs", "all", "undone"], ["new", "1", "1"]]
    assert "Success       100.0% of 1 attempts" in lines
    assert not [line for line in lines if "proven" in line]
    result = json.loads(used.run("runs", "stats", "--path", "service", "--json").out.splitlines()[-1])["data"]
    steps = {step["step"]: step for step in result["seconds"]["new"]["steps"]}
    for step in ("repository", "infrastructure", "files", "branch_protection"):
        assert steps[step]["count"] == 1 and steps[step]["p50"] > 0
        assert f"{steps[step]['plane']:<10}  {step}" in done.out
    assert "scaffold" not in steps


def test_a_damaged_journal_is_left_out_and_said_on_standard_error(used: World) -> None:
    file = next((used.home / "runs").glob("*-base-api-*.ndjson"))
    file.write_bytes(b"garbage\n" + file.read_bytes())
    done = used.run("runs", "stats")
    assert done.code == 0
    assert done.err == f"left out: 1 damaged, the first at {file}:1\n"
    assert [line.split() for line in done.out.splitlines()[:2]] == [["Runs", "all", "done"], ["init", "1", "1"]]


def test_before_the_first_run_it_says_so_and_writes_nothing(empty: World) -> None:
    before = empty.tree()
    done = empty.run("runs", "stats")
    assert (done.code, done.out) == (0, "There has been no such run yet.\n")
    assert empty.tree() == before


def test_a_time_that_is_none_is_refused(empty: World) -> None:
    empty.refused("runs", "stats", "--since", "soon", code=2, says=["since: 'soon' is no time", "30d"])
