"""How files came to differ: told from the history, and from what stands there now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from platformctl.backends.forge import Commit
from platformctl.backends.forge.local import LocalForge
from platformctl.model import Change, Drift, File, Kind, Owner, Plane
from platformctl.resources.file_commits import message
from platformctl.resources.files import Files

OURS = Owner("svc", "20261123-000000000-svc-0000")
SETTINGS = {"default_branch": "main"}
Step = tuple[str, Owner | None, dict[str, str | None]]
"""A commit: what it says, whose it is, and its files."""

MADE: Step = ("Create", OURS, {"a": "1\n", "b": "1\n"})
BY_HAND: Step = ("By hand", None, {"a": "mine\n"})
TAKEN_BACK: Step = ("Take it back", None, {"a": "1\n"})
UPDATED: Step = ("Update a", OURS, {"a": "2\n"})
DELETED: Step = ("Away", None, {"a": None})
TAKEN_AWAY: Step = ("Remove a", OURS, {"a": None})
MODE = "as a program"


def forge_of(folder: Path, steps: tuple[Step, ...]) -> LocalForge:
    """A repository with these commits."""
    forge = LocalForge(folder, "acme")
    forge.create_repository("svc", SETTINGS, OURS)
    head = ""
    for subject, owner, files in steps:
        tree = {
            path: None if text is None else File(text.encode(), executable=subject == MODE)
            for path, text in files.items()
        }
        head = forge.commit("svc", "main", head, Commit(tree, message(subject, owner)))
    return forge


@pytest.mark.parametrize(
    ("steps", "wanted", "drift"),
    [
        ((MADE, BY_HAND), "1\n", Drift.EDITED),
        ((MADE,), "2\n", Drift.BEHIND),
        ((MADE, BY_HAND, TAKEN_BACK), "2\n", Drift.BEHIND),
        ((MADE, UPDATED, TAKEN_BACK), "2\n", Drift.EDITED),
        ((MADE, BY_HAND, UPDATED), "3\n", Drift.BEHIND),
        ((MADE, (MODE, None, {"a": "1\n"})), "1\n", Drift.EDITED),
        ((MADE, DELETED), "1\n", Drift.MISSING),
        ((MADE, TAKEN_AWAY), "1\n", Drift.BEHIND),
        ((("Create", OURS, {"b": "1\n"}),), "1\n", Drift.BEHIND),
        ((("Start", None, {"a": "1\n"}), ("Adopt", OURS, {"b": "1\n"})), "2\n", Drift.EDITED),
    ],
)
def test_the_class_of_a_file(steps: tuple[Step, ...], wanted: str, drift: Drift, tmp_path: Path) -> None:
    action = Files(forge_of(tmp_path, steps))
    inputs = {"repository": "svc", "files": [{"a": File(wanted.encode()), "b": File(b"1\n")}]}
    assert classes(action, inputs) == {"a": drift}


@pytest.mark.parametrize(
    ("owner", "drift"), [(OURS, Drift.BEHIND), (None, Drift.EDITED)], ids=["of ours", "somebody's"]
)
def test_a_file_too_many_in_a_folder(owner: Owner | None, drift: Drift, tmp_path: Path) -> None:
    steps = (("Create", OURS, {"f/a": "1\n"}), ("More", owner, {"f/x": "1\n"}))
    action = Files(forge_of(tmp_path, steps))
    inputs = {"repository": "svc", "under": "f", "files": [{"a": File(b"1\n")}]}
    assert classes(action, inputs) == {"x": drift}


def classes(action: Files, inputs: dict[str, Any]) -> dict[str, Drift]:
    """Every file that differs, with its class."""
    ((address, seen),) = action.observe(inputs).items()
    lines = tuple(action.differences(inputs, address, seen))
    after = action.desired(inputs)[address]
    change = Change(address, Kind.UPDATE, "files", Plane.DEVELOPER, "files", seen.value, after, seen.revision, lines)
    return {line.what: action.drift(inputs, change, line, seen) for line in lines}


Written = Callable[[str], str]
RECORD = """\
schema: 1
service: svc
path: service
version: 1.0.0
answers:
  name: svc
  team: payments
  tier: standard
  slo:
    availability: 99.9
    events_per_day: 10000
overrides:
- file: Dockerfile
  why: it is ours
  decided_by: ada
  since: '2026-11-01'
"""
SAME: dict[str, Written] = {
    "comments": lambda text: "# ours\n" + text.replace("tier:", "# why\n  tier:"),
    "another order": lambda text: text.replace("  team: payments\n", "").replace("slo:", "team: payments\n  slo:"),
    "quotes": lambda text: text.replace("team: payments", 'team: "payments"'),
    "a number otherwise": lambda text: text.replace("99.9", "99.90"),
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "without a default": lambda text: text.replace("  tier: standard\n", ""),
    "without a default within": lambda text: text.replace("    events_per_day: 10000\n", ""),
}
OTHER: dict[str, Written] = {
    "another answer": lambda text: text.replace("standard", "batch"),
    "another number": lambda text: text.replace("99.9", "99.5"),
    "another override": lambda text: text.replace("it is ours", "because"),
    "no override": lambda text: text.partition("overrides:")[0],
    "another version": lambda text: text.replace("version: 1.0.0", "version: 1.1.0"),
    "no record": lambda text: "a: [",
}


@pytest.mark.parametrize("how", [*SAME, *OTHER])
def test_a_record_by_hand_is_compared_by_what_it_says(how: str, tmp_path: Path) -> None:
    by_hand = {**SAME, **OTHER}[how](RECORD)
    action = Files(forge_of(tmp_path, (("Create", OURS, {".platformctl.yaml": by_hand}),)))
    inputs = {"repository": "svc", "files": [{".platformctl.yaml": File(RECORD.encode())}]}
    assert bool(classes(action, inputs)) == (how in OTHER)


def test_a_default_that_was_left_out_is_written_when_another_answer_is_given(tmp_path: Path) -> None:
    """What the record leaves out is the answer of before, and not the new one."""
    by_hand = SAME["without a default"](RECORD)
    action = Files(forge_of(tmp_path, (("Create", OURS, {".platformctl.yaml": by_hand}),)))
    new = RECORD.replace("standard", "batch")
    previous = {"files": [{".platformctl.yaml": File(RECORD.encode())}]}
    files = [{".platformctl.yaml": File(new.encode())}]
    assert list(classes(action, {"repository": "svc", "files": files, "previous": previous})) == [".platformctl.yaml"]
    same = {"repository": "svc", "files": previous["files"], "previous": previous}
    assert classes(action, same) == {}
