"""The journal: durable, readable after any kill, and the order of runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from platformctl import journal
from platformctl.errors import BadConfig, NotFound
from platformctl.events import Stream, Type
from platformctl.journal import Journal
from platformctl.model import Change, Kind, Plane


def change(address: str, kind: Kind = Kind.CREATE, **more: str) -> Change:
    return Change(address, kind, "s", Plane.DEVELOPER, "thing", **more)


def begin(folder: Path, run: str, service: str = "svc") -> tuple[Stream, Journal]:
    written = Journal(folder, run)
    stream = Stream([written], run=run, service=service)
    stream.emit(Type.RUN_STARTED, data={"command": "new", "answers": {}})
    return stream, written


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    stream, written = begin(tmp_path, "r1")
    stream.emit(Type.CHANGE_STARTED, change=change("a"))
    stream.emit(Type.STEP_STARTED, step="not kept")
    stream.emit(Type.CHANGE_APPLIED, change=change("a", left="rev"))
    assert journal.find(tmp_path, "r1").status == "unfinished"
    stream.emit(Type.RUN_FINISHED, status="done")
    run = journal.find(tmp_path, "r1")
    assert (run.status, run.command, run.service) == ("done", "new", "svc")
    assert [(item.address, item.left) for item in run.changes] == [("a", "rev")]
    assert [event.type for event in run.events].count(Type.STEP_STARTED) == 0
    written.close()


def test_a_line_that_a_kill_cut_off_is_not_there(tmp_path: Path) -> None:
    stream, written = begin(tmp_path, "r1")
    stream.emit(Type.CHANGE_STARTED, change=change("a"))
    whole = written.file.read_bytes()
    for cut in range(len(whole)):
        written.file.write_bytes(whole[:cut])
        found = journal.read(written.file)
        assert (found is None) == (whole[:cut].count(b"\n") == 0)
    written.file.write_bytes(whole[:-5])
    again = Journal(tmp_path, "r1")
    Stream([again], run="r1", service="svc").emit(Type.RUN_FINISHED, status="done")
    assert [event.type for event in journal.find(tmp_path, "r1").events] == [Type.RUN_STARTED, Type.RUN_FINISHED]


def test_a_line_that_a_full_disk_cut_off_does_not_spoil_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, _ = begin(tmp_path, "r1")
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, line: write(handle, line[: len(line) // 2]))
        with pytest.raises(OSError, match="No space left"):
            stream.emit(Type.STEP_FINISHED, step="s")
    stream.emit(Type.RUN_FINISHED, status="failed")
    assert journal.find(tmp_path, "r1").status == "failed"


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    _, written = begin(tmp_path, "r1")
    with written.file.open("ab") as file:
        file.write(b"{]\n")
    with pytest.raises(BadConfig, match=r"r1\.ndjson:2"):
        journal.find(tmp_path, "r1")


def test_changes_of_a_resumed_run_are_joined_and_undone_ones_are_gone(tmp_path: Path) -> None:
    stream, _ = begin(tmp_path, "r1")
    stream.emit(Type.CHANGE_STARTED, change=change("a", revision="r0"))
    stream.emit(Type.CHANGE_STARTED, change=change("b"))
    stream.emit(Type.CHANGE_APPLIED, change=change("b", left="rb"))
    stream.emit(Type.CHANGE_STARTED, change=change("a", Kind.UPDATE, revision="r1"))
    stream.emit(Type.CHANGE_APPLIED, change=change("a", Kind.UPDATE, left="r2"))
    stream.emit(Type.CHANGE_UNDONE, change=change("b"))
    (only,) = journal.find(tmp_path, "r1").changes
    assert (only.address, only.kind, only.revision, only.left) == ("a", Kind.CREATE, "r0", "r2")


def test_runs_are_found_by_their_ends_and_listed_newest_first(tmp_path: Path) -> None:
    for run, service in (("1-api-aa", "api"), ("2-my-api-bb", "my-api"), ("3-api-cc", "api")):
        begin(tmp_path, run, service)
    assert [run.id for run in journal.runs(tmp_path)] == ["3-api-cc", "2-my-api-bb", "1-api-aa"]
    assert [run.id for run in journal.runs(tmp_path, "api")] == ["3-api-cc", "1-api-aa"]
    assert journal.find(tmp_path, "last").id == "3-api-cc"
    assert journal.find(tmp_path, "bb").id == journal.find(tmp_path, "2-").id == "2-my-api-bb"
    for name in ("zz", "../x", ""):
        with pytest.raises(NotFound):
            journal.find(tmp_path, name)


def test_names_of_runs_sort_by_time() -> None:
    assert journal.new_run_id("svc") <= journal.new_run_id("svc")[:19] + "~"
