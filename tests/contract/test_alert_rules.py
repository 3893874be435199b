"""`alert_rules` on a folder: killed anywhere, it is finished or undone, and nothing of others is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from platformctl.action import Left, Undone
from platformctl.backends.alerting.files import AlertingFiles
from platformctl.errors import BadRecipe, Moved
from platformctl.model import Change, Drift, File, Kind, Plane, differences
from platformctl.resources.alert_rules import AlertRules
from tests.contract.test_alerting import everything, put, routing


class Killed(BaseException):
    """Nothing is cleaned up."""


TOUCHES = ("open", "mkdir", "replace", "unlink", "rmdir")


def killed(number: int, work: Callable[[], object]) -> bool:
    """Whether this work was killed, which it is before it touches the disk for the n-th time."""
    left = iter(range(number))

    def deadly(name: str) -> Callable[..., Any]:
        real = getattr(Path, name)

        def touch(path: Path, *arguments: Any, **options: Any) -> Any:
            writes = name != "open" or "wb" in arguments
            if writes and next(left, None) is None:
                raise Killed
            return real(path, *arguments, **options)

        return touch

    with pytest.MonkeyPatch.context() as patch:
        for name in TOUCHES:
            patch.setattr(Path, name, deadly(name))
        try:
            work()
        except Killed:
            return True
    return False


def inputs(rules: str, paging: str = "env:KEY") -> dict[str, Any]:
    fragment = json.dumps(routing("a", paging)).encode()
    files = {"rules.yml": File(rules.encode()), "routing.json": File(fragment)}
    return {"files": files, "service": "a", "environment": "staging"}


ONE, TWO = inputs("groups: [1]\n"), inputs("groups: [2]\n", "env:OTHER")


def change(action: AlertRules, given: dict[str, Any], run: str) -> Change:
    """What a plan would change, after a trip through a journal."""
    (address, wanted), (seen,) = *action.desired(given).items(), action.observe(given).values()
    kind = Kind.CREATE if seen.value is None else Kind.UPDATE
    plane, uses = Plane.MONITORING, "alert_rules"
    planned = Change(address, kind, "s", plane, uses, before=seen.value, after=wanted, revision=seen.revision)
    return Change.from_json({**json.loads(json.dumps(planned.to_json())), "owner": {"service": "a", "run": run}})


def stage(folder: Path, *steps: dict[str, Any]) -> tuple[AlertRules, list[Change]]:
    """A folder with another service, in which these inputs were applied one after the other."""
    files = AlertingFiles(folder / "monitoring", folder / "lock")
    put(files, "b")
    action = AlertRules(files)
    done = []
    for number, given in enumerate(steps):
        done.append(change(action, given, f"run-{number}"))
        action.apply(given, done[-1])
    return action, done


EARLIER = pytest.mark.parametrize("earlier", [[], [ONE]], ids=["creation", "update"])


@EARLIER
@pytest.mark.parametrize("ending", ["again", "undo"])
def test_a_run_that_was_killed_anywhere_is_finished_or_undone(
    ending: str, earlier: list[dict[str, Any]], tmp_path: Path
) -> None:
    stage(tmp_path / "old", *earlier)
    stage(tmp_path / "new", *earlier, TWO)
    for number in count():
        folder = tmp_path / str(number)
        action, _ = stage(folder, *earlier)
        planned = change(action, TWO, "run-9")
        if not killed(number, lambda: action.apply(TWO, planned)):  # noqa: B023 - called here
            break
        if ending == "again":
            action.apply(TWO, change(action, TWO, "run-10"))
            assert everything(folder / "monitoring") == everything(tmp_path / "new" / "monitoring"), number
        assert action.undo(planned) == Undone()
        assert everything(folder / "monitoring") == everything(tmp_path / "old" / "monitoring"), number
    assert number > 10


@EARLIER
def test_an_undo_that_was_killed_anywhere_is_undone_again(earlier: list[dict[str, Any]], tmp_path: Path) -> None:
    stage(tmp_path / "old", *earlier)
    for number in count():
        folder = tmp_path / str(number)
        action, done = stage(folder, *earlier, TWO)
        if not killed(number, lambda: action.undo(done[-1])):  # noqa: B023 - called here
            break
        assert action.undo(done[-1]) == Undone()
        assert everything(folder / "monitoring") == everything(tmp_path / "old" / "monitoring"), number
    assert number > 10


def test_undo_leaves_what_is_no_longer_as_the_run_left_it(tmp_path: Path) -> None:
    action, (first, _) = stage(tmp_path, ONE, TWO)
    before = everything(tmp_path / "monitoring")
    assert action.undo(first) == Left("it was changed since")
    assert everything(tmp_path / "monitoring") == before


def test_an_edit_of_the_shared_file_is_a_change_that_undo_does_not_bring_back(tmp_path: Path) -> None:
    action, _ = stage(tmp_path, ONE)
    before = everything(tmp_path / "monitoring")
    (tmp_path / "monitoring" / "alertmanager.yml").write_text("route: {receiver: default}\n")
    repair = change(action, ONE, "run-2")
    assert repair.before == {**repair.after, "shared configuration": "something else"}
    action.apply(ONE, repair)
    assert everything(tmp_path / "monitoring") == before
    assert isinstance(action.undo(repair), Left)
    assert everything(tmp_path / "monitoring") == before


def test_an_alert_that_lost_its_revision_is_not_overwritten(tmp_path: Path) -> None:
    action, _ = stage(tmp_path, ONE)
    late = change(action, TWO, "run-2")
    (tmp_path / "monitoring" / "rules" / "staging" / "a.yml").write_text("groups: [3]\n")
    before = everything(tmp_path / "monitoring")
    with pytest.raises(Moved):
        action.apply(TWO, late)
    assert everything(tmp_path / "monitoring") == before


def test_people_are_told_where_the_key_has_to_be(tmp_path: Path) -> None:
    action, _ = stage(tmp_path)
    (note,) = action.notes(ONE, action.observe(ONE))
    assert "/etc/alertmanager/paging/env-KEY" in note


@pytest.mark.parametrize("files", [[], {}, {"rules.yml": File(b"")}, {**ONE["files"], "more": File(b"")}])
def test_other_files_than_those_of_alerts_are_refused(files: Any, tmp_path: Path) -> None:
    with pytest.raises(BadRecipe, match=r"steps\.alerts\.outputs\.files"):
        stage(tmp_path)[0].desired({**ONE, "files": files})


EDITS: dict[str, tuple[Callable[[Path], object], dict[str, Drift]]] = {
    "rules edited": (lambda folder: rules_of(folder).write_text("x"), {"rules": Drift.OUT_OF_BAND}),
    "rules deleted": (lambda folder: rules_of(folder).unlink(), {"rules": Drift.MISSING}),
    "routing edited": (
        lambda folder: routing_of(folder).write_text(json.dumps(routing("a", "env:MINE"))),
        {"routing.paging": Drift.OUT_OF_BAND},
    ),
    "routing damaged": (lambda folder: routing_of(folder).write_text("{"), {"routing": Drift.OUT_OF_BAND}),
    "routing deleted": (lambda folder: routing_of(folder).unlink(), {"routing": Drift.MISSING}),
    "the shared file edited": (
        lambda folder: (folder / "alertmanager.yml").write_text(""),
        {"shared configuration": Drift.OUT_OF_BAND},
    ),
    "the shared file deleted": (
        lambda folder: (folder / "alertmanager.yml").unlink(),
        {"shared configuration": Drift.MISSING},
    ),
}


def rules_of(folder: Path) -> Path:
    return folder / "rules/staging/a.yml"


def routing_of(folder: Path) -> Path:
    return folder / "fragments/staging/a.json"


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("moved_on", [False, True], ids=["same", "moved on"])
def test_each_part_is_told_with_how_it_came_to_differ(edit: str, moved_on: bool, tmp_path: Path) -> None:
    """Nothing is told of a part but what has become of it, whatever has become of the others."""
    action, _ = stage(tmp_path, ONE)
    plant, found = EDITS[edit]
    plant(tmp_path / "monitoring")
    wanted = TWO if moved_on else ONE
    behind = {"rules": Drift.BEHIND, "routing.paging": Drift.BEHIND} if moved_on else {}
    if "routing" in found:
        behind.pop("routing.paging", None)
    assert classes(action, wanted) == {**behind, **found}


def classes(action: AlertRules, given: dict[str, Any]) -> dict[str, Drift]:
    """Every part that differs, with its class."""
    (seen,), planned = action.observe(given).values(), change(action, given, "run-9")
    lines = differences(planned.after, planned.before)
    return {line.what: action.drift(given, planned, line, seen) for line in lines}
